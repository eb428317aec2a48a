//! A tour of the ideas, in the order of the slides that this library grew from.
//!
//! It runs on a scheduler of its own, with virtual time, so it prints the same every time, and at once.

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

fn main() {
    Scheduler::virtual_time().block_on(tour());
}

#[linear]
async fn tour() {
    println!("# A channel and a task");
    let c = chan::fixed(0); // a rendezvous: a put and a take wait for each other
    go!(|c| {
        if let Some(data) = take!(c) {
            println!("got: {data}");
            put!(c, data + 1).ok();
        }
    });
    put!(c, 41).ok();
    println!("back: {:?}", take!(c));

    println!("\n# A fixed buffer parks who puts: each take lets one more put happen");
    let bc = chan::fixed(1);
    go!(|bc| {
        for i in 1..=5 {
            put!(bc, i).ok();
            println!("done putting: {i}");
        }
    });
    while let Some(i) = take!(bc, 100ms, 0) {
        yield_now!();
        if i == 0 {
            println!("no more values");
            break;
        }
        println!("took: {i}");
    }

    println!("\n# A dropping buffer keeps what came first");
    let dc = chan::dropping(1);
    for i in 1..=5 {
        put!(dc, i).ok();
    }
    println!("left: {:?}, discarded: {}", take!(dc), dc.discarded());

    println!("\n# A sliding buffer keeps what came last");
    let sc = chan::sliding(3);
    for i in 1..=5 {
        put!(sc, i).ok();
    }
    println!(
        "left: {:?}",
        [take!(sc), take!(sc), take!(sc)].map(Option::unwrap)
    );

    println!("\n# A promise is delivered once");
    let (resolver, answer) = promise();
    println!("before: {:?}", timeout!(0ms, (&answer).await).is_err());
    resolver.deliver(42); // a second `deliver` would not compile
    println!("after: {:?}", answer.await);

    println!("\n# Waiting for a task parks, it blocks nobody");
    let c = chan::fixed(0);
    go!(|c| {
        sleep!(100ms);
        put!(c, 41).ok();
    });
    println!("sum: {}", go!(1 + take!(c).unwrap()).await);

    println!("\n# An agent runs its actions one at a time, in the order sent");
    let a = agent(0);
    send!(a, |n| {
        sleep!(100ms);
        n + 1
    })
    .unwrap();
    send!(a, |n| n * 2).unwrap();
    println!("at once: {}", a.get().unwrap());
    a.settled().await.unwrap();
    println!("settled: {}", a.get().unwrap());

    println!("\n# What a go block expands to");
    println!(
        "{}",
        expand!(go!(|jobs| -> u32 {
            let mut done = 0;
            while let Some(job) = take!(jobs, 1s, 0) {
                done += job;
            }
            done
        }))
    );
}
