//! The workloads whose cost inspection must not raise: runs each once and prints `name value`, one per line.
//!
//! Values are nanoseconds of processor time per operation, and for `parked` bytes per task. `inspect-cost` compares two
//! builds of this.

use std::hint::black_box;
use std::pin::Pin;
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use rustix::time::{ClockId, clock_gettime};

/// Returns the processor time that this process has used, in nanoseconds. Other programs disturb it less than the real
/// time, and this clock is exact: one that counts ticks would be off by some per cent here.
fn used() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let used = Duration::try_from(used).expect("a process has not run for less than no time");
    used.as_secs_f64() * 1e9
}

/// Returns the nanoseconds per operation, of `count` in `run`.
fn time(count: u32, run: impl FnOnce()) -> f64 {
    let before = used();
    run();
    (used() - before) / f64::from(count)
}

/// Where a workload runs: on one thread that is driven by hand, or on the global scheduler's workers.
#[derive(Clone, Copy)]
enum On {
    OneThread,
    Workers,
}

impl On {
    fn run<F: Future<Output = ()> + Send + 'static>(self, future: F) {
        match self {
            Self::OneThread => Scheduler::manual().block_on(future),
            Self::Workers => {
                // Inside a task: otherwise the main thread would take part, and be woken for each value.
                let task = Scheduler::global().spawn(future);
                async_dsl::block_on(task);
            }
        }
    }
}

/// A value goes to and fro between two tasks: each message parks and wakes one of them.
fn ping_pong(on: On, count: u32) -> f64 {
    time(count, || {
        on.run(async_block!({
            let (there, back) = (chan::fixed(1), chan::fixed(1));
            let other = go!(|there, back| {
                while let Some(n) = take!(there) {
                    put!(back, n).ok();
                }
            });
            for n in 0..count / 2 {
                put!(there, n).ok();
                black_box(take!(back));
            }
            there.close();
            other.await;
        }));
    })
}

/// Tasks that do nothing are started, a thousand at a time, and awaited.
fn spawn(on: On, count: u32) -> f64 {
    time(count, || {
        on.run(async_block!({
            for _ in 0..count / 1000 {
                let tasks: Vec<_> = (0..1000_u32).map(|n| go!({ n })).collect();
                for task in tasks {
                    black_box(task.await);
                }
            }
        }));
    })
}

/// One task puts, another takes, with room for 64 values between them.
fn channel(on: On, count: u32) -> f64 {
    time(count, || {
        on.run(async_block!({
            let numbers = chan::fixed(64);
            let taker = go!(|numbers| {
                let mut sum = 0_u64;
                while let Some(n) = take!(numbers) {
                    sum += u64::from(n);
                }
                sum
            });
            for n in 0..count {
                put!(numbers, n).ok();
            }
            numbers.close();
            black_box(taker.await);
        }));
    })
}

/// Puts and takes of values that never park.
fn buffered(count: u32) -> f64 {
    time(count, || {
        On::OneThread.run(async_block!({
            let numbers = chan::fixed(64);
            for n in 0..count / 2 {
                put!(numbers, n).ok();
                black_box(take!(numbers));
            }
        }));
    })
}

/// A tree of tasks, in which each starts ten more until there are so many levels, and puts the number of its leaves into a
/// channel of its own: channels that live for one message.
fn leaves(levels: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async_block!({
        if levels == 0 {
            return 1;
        }
        let counts: Vec<_> = (0..10)
            .map(|_| {
                let count = chan::fixed(1);
                go!(|count| put!(count, leaves(levels - 1).await).ok());
                count
            })
            .collect();
        let mut sum = 0;
        for count in &counts {
            sum += take!(count).unwrap_or_default();
        }
        sum
    }))
}

/// Trees of 11 110 tasks.
fn skynet(on: On, trees: u32) -> f64 {
    time(trees * 11_110, || {
        on.run(async_block!({
            for _ in 0..trees {
                black_box(leaves(4).await);
            }
        }));
    })
}

/// Returns the resident memory of this process, in bytes.
fn resident() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|statm| statm.split(' ').nth(1)?.parse::<u32>().ok());
    f64::from(pages.unwrap_or_default()) * 4096.0
}

/// Returns the bytes per task, of many that are each parked on a channel of their own.
fn parked(count: u32) -> f64 {
    let scheduler = Scheduler::manual();
    let before = resident();
    scheduler.enter(|| {
        for _ in 0..count {
            let c = chan::fixed::<u32>(1);
            drop(go!({ take!(c) }));
        }
    });
    scheduler.run_until_parked();
    (resident() - before) / f64::from(count)
}

fn main() {
    // All workloads, or those that are named.
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let measure = |name: String, run: &dyn Fn() -> f64| {
        if chosen.is_empty() || chosen.contains(&name) {
            println!("{name} {:.2}", run());
        }
    };
    // First, while there is no freed memory to use again.
    measure("parked_bytes".into(), &|| parked(100_000));
    measure("ping_pong_1t".into(), &|| ping_pong(On::OneThread, 400_000));
    measure("spawn_1t".into(), &|| spawn(On::OneThread, 400_000));
    measure("channel_1t".into(), &|| channel(On::OneThread, 1_000_000));
    measure("buffered_1t".into(), &|| buffered(4_000_000));
    measure("skynet_1t".into(), &|| skynet(On::OneThread, 20));
    // A warm-up, so that no thread has to be started later.
    ping_pong(On::Workers, 1000);
    measure("ping_pong_workers".into(), &|| {
        ping_pong(On::Workers, 400_000)
    });
    measure("spawn_workers".into(), &|| spawn(On::Workers, 400_000));
    measure("channel_workers".into(), &|| {
        channel(On::Workers, 1_000_000)
    });
    measure("skynet_workers".into(), &|| skynet(On::Workers, 20));
}
