//! Channels and tasks of async-dsl in a tokio program. Channel operations are plain futures: tokio polls them like
//! any other. `go!` starts its tasks on async-dsl's own scheduler, beside tokio's.

use std::time::Duration;

use async_dsl::prelude::*;

#[tokio::main]
async fn main() {
    let (requests, inbox) = chan::fixed::<u32>(8).split();
    let (replies, answers) = chan::fixed::<String>(8).split();

    // A task of async-dsl…
    go!({
        while let Some(n) = take!(inbox) {
            put!(replies, format!("{n} squared is {}", n * n)).ok();
        }
    });

    // …fed by a task of tokio…
    let feeder = tokio::spawn(async move {
        for n in 1..=3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            requests.put(n).await.expect("the inbox is open");
        }
    });

    // …and read by tokio's main task. Losing this `select!` loses no value.
    let mut received = 0;
    while received < 3 {
        tokio::select! {
            answer = answers.take() => {
                println!("{}", answer.expect("the replier goes on"));
                received += 1;
            }
            () = tokio::time::sleep(Duration::from_micros(100)) => {}
        }
    }
    feeder.await.expect("the feeder does not panic");
}
