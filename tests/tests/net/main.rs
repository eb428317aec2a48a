//! The network: connections as channels, and servers that survive. Everything on loopback.

mod clients;
mod codecs;
mod conn;
mod connecting;
mod conservation;
mod descriptors;
mod ends;
mod files;
mod inspected;
mod limits;
mod lines;
mod linger;
mod load;
mod seed;
mod server;
mod shutdown;

use std::time::Duration;

use async_dsl::net::{Conn, Counters, Lines, Server, tcp, unix};
use async_dsl::prelude::*;

/// A handler that answers with what it got.
#[linear]
async fn echo(line: String) -> String {
    line
}

/// Two ends of a connection of lines.
fn lines() -> (Conn<Lines>, Conn<Lines>) {
    let (one, other) = unix::pair().unwrap();
    (one.framed(Lines::new()), other.framed(Lines::new()))
}

/// A connection of lines to a server.
async fn connect(server: &Server) -> Conn<Lines> {
    let address = server.local_addr().unwrap();
    tcp::connect(address).await.unwrap().framed(Lines::new())
}

/// Sends a line and gives the answer.
async fn ask(conn: &Conn<Lines>, line: &str) -> Option<String> {
    conn.put(line.to_owned()).await.unwrap();
    conn.take().await.map(Result::unwrap)
}

/// Waits until what the server has seen is as it should be.
async fn until(server: &Server, what: impl Fn(&Counters) -> bool) {
    let waited = std::time::Instant::now();
    while !what(&server.counters()) {
        let seen = server.counters();
        assert!(waited.elapsed() < Duration::from_secs(60), "{seen:?}");
        async_dsl::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Sees to it that this process may have so many descriptors.
fn more_descriptors(count: u64) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < count) {
        limit.current = Some(count);
        setrlimit(Resource::Nofile, limit).expect("the hard limit of descriptors is too low");
    }
}
