//! The end of a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_dsl::net::{Conn, Error, Lines, Options, tcp};
use async_dsl::prelude::*;
use futures_lite::future::zip;

use super::{ask, connect, echo, until};

#[async_dsl::test(threads = 2)]
async fn under_load_every_question_is_answered_or_its_connection_ended() {
    let server = tcp::serve_lines(0, Options::new(), async |line: String| {
        sleep!(1ms);
        line
    })
    .await
    .unwrap();
    let address = server.local_addr().unwrap();
    let clients: Vec<Task<u64>> = (0..50)
        .map(|client: u64| {
            go!({
                let conn = tcp::connect(address).await.unwrap().framed(Lines::new());
                let mut answered = 0;
                loop {
                    let line = format!("{client} {answered}");
                    if put!(conn, line.clone()).is_err() {
                        return answered;
                    }
                    match take!(conn) {
                        Some(Ok(answer)) => assert_eq!(answer, line, "a torn answer"),
                        // The question came when the server had ended.
                        Some(Err(Error::Io(_))) | None => return answered,
                        Some(Err(error)) => panic!("{error}"),
                    }
                    answered += 1;
                }
            })
        })
        .collect();
    until(&server, |seen| seen.open == 50).await;
    sleep!(50ms);
    let ended = server.shutdown(1min).await;
    assert_eq!((ended.finished, ended.cut), (50, 0));
    let mut answered = 0;
    for client in clients {
        answered += client.await;
    }
    assert!(answered >= 50);
    assert_eq!(server.counters().open, 0);
}

#[async_dsl::test(threads = 2)]
async fn what_hangs_is_cut_at_the_deadline() {
    let dropped = Arc::new(AtomicBool::new(false));
    /// Notes that the handler was dropped.
    struct Noted(Arc<AtomicBool>);
    impl Drop for Noted {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Release);
        }
    }
    let note = Arc::clone(&dropped);
    let server = tcp::serve_lines(0, Options::new(), async move |line: String| {
        let _noted = Noted(note);
        sleep!(1h);
        line
    })
    .await
    .unwrap();
    let conn = connect(&server).await;
    put!(conn, "hang".to_string()).unwrap();
    until(&server, |seen| seen.open == 1).await;
    sleep!(20ms);
    let ended = server.shutdown(50ms).await;
    assert_eq!((ended.finished, ended.cut), (0, 1));
    assert!(dropped.load(Ordering::Acquire));
    assert!(!matches!(take!(conn), Some(Ok(_))));
    assert_eq!((server.counters().open, server.counters().cut), (0, 1));
}

#[async_dsl::test(threads = 2)]
async fn connections_that_wait_for_a_line_end_at_once() {
    let server = tcp::serve_lines(0, Options::new(), echo).await.unwrap();
    let mut conns = Vec::new();
    for _ in 0..10 {
        let conn = connect(&server).await;
        assert_eq!(ask(&conn, "hello").await.unwrap(), "hello");
        conns.push(conn);
    }
    let silent = connect(&server).await;
    until(&server, |seen| seen.open == 11).await;
    // Far less than the deadline, even on a slow machine.
    let ended = timeout!(1min, { server.shutdown(1h).await }).unwrap();
    assert_eq!((ended.finished, ended.cut), (11, 0));
    for conn in conns.into_iter().chain([silent]) {
        assert!(take!(conn).is_none());
    }
}

#[async_dsl::test(threads = 2)]
async fn a_line_that_has_begun_to_come_is_waited_for() {
    let server = tcp::serve_lines(0, Options::new(), echo).await.unwrap();
    let conn = tcp::connect(server.local_addr().unwrap()).await.unwrap();
    put!(conn, b"first\nsecond".to_vec()).unwrap();
    assert_eq!(take!(conn).unwrap().unwrap(), b"first\n");
    let client = async_block!({
        sleep!(50ms);
        put!(conn, b" half\n".to_vec()).unwrap();
        assert_eq!(take!(conn).unwrap().unwrap(), b"second half\n");
        assert!(take!(conn).is_none());
        drop(conn);
    });
    let (ended, ()) = zip(server.shutdown(1min), client).await;
    assert_eq!((ended.finished, ended.cut), (1, 0));
}

#[async_dsl::test(threads = 2)]
async fn a_second_shutdown_does_no_harm() {
    let server = tcp::serve_lines(0, Options::new(), echo).await.unwrap();
    let _conn = connect(&server).await;
    until(&server, |seen| seen.open == 1).await;
    let (one, other) = zip(server.shutdown(1min), server.shutdown(1min)).await;
    assert_eq!(one.cut + other.cut, 0);
    let third = server.shutdown(0s).await;
    assert_eq!((third.finished, third.cut), (0, 0));
    server.wait().await;
}

#[async_dsl::test(threads = 2)]
async fn what_other_tasks_do_with_a_cut_connection_fails() {
    let told = chan::fixed(1);
    let tell = told.clone();
    let server = tcp::serve(0, Options::new(), async move |conn: Conn| {
        let taker = conn.clone();
        go!(|tell| {
            let last = take!(taker);
            put!(tell, matches!(last, Some(Err(Error::Shutdown)))).unwrap();
        });
        sleep!(1h);
        drop(conn);
    })
    .await
    .unwrap();
    let _conn = connect(&server).await;
    until(&server, |seen| seen.open == 1).await;
    server.shutdown(20ms).await;
    assert_eq!(take!(told), Some(true));
    until(&server, |seen| seen.open == 0).await;
}

#[async_dsl::test(threads = 2)]
async fn dropping_a_server_stops_accepting_and_lets_connections_go_on() {
    let server = tcp::serve_lines(0, Options::new(), echo).await.unwrap();
    let address = server.local_addr().unwrap();
    let conn = connect(&server).await;
    assert_eq!(ask(&conn, "before").await.unwrap(), "before");
    drop(server);
    let waited = async_dsl::time::now();
    while tcp::connect(address).await.is_ok() {
        assert!(waited.elapsed() < Duration::from_secs(30));
        sleep!(1ms);
    }
    assert_eq!(ask(&conn, "after").await.unwrap(), "after");
}

#[async_dsl::test(threads = 2)]
async fn a_detached_server_serves_on() {
    let server = tcp::serve_lines(0, Options::new(), echo).await.unwrap();
    let address = server.local_addr().unwrap();
    server.detach();
    let conn = tcp::connect(address).await.unwrap().framed(Lines::new());
    assert_eq!(ask(&conn, "still").await.unwrap(), "still");
}
