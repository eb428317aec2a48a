//! Connecting and accepting.

use std::time::Duration;

use async_dsl::net::{Error, Limit, tcp};
use async_dsl::prelude::*;

#[async_dsl::test(threads = 2)]
async fn a_host_name_is_resolved_and_its_addresses_are_tried() {
    let listener = tcp::listen(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    // `localhost` may be ::1 first, where nobody listens.
    let conn = tcp::connect(format!("localhost:{port}")).await.unwrap();
    assert_eq!(conn.peer_addr().unwrap().port(), port);
    let dead = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let addresses = vec![dead, listener.local_addr().unwrap()];
    tcp::connect(addresses).await.unwrap();
    for wrong in ["no port", "127.0.0.1:99999", "127.0.0.1"] {
        let error = tcp::connect(wrong).await.unwrap_err();
        assert!(error.to_string().contains("write host:port"), "{error}");
    }
    let error = tcp::connect("no-such-host.invalid:1").await.unwrap_err();
    assert!(matches!(error, Error::Io(_)));
}

#[test]
fn connecting_gives_up_when_its_time_is_over() {
    let limit = Duration::from_millis(50);
    async_dsl::block_on(async_block!({
        // A listener without room, that accepts nobody.
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        socket2::SockRef::from(&socket).listen(1).unwrap();
        let address = socket.local_addr().unwrap();
        let mut kept = Vec::new();
        let error = loop {
            match tcp::Connect::new().timeout(limit).to(address).await {
                Ok(conn) => kept.push(conn),
                Err(error) => break error,
            }
            assert!(kept.len() < 100, "the listener has room without end");
        };
        assert!(matches!(error, Error::Elapsed(Limit::Connect)), "{error}");
    }));
}

#[async_dsl::test(threads = 2)]
async fn an_accept_that_loses_loses_no_connection() {
    let listener = tcp::listen(0).await.unwrap();
    let address = listener.local_addr().unwrap();
    let ticks = chan::fixed(1);
    for n in 0..20 {
        let client = go!({ tcp::connect(address).await.unwrap() });
        if n % 2 == 0 {
            put!(ticks, ()).unwrap();
        }
        let mut ticked = false;
        let conn = loop {
            alt! {
                conn = await!(listener.accept()) => break conn.unwrap(),
                _ = take!(ticks) => ticked = true,
                sleep!(100us) => {},
            }
        };
        if n % 2 == 0 && !ticked {
            take!(ticks).unwrap();
        }
        let client = client.await;
        assert_eq!(conn.peer_addr().unwrap(), client.local_addr().unwrap());
    }
}
