//! Many round trips, and many connections.

use async_dsl::net::{Conn, Error, Lines, Options, tcp};
use async_dsl::prelude::*;

use super::{connect, echo, more_descriptors, until};

const FRAME: usize = 128;

/// Gives back what it gets.
#[linear]
async fn echo_chunks(conn: Conn) -> Result<(), Error> {
    while let Some(chunk) = take!(conn).transpose()? {
        put!(conn, chunk)?;
    }
    Ok(())
}

/// So many connections send numbered frames to and fro, so many times together.
fn ping_pong(connections: usize, round_trips: usize) {
    async_dsl::block_on(async_block!({
        let server = tcp::serve(0, Options::new(), echo_chunks).await.unwrap();
        let address = server.local_addr().unwrap();
        let start = std::time::Instant::now();
        let clients: Vec<Task<()>> = (0..connections)
            .map(|client| {
                go!({
                    let conn = tcp::connect(address).await.unwrap();
                    for n in 0..round_trips / connections {
                        let mut frame = format!("{client} {n} ").into_bytes();
                        frame.resize(FRAME, b'.');
                        put!(conn, frame.clone()).unwrap();
                        let mut back = Vec::with_capacity(FRAME);
                        while back.len() < FRAME {
                            back.extend(take!(conn).expect("no end").unwrap());
                        }
                        assert_eq!(back, frame);
                    }
                })
            })
            .collect();
        for client in clients {
            client.await;
        }
        let elapsed = start.elapsed();
        let done = round_trips / connections * connections;
        println!("{done} round trips on {connections} connections in {elapsed:.2?}");
        let ended = server.shutdown(1min).await;
        assert_eq!(ended.cut, 0);
        assert_eq!(server.counters().accepted, connections as u64);
    }));
}

#[test]
fn frames_go_to_and_fro_and_none_is_lost() {
    ping_pong(64, 6400);
}

#[test]
#[ignore = "long: 400 000 round trips"]
fn frames_go_to_and_fro_400_000_times() {
    ping_pong(64, 400_000);
}

/// So many connections are open at once, and every one of them works.
fn held_open(count: usize) {
    more_descriptors(count as u64 * 2 + 200);
    async_dsl::block_on(async_block!({
        let server = tcp::serve_lines(0, Options::new().connections(count), echo).await.unwrap();
        let mut conns = Vec::new();
        for _ in 0..count {
            conns.push(connect(&server).await);
        }
        until(&server, |seen| seen.open == count).await;
        let answers: Vec<bool> = await!(each conns.into_iter().enumerate().map(|(n, conn): (usize, Conn<Lines>)| {
            go!({
                put!(conn, n.to_string()).unwrap();
                take!(conn).unwrap().unwrap() == n.to_string()
            })
        }));
        assert!(answers.into_iter().all(|is_right| is_right));
        until(&server, |seen| seen.open == 0).await;
    }));
}

#[test]
fn many_connections_are_held_open_at_once() {
    held_open(500);
}

#[test]
#[ignore = "needs 10 200 descriptors"]
fn five_thousand_connections_are_held_open_at_once() {
    held_open(5000);
}
