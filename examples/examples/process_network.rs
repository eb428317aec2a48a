//! Draws a program: `cargo run --example process_network > network.svg`, or with `-- --dot` for Graphviz.
//!
//! Orders flow from two waiters to three cooks and one cashier. The cooks are slow, so that the channel in front of
//! them is full (red: a task is parked to put), and the one behind them is starving (blue: a task is parked to take).

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

fn main() {
    // Driven by hand, so that the picture is the same each time.
    let scheduler = Scheduler::virtual_time();
    scheduler.enter(restaurant);
    scheduler.advance(std::time::Duration::from_millis(1050));
    let graph = scheduler.snapshot().graph();
    if std::env::args().any(|argument| argument == "--dot") {
        println!("{}", graph.to_dot());
    } else {
        println!("{}", graph.to_svg());
    }
}

fn restaurant() {
    let orders = chan::fixed::<u32>(2).named("orders");
    let meals = chan::fixed::<u32>(8).named("meals");
    let bills = chan::sliding::<u32>(4).named("bills");
    for _ in 0..2 {
        go!(name = "waiter", |orders| {
            for table in 1.. {
                put!(orders, table).ok();
            }
        });
    }
    for _ in 0..3 {
        go!(name = "cook", |orders, meals| {
            while let Some(table) = take!(orders) {
                sleep!(100ms);
                put!(meals, table).ok();
            }
        });
    }
    go!(name = "runner", |meals, bills| {
        while let Some(table) = take!(meals) {
            put!(bills, table).ok();
        }
    });
    go!(name = "cashier", |bills| {
        while let Some(_table) = take!(bills) {
            sleep!(10ms);
        }
    });
}
