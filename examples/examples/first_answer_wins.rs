//! Ask three servers, take the first answer, cancel the others; then a server that is too slow.
//!
//! On virtual time, so it takes none.

use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// A server that answers after some time.
fn ask(name: &'static str, millis: u64) -> Task<String> {
    go!({
        sleep!(Duration::from_millis(millis));
        format!("{name} after {millis} ms")
    })
}

#[linear]
async fn first_of_three() -> String {
    let (oslo, lima, pune) = (ask("oslo", 90), ask("lima", 40), ask("pune", 70));
    let answer = alt! {
        answer = await!(oslo) => answer,
        answer = await!(lima) => answer,
        answer = await!(pune) => answer,
    };
    // Losing does not affect a task: it runs on until it is cancelled, and returns its value if it has one.
    for (name, loser) in [("oslo", oslo), ("pune", pune)] {
        println!("{name} cancelled, it had {:?}", loser.cancel().await);
    }
    answer
}

#[linear]
async fn with_a_limit(server: &Task<String>) -> Option<String> {
    alt! {
        answer = await!(server) => Some(answer),
        sleep!(50ms) => None,
    }
}

#[linear]
async fn run() {
    println!("first answer: {}", first_of_three().await);

    let slow = ask("perth", 80);
    println!("within 50 ms: {:?}", with_a_limit(&slow).await);
    // The task lost against the timer, but its value is not lost: ask again.
    println!("50 ms later: {:?}", with_a_limit(&slow).await);
}

fn main() {
    Scheduler::virtual_time().block_on(run());
}
