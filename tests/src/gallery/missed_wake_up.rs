//! Missed wake-up: the signal comes after the check and before the wait, and is not kept.

use async_dsl::prelude::*;

/// Sends three letters to a reader that checks whether there is one, and otherwise waits for the bell.
#[linear]
async fn deliver(bell: Chan<()>) {
    let letters = chan();
    let postman = go!(|letters, bell| {
        for letter in 0..3 {
            put!(letters, letter).ok();
            // A waiting reader is woken.
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

/// The bell rings only for a reader that waits at this moment.
#[linear]
pub async fn wrong() {
    deliver(chan::fixed(0)).await;
}

/// The bell keeps one ring for the next reader that waits.
#[linear]
pub async fn right() {
    deliver(chan::dropping(1)).await;
}
