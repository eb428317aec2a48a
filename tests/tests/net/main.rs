//! The network: connections as channels, and servers that survive. Everything on loopback.

mod conn;
mod files;
mod lines;
mod linger;
mod seed;
mod server;

use async_dsl::net::{Conn, Lines, Server, tcp};

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
