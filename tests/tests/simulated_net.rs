//! Servers and clients on the simulated network: delays, split reads and lost connections come from the seed.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::ErrorKind;
use std::time::Duration;

use async_dsl::net::{Error, Lines, Options, tcp};
use async_dsl::prelude::*;
use async_dsl::sim::net::Links;
use async_dsl::sim::{self, Config};
use futures_lite::{AsyncReadExt, AsyncWriteExt};

#[async_dsl::test(seeds = 200)]
async fn what_is_written_arrives_in_order_and_whole() {
    let listener = tcp::listen(8080).await.unwrap();
    let text: Vec<u8> = (0..=255).cycle().take(3000).collect();
    let sender = {
        let text = text.clone();
        go!({
            let mut conn = listener.accept().await.unwrap();
            conn.write_all(&text).await.unwrap();
        })
    };
    let mut conn = tcp::connect(("localhost", 8080)).await.unwrap();
    let mut got = Vec::new();
    conn.read_to_end(&mut got).await.unwrap();
    assert_eq!(got, text);
    sender.await;
}

#[async_dsl::test(seeds = 100)]
async fn a_server_of_lines_answers_every_client() {
    let server = tcp::serve("127.0.0.1:0", Options::new(), async |conn| {
        let conn = conn.framed(Lines::new());
        while let Some(line) = take!(conn).transpose()? {
            put!(conn, line.to_uppercase())?;
        }
        Ok::<(), std::io::Error>(())
    })
    .await
    .unwrap();
    let address = server.local_addr().unwrap();
    let clients: Vec<_> = (0..3)
        .map(|client| {
            go!({
                let conn = tcp::connect(address).await.unwrap().framed(Lines::new());
                for line in 0..3 {
                    put!(conn, format!("line {line} of {client}")).unwrap();
                    let answer = take!(conn).unwrap().unwrap();
                    assert_eq!(answer, format!("LINE {line} OF {client}"));
                }
            })
        })
        .collect();
    for client in clients {
        client.await;
    }
    server.shutdown(Duration::from_secs(1)).await;
    assert!(
        tcp::connect(address).await.is_err(),
        "nobody listens any more"
    );
}

#[async_dsl::test(seeds = 50)]
async fn a_loop_that_skips_errors_ends() {
    Links::new().lost(4).set();
    let listener = tcp::listen(1).await.unwrap();
    go!({
        let conn = listener.accept().await.unwrap();
        while put!(conn, b"good\nb\xffd\n".to_vec()).is_ok() {}
    });
    let conn = tcp::connect(1).await.unwrap().framed(Lines::new());
    let mut errors = 0;
    while let Some(line) = take!(conn) {
        errors += usize::from(line.is_err());
    }
    assert_eq!(errors, 1, "a bad line or a lost connection");
    assert!(take!(conn).is_none());
}

#[async_dsl::test]
async fn addresses_are_those_of_the_simulation() {
    let error = tcp::connect(80).await.unwrap_err();
    assert!(matches!(error, Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused));
    let web = tcp::listen(80).await.unwrap();
    let taken = tcp::listen(80).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::AddrInUse);
    drop(web);
    let web = tcp::listen(80).await.unwrap();
    assert_eq!(web.local_addr().unwrap().port(), 80);
    let any = tcp::listen(0).await.unwrap();
    assert_ne!(any.local_addr().unwrap().port(), 0);
}

#[test]
fn connections_are_lost_as_the_seed_says_and_both_sides_learn_it() {
    let outcomes = &RefCell::new(HashSet::new());
    let config = Config::new().seeds(100);
    sim::check(&config, || {
        async_block!({
            Links::new().lost(8).set();
            let listener = tcp::listen(1).await.unwrap();
            let echo = go!({
                let mut conn = listener.accept().await.unwrap();
                let mut byte = [0];
                while conn.read(&mut byte).await? == 1 {
                    conn.write_all(&byte).await?;
                }
                Ok::<(), std::io::Error>(())
            });
            let mut conn = tcp::connect(1).await.unwrap();
            let mut echoed = 0;
            for byte in 0..5_u8 {
                let mut back = [0];
                if conn.write_all(&[byte]).await.is_err()
                    || conn.read_exact(&mut back).await.is_err()
                {
                    break;
                }
                assert_eq!(back, [byte]);
                echoed += 1;
            }
            drop(conn);
            let ended = echo.await;
            assert!(echoed < 5 || ended.is_ok(), "{ended:?}");
            outcomes.borrow_mut().insert(echoed);
        })
    })
    .unwrap();
    let outcomes = outcomes.borrow();
    assert!(outcomes.contains(&5) && outcomes.len() >= 3, "{outcomes:?}");
}

#[test]
fn the_network_follows_from_the_seed() {
    let program = || {
        async_block!({
            let listener = tcp::listen(8080).await.unwrap();
            go!({
                let mut conn = listener.accept().await.unwrap();
                conn.write_all(&[7; 100]).await.ok();
            });
            let mut conn = tcp::connect(8080).await.unwrap();
            let mut got = Vec::new();
            conn.read_to_end(&mut got).await.unwrap();
        })
    };
    let traces: HashSet<_> = (0..20_u64)
        .map(|seed| sim::trace(&seed.into(), program))
        .collect();
    assert!(traces.len() > 15, "{} of 20", traces.len());
    assert!((0..20_u64).all(|seed| traces.contains(&sim::trace(&seed.into(), program))));
}
