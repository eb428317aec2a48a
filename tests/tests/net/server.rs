//! Servers: handlers, their ends and their failures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_dsl::net::{Conn, Error, Lines, Options, tcp, unix};
use async_dsl::prelude::*;

use super::{ask, connect, echo, until};

#[async_dsl::test(threads = 2)]
async fn a_handler_may_have_state_of_its_own() {
    let calls = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&calls);
    let server = tcp::serve_lines(0, Options::new(), async move |line: String| {
        let n = seen.fetch_add(1, Ordering::Relaxed);
        sleep!(1ms);
        format!("{n} {line}")
    })
    .await
    .unwrap();
    let conn = connect(&server).await;
    assert_eq!(ask(&conn, "a").await.unwrap(), "0 a");
    let second = connect(&server).await;
    assert_eq!(ask(&second, "b").await.unwrap(), "1 b");
    assert_eq!(ask(&conn, "c").await.unwrap(), "2 c");
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    assert_eq!(server.counters().accepted, 2);
    assert_eq!(server.counters().open, 2);
}

#[async_dsl::test(threads = 2)]
async fn a_handler_over_the_connection_says_the_first_word() {
    let server = tcp::serve(0, Options::new(), async |conn: Conn| -> Result<(), Error> {
        let conn = conn.framed(Lines::new());
        put!(conn, "name?".to_string())?;
        if let Some(name) = take!(conn).transpose()? {
            put!(conn, format!("hello {name}"))?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let conn = connect(&server).await;
    assert_eq!(take!(conn).unwrap().unwrap(), "name?");
    assert_eq!(ask(&conn, "ada").await.unwrap(), "hello ada");
    assert!(take!(conn).is_none());
    until(&server, |seen| seen.open == 0).await;
}

#[async_dsl::test(threads = 2)]
async fn a_panicking_handler_closes_its_connection_and_nothing_else() {
    let server = tcp::serve_lines(0, Options::new(), async |line: String| {
        assert_ne!(line, "boom", "on purpose");
        line
    })
    .await
    .unwrap();
    let other = connect(&server).await;
    assert_eq!(ask(&other, "before").await.unwrap(), "before");
    for n in 1..=3 {
        let conn = connect(&server).await;
        assert_eq!(ask(&conn, "fine").await.unwrap(), "fine");
        assert_eq!(ask(&conn, "boom").await, None);
        until(&server, |seen| seen.panicked_handlers == n).await;
    }
    assert_eq!(ask(&other, "after").await.unwrap(), "after");
    drop(other);
    until(&server, |seen| seen.open == 0).await;
}

#[async_dsl::test(threads = 2)]
async fn a_panic_ends_the_connection_for_other_tasks_too() {
    let told = chan::fixed(1);
    let tell = told.clone();
    let server = tcp::serve(0, Options::new(), async move |conn: Conn| -> () {
        let clone = conn.clone();
        go!(|tell| {
            let taken = take!(clone);
            put!(tell, matches!(taken, Some(Err(Error::Handler)))).unwrap();
        });
        sleep!(20ms);
        panic!("on purpose");
    })
    .await
    .unwrap();
    let _conn = connect(&server).await;
    assert_eq!(take!(told), Some(true));
    until(&server, |seen| seen.open == 0).await;
}

#[async_dsl::test(threads = 2)]
async fn the_peers_end_does_not_discard_a_reply_in_flight() {
    let server = tcp::serve_lines(0, Options::new(), async |line: String| {
        sleep!(50ms);
        line
    })
    .await
    .unwrap();
    let conn = connect(&server).await;
    put!(conn, "one".to_string()).unwrap();
    put!(conn, "two".to_string()).unwrap();
    conn.close();
    assert_eq!(take!(conn).unwrap().unwrap(), "one");
    assert_eq!(take!(conn).unwrap().unwrap(), "two");
    assert!(take!(conn).is_none());
}

#[async_dsl::test(threads = 2)]
async fn what_is_not_utf8_is_answered_with_an_error() {
    let server = tcp::serve_lines(0, Options::new(), echo).await.unwrap();
    let conn = tcp::connect(server.local_addr().unwrap()).await.unwrap();
    put!(conn, b"fine\nb\xffd\nnever\n".to_vec()).unwrap();
    let conn = conn.framed(Lines::new());
    assert_eq!(take!(conn).unwrap().unwrap(), "fine");
    assert_eq!(take!(conn).unwrap().unwrap(), "error: line is not UTF-8");
    assert!(take!(conn).is_none());
    assert_eq!(server.counters().bad_frames, 1);
}

#[async_dsl::test(threads = 2)]
async fn an_endless_line_is_answered_with_an_error() {
    let server = tcp::serve_lines(0, Options::new().frame_len(1000), echo)
        .await
        .unwrap();
    let conn = tcp::connect(server.local_addr().unwrap()).await.unwrap();
    // More than the server reads at once, and no end: the reply must get through all the same.
    let writer = conn.clone();
    let writing = go!({ while put!(writer, vec![b'x'; 100_000]).is_ok() {} });
    let conn = conn.framed(Lines::new());
    assert_eq!(
        take!(conn).unwrap().unwrap(),
        "error: frame longer than 1000 bytes"
    );
    assert!(take!(conn).is_none());
    assert_eq!(server.counters().long_frames, 1);
    drop(conn);
    until(&server, |seen| seen.open == 0).await;
    writing.await;
}

#[async_dsl::test(threads = 2)]
async fn a_unix_socket_is_served_in_the_same_way() {
    let path = std::env::temp_dir().join(format!("async-dsl-net-{}", std::process::id()));
    let listener = unix::listen(&path).unwrap();
    assert!(unix::listen(&path).is_err());
    let server = listener.serve_lines(Options::new(), echo);
    let conn = unix::connect(&path).await.unwrap().framed(Lines::new());
    assert_eq!(ask(&conn, "local").await.unwrap(), "local");
    server.shutdown(1s).await;
    assert!(take!(conn).is_none());
    assert!(unix::connect(&path).await.is_err());
    std::fs::remove_file(&path).unwrap();
}

#[async_dsl::test(threads = 1)]
async fn a_flood_on_one_connection_does_not_starve_another() {
    let server = tcp::serve_lines(0, Options::new(), echo).await.unwrap();
    let address = server.local_addr().unwrap();
    let flood = tcp::connect(address).await.unwrap();
    let (putter, taker) = flood.split();
    let flooding = go!({ while put!(putter, b"x\n".repeat(20_000)).is_ok() {} });
    let drinking = go!({ while let Some(Ok(_)) = take!(taker) {} });
    let conn = connect(&server).await;
    for n in 0..100 {
        let line = n.to_string();
        assert_eq!(ask(&conn, &line).await.unwrap(), line);
    }
    flooding.cancel().await;
    drinking.cancel().await;
}
