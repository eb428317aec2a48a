//! Every limit of a server, each with its counter.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use async_dsl::net::{Conn, Error, Limit, Lines, Options, tcp};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use futures_lite::AsyncWriteExt;

use super::{ask, connect, echo, more_descriptors, until};

const SHORT: Duration = Duration::from_millis(100);

#[async_dsl::test(threads = 2)]
async fn a_connection_without_a_first_byte_is_closed() {
    let options = Options::new().first_byte(SHORT);
    let server = tcp::serve_lines(0, options, echo).await.unwrap();
    let conn = connect(&server).await;
    let last = take!(conn).unwrap().unwrap();
    assert_eq!(last, "error: no first byte in the time given");
    assert!(take!(conn).is_none());
    assert_eq!(server.counters().no_first_byte, 1);
}

#[async_dsl::test(threads = 2)]
async fn an_idle_connection_is_closed() {
    let options = Options::new().idle(SHORT);
    let server = tcp::serve_lines(0, options, echo).await.unwrap();
    let conn = connect(&server).await;
    // No byte at all is not idle: that has its own limit.
    sleep!(150ms);
    assert_eq!(ask(&conn, "here").await.unwrap(), "here");
    let last = take!(conn).unwrap().unwrap();
    assert_eq!(last, "error: connection idle for too long");
    assert!(take!(conn).is_none());
    assert_eq!(server.counters().idle, 1);
}

#[async_dsl::test(threads = 2)]
async fn a_connection_that_is_put_into_is_not_idle() {
    let options = Options::new().idle(SHORT);
    let server = tcp::serve(0, options, async |conn: Conn| -> Result<(), Error> {
        let conn = conn.framed(Lines::new());
        take!(conn).transpose()?;
        for _ in 0..20 {
            alt! {
                line = take!(conn) => return line.transpose().map(drop),
                sleep!(20ms) => put!(conn, "news".to_string())?,
            }
        }
        // From here on it is.
        assert!(matches!(
            take!(conn),
            Some(Err(Error::Elapsed(Limit::Idle)))
        ));
        put!(conn, "idle".to_string())?;
        Ok(())
    })
    .await
    .unwrap();
    let conn = connect(&server).await;
    put!(conn, "subscribe".to_string()).unwrap();
    for _ in 0..20 {
        assert_eq!(take!(conn).unwrap().unwrap(), "news");
    }
    assert_eq!(take!(conn).unwrap().unwrap(), "idle");
    assert!(take!(conn).is_none());
}

#[async_dsl::test(threads = 2)]
async fn a_byte_now_and_then_does_not_keep_a_frame_alive() {
    let options = Options::new().frame_time(SHORT).idle(None).first_byte(None);
    let server = tcp::serve_lines(0, options, echo).await.unwrap();
    let conn = tcp::connect(server.local_addr().unwrap()).await.unwrap();
    let (putter, taker) = conn.split();
    let slow_loris = go!({
        while put!(putter, b"x".to_vec()).is_ok() {
            sleep!(2ms);
        }
    });
    let mut reply = Vec::new();
    while let Some(Ok(chunk)) = take!(taker) {
        reply.extend(chunk);
    }
    assert_eq!(reply, b"error: frame not whole in the time given\n");
    assert_eq!(server.counters().slow_frames, 1);
    drop(taker);
    slow_loris.await;
    until(&server, |seen| seen.open == 0).await;
}

#[async_dsl::test(threads = 2)]
async fn a_take_given_up_and_begun_again_does_not_win_a_frame_more_time() {
    let options = Options::new().frame_time(SHORT);
    let ended = chan::fixed(1);
    let end = ended.clone();
    let server = tcp::serve(0, options, async move |conn: Conn| {
        let conn = conn.framed(Lines::new());
        loop {
            alt! {
                line = take!(conn) => {
                    put!(end, line).ok();
                    break;
                }
                sleep!(5ms) => {}
            }
        }
    })
    .await
    .unwrap();
    let conn = tcp::connect(server.local_addr().unwrap()).await.unwrap();
    put!(conn, b"half a li".to_vec()).unwrap();
    let ended = take!(ended).unwrap();
    assert!(matches!(ended, Some(Err(Error::Elapsed(Limit::Frame)))));
}

#[test]
fn time_limits_go_by_the_schedulers_clock() {
    let scheduler = Scheduler::virtual_time();
    let second = Duration::from_secs(1);
    let server = scheduler
        .block_on(async { tcp::serve_lines(0, Options::new(), echo).await })
        .unwrap();
    let mut client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    client.write_all(b"hello\n").unwrap();
    // Real time passes while a socket is waited for, and the virtual clock goes no faster.
    scheduler.block_on(until(&server, |seen| seen.accepted == 1));
    let mut reply = [0; 6];
    let _client = scheduler.block_on(async_block!({
        thread!({
            client.read_exact(&mut reply).unwrap();
            assert_eq!(&reply, b"hello\n");
            client
        })
        .await
    }));
    let before = scheduler.now();
    assert_eq!(server.counters().open, 1);
    scheduler.advance(40 * second);
    assert_eq!(server.counters().idle, 0);
    scheduler.advance(30 * second);
    dbg!(
        server.counters(),
        scheduler.pending_timers(),
        scheduler.task_count()
    );
    assert_eq!(server.counters().idle, 1);
    assert_eq!(scheduler.now() - before, 70 * second);
}

#[async_dsl::test(threads = 2)]
async fn a_reader_that_does_not_read_is_closed() {
    let options = Options::new().write(SHORT);
    let told = chan::fixed(1);
    let tell = told.clone();
    let server = tcp::serve(0, options, async move |conn: Conn| {
        let error = loop {
            if let Err(error) = put!(conn, vec![0; 100_000]) {
                break Error::from(error);
            }
        };
        put!(tell, error).ok();
    })
    .await
    .unwrap();
    let conn = tcp::connect(server.local_addr().unwrap()).await.unwrap();
    let error = take!(told).unwrap();
    assert!(matches!(error, Error::Elapsed(Limit::Write)), "{error}");
    until(&server, |seen| seen.slow_readers == 1 && seen.open == 0).await;
    drop(conn);
}

#[async_dsl::test(threads = 2)]
async fn a_reader_that_does_not_read_a_stream_is_closed() {
    let options = Options::new().write(SHORT);
    let told = chan::fixed(1);
    let tell = told.clone();
    let server = tcp::serve(0, options, async move |mut conn: Conn| {
        // A frame without bytes has no time to run out of.
        put!(conn, vec![]).unwrap();
        sleep!(150ms);
        let started = async_dsl::time::now();
        let error = loop {
            if let Err(error) = conn.write_all(&[0; 10_000]).await {
                break error;
            }
        };
        put!(tell, (error.kind(), started.elapsed())).ok();
    })
    .await
    .unwrap();
    let conn = tcp::connect(server.local_addr().unwrap()).await.unwrap();
    let (error, elapsed) = take!(told).unwrap();
    assert_eq!(error, std::io::ErrorKind::TimedOut);
    assert!(elapsed >= SHORT);
    until(&server, |seen| seen.slow_readers == 1 && seen.open == 0).await;
    drop(conn);
}

#[async_dsl::test(threads = 2)]
async fn a_handler_of_lines_has_its_time() {
    let options = Options::new().handler(SHORT);
    let server = tcp::serve_lines(0, options, async |line: String| {
        if line == "hang" {
            sleep!(1h);
        }
        line
    })
    .await
    .unwrap();
    let conn = connect(&server).await;
    // The time is that of each line, not of the connection.
    for _ in 0..3 {
        sleep!(50ms);
        assert_eq!(ask(&conn, "quick").await.unwrap(), "quick");
    }
    let last = ask(&conn, "hang").await.unwrap();
    assert_eq!(last, "error: no answer in the time given");
    assert!(take!(conn).is_none());
    until(&server, |seen| seen.slow_handlers == 1 && seen.open == 0).await;
}

#[async_dsl::test(threads = 2)]
async fn a_handler_over_the_connection_has_its_time() {
    let options = Options::new().handler(SHORT);
    let server = tcp::serve(0, options, async |conn: Conn| {
        put!(conn, b"hello".to_vec()).unwrap();
        sleep!(1h);
    })
    .await
    .unwrap();
    let conn = tcp::connect(server.local_addr().unwrap()).await.unwrap();
    assert_eq!(take!(conn).unwrap().unwrap(), b"hello");
    assert!(take!(conn).is_none());
    until(&server, |seen| seen.slow_handlers == 1 && seen.open == 0).await;
}

#[async_dsl::test(threads = 2)]
async fn connections_beyond_the_limit_are_refused_if_told_to() {
    let options = Options::new().connections(10).refuse(true);
    let server = tcp::serve_lines(0, options, echo).await.unwrap();
    let mut inside = Vec::new();
    for _ in 0..10 {
        let conn = connect(&server).await;
        assert_eq!(ask(&conn, "in").await.unwrap(), "in");
        inside.push(conn);
    }
    for n in 1..=20 {
        let conn = connect(&server).await;
        assert!(!matches!(take!(conn), Some(Ok(_))));
        until(&server, |seen| seen.refused == n).await;
    }
    drop(inside.pop());
    until(&server, |seen| seen.open == 9).await;
    let conn = connect(&server).await;
    assert_eq!(ask(&conn, "in again").await.unwrap(), "in again");
    assert_eq!(server.counters().accepted, 11);
}

#[async_dsl::test(threads = 2)]
async fn of_2000_connections_1000_at_a_time_are_served_and_all_in_the_end() {
    more_descriptors(4000);
    let server = tcp::serve_lines(0, Options::new().connections(1000), echo)
        .await
        .unwrap();
    let address = server.local_addr().unwrap();
    let release = chan::<()>();
    let clients: Vec<Task<()>> = (0..2000)
        .map(|n: u32| {
            go!(|release| {
                let patient = tcp::Connect::new().timeout(1min);
                let conn = patient.to(address).await.unwrap().framed(Lines::new());
                put!(conn, n.to_string()).unwrap();
                assert_eq!(take!(conn).unwrap().unwrap(), n.to_string());
                // It keeps its place until it is told to go.
                take!(release);
            })
        })
        .collect();
    until(&server, |seen| seen.open == 1000).await;
    for _ in 0..50 {
        sleep!(2ms);
        let seen = server.counters();
        assert_eq!((seen.open, seen.accepted, seen.refused), (1000, 1000, 0));
    }
    assert!(server.counters().full > 0);
    for n in 0..2000 {
        put!(release, ()).unwrap();
        if n % 100 == 0 {
            assert!(server.counters().open <= 1000);
            yield_now!();
        }
    }
    for client in clients {
        client.await;
    }
    assert_eq!(server.counters().accepted, 2000);
    until(&server, |seen| seen.open == 0).await;
}
