//! A server that takes its time and adds one: `cargo run -p async-dsl-examples --example tcp_server -- [PORT]`.
//!
//! Try it with `nc 127.0.0.1 8080`, or with the example `tcp_client`. Enter ends it in order, as the end of its input does.

use std::error::Error;

use async_dsl::net::{Options, tcp};
use async_dsl::prelude::*;

/// The handler is linear code: it parks in `sleep!` and occupies no thread meanwhile.
#[linear]
async fn add_one(line: String) -> String {
    sleep!(1s);
    match line.trim().parse::<i64>() {
        Ok(n) => n.wrapping_add(1).to_string(),
        Err(error) => format!("error: {error}"),
    }
}

#[async_dsl::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = match std::env::args().nth(1) {
        Some(port) => port.parse()?,
        None => 8080,
    };
    let options = Options::new().connections(100).idle(5min);
    let server = tcp::serve_lines(port, options, add_one).await?;
    println!("listening on {}", server.local_addr()?);

    thread!({ std::io::stdin().read_line(&mut String::new()) }).await?;

    let ended = server.shutdown(10s).await;
    let accepted = server.counters().accepted;
    println!("{accepted} connections, {} of them cut", ended.cut);
    Ok(())
}
