//! Two tasks hand a ball back and forth, and how long that takes.

use std::time::Instant;

use async_dsl::prelude::*;

const ROUNDS: u32 = 100_000;

#[async_dsl::main]
async fn main() {
    let (there, back) = (chan::fixed(0), chan::fixed(0));

    let player = go!(|there, back| -> u32 {
        let mut hits = 0;
        while let Some(ball) = take!(there) {
            hits += 1;
            put!(back, ball).ok();
        }
        hits
    });

    let start = Instant::now();
    for round in 0..ROUNDS {
        put!(there, round).expect("the player plays");
        assert_eq!(take!(back), Some(round));
    }
    let each = start.elapsed() / ROUNDS;
    there.close();

    println!("{} round trips", player.await);
    eprintln!("{each:?} each");
}
