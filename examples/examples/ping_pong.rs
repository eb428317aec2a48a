//! Two tasks hand a ball back and forth, and how long that takes.

use std::time::Instant;

use async_dsl::prelude::*;

const ROUNDS: u32 = 100_000;

#[async_dsl::main]
async fn main() {
    let (ping, pong) = (chan::fixed(0), chan::fixed(0));

    let player = go!(|ping, pong| -> u32 {
        let mut hits = 0;
        while let Some(ball) = take!(ping) {
            hits += 1;
            put!(pong, ball).ok();
        }
        hits
    });

    let start = Instant::now();
    for round in 0..ROUNDS {
        put!(ping, round).expect("the player plays");
        assert_eq!(take!(pong), Some(round));
    }
    let each = start.elapsed() / ROUNDS;
    ping.close();

    println!("{} round trips", player.await);
    eprintln!("{each:?} each");
}
