//! Missed wake-up: the signal comes after the look and before the wait, and nobody keeps it.

use async_dsl::prelude::*;

/// Sends three letters to a reader that looks whether there is one, and else waits for the bell.
#[linear]
async fn deliver(bell: Chan<()>) {
    let letters = chan();
    let postman = go!(|letters, bell| {
        for letter in 0..3 {
            put!(letters, letter).ok();
            // Whoever waits is woken.
            bell.try_put(()).ok();
            yield_now!();
        }
    });
    let mut read = Vec::new();
    while read.len() < 3 {
        match letters.try_take() {
            Ok(letter) => read.push(letter),
            Err(_) => drop(take!(bell)),
        }
    }
    postman.await;
    assert_eq!(read, [0, 1, 2]);
}

/// The bell rings for those who wait at this moment.
#[linear]
pub async fn wrong() {
    deliver(chan::fixed(0)).await;
}

/// The bell keeps one ring for whoever waits next.
#[linear]
pub async fn right() {
    deliver(chan::dropping(1)).await;
}
