//! Sends numbers to the example `tcp_server`: one after the other, then all at once.
//!
//! `cargo run -p async-dsl-examples --example tcp_client -- [ADDRESS]`

use std::error::Error;
use std::time::Instant;

use async_dsl::net::{self, Lines, tcp};
use async_dsl::prelude::*;

/// Connects, puts a number, and returns the reply.
fn send(address: &str, n: i64) -> Task<Result<String, net::Error>> {
    let address = address.to_string();
    go!({
        let conn = tcp::connect(address).await?.framed(Lines::new());
        put!(conn, n.to_string())?;
        take!(conn).unwrap_or_else(|| Ok("no answer".to_string()))
    })
}

#[async_dsl::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:8080");

    let start = Instant::now();
    for n in 1..=3 {
        println!("{n} → {}", send(address, n).await?);
    }
    println!(
        "3 one after the other: {:.1} s",
        start.elapsed().as_secs_f64()
    );

    let start = Instant::now();
    let answers: Vec<_> = (1..=10).map(|n| send(address, n)).collect();
    for (n, answer) in (1..).zip(answers) {
        println!("{n} → {}", answer.await?);
    }
    println!("10 at once: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
