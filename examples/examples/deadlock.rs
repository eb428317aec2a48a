//! A program with a deadlock: two transfers that wait for each other for ever. After a second in which nothing ran the
//! scheduler reports it, with the lines; here the program then ends, instead of waiting on.
//!
//! An account is a channel that holds one value, its balance: a task that has taken it has the account for itself until
//! it puts the new balance back.

use async_dsl::prelude::*;

/// Moves money. Two of them at once, in opposite directions, can each have one account and wait for the other.
#[linear]
async fn transfer(from: Chan<u32>, to: Chan<u32>, amount: u32) {
    let rich = take!(from).unwrap_or(0);
    // As if it asked another service whether that much may be moved.
    sleep!(10ms);
    let poor = take!(to).unwrap_or(0);
    put!(to, poor + amount).ok();
    put!(from, rich - amount).ok();
}

#[async_dsl::main(workers = 1)]
async fn main() {
    async_dsl::inspect::on_deadlock(|deadlock| {
        println!("{deadlock}");
        std::process::exit(i32::from(!deadlock.is_certain()));
    });

    let (ann, bob) = (chan::fixed(1).named("ann"), chan::fixed(1).named("bob"));
    put!(ann, 100).ok();
    put!(bob, 100).ok();
    let there = go!(name = "ann to bob", |ann, bob| {
        transfer(ann, bob, 10).await;
    });
    let back = go!(name = "bob to ann", |ann, bob| {
        transfer(bob, ann, 20).await;
    });
    there.await;
    back.await;
    println!("ann has {:?}, bob has {:?}", take!(ann), take!(bob));
}
