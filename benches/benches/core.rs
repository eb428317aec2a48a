//! What the operations of the core cost, each by itself, on one thread where nothing else is said: so that a regression is seen.
//!
//! Each sample is a thousand operations, so a figure in microseconds is the nanoseconds of one.

use std::hint::black_box;
use std::time::Duration;

use async_dsl::alt::TakerSet;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use divan::Bencher;

fn main() {
    divan::main();
}

const OPERATIONS: u32 = 1000;

/// Times one future after the other, on a scheduler that is driven by hand.
fn each<F: Future<Output = ()>>(bencher: Bencher<'_, '_>, operations: impl Fn() -> F) {
    let scheduler = Scheduler::manual();
    bencher.bench_local(|| scheduler.block_on(operations()));
}

/// A value is put into a channel with room, and taken.
#[divan::bench]
fn buffered(bencher: Bencher<'_, '_>) {
    let c = chan::fixed(64);
    each(bencher, || {
        async_block!(|c| {
            for n in 0..OPERATIONS {
                put!(c, n).ok();
                black_box(take!(c));
            }
        })
    });
}

/// The same in plain calls, on as many threads as it says, which share the channel: what its lock costs, free and contended.
// Long enough for the threads to meet.
#[divan::bench(threads = [1, 2], sample_size = 100)]
fn plain(bencher: Bencher<'_, '_>) {
    let c = chan();
    bencher.bench(|| {
        for n in 0..OPERATIONS {
            c.try_put(n).expect("it has no limit");
            // There is one: each thread has put as often as it takes.
            black_box(c.try_take().expect("a value is there"));
        }
    });
}

/// A value is handed from task to task, of which each parks and is woken: `put!` into a channel without room.
#[divan::bench]
fn hand_over(bencher: Bencher<'_, '_>) {
    each(bencher, || {
        async_block!({
            let c = chan::fixed(0);
            go!(|c| {
                for n in 0..OPERATIONS {
                    put!(c, n).ok();
                }
            });
            for _ in 0..OPERATIONS {
                black_box(take!(c));
            }
        })
    });
}

/// A task is started, and awaited.
#[divan::bench]
fn spawn_join(bencher: Bencher<'_, '_>) {
    each(bencher, || {
        async_block!({
            for n in 0..OPERATIONS {
                black_box(go!({ n }).await);
            }
        })
    });
}

/// Channels with values for all takes, and more.
fn full() -> [Chan<u32>; 10] {
    std::array::from_fn(|_| {
        let c = chan();
        for n in 0..OPERATIONS {
            c.try_put(n).expect("it has no limit");
        }
        c
    })
}

/// `alt!` with ten arms that are ready.
#[divan::bench]
fn alt_of_ten(bencher: Bencher<'_, '_>) {
    let scheduler = Scheduler::manual();
    bencher.with_inputs(full).bench_local_values(|channels| {
        scheduler.block_on(async_block!({
            for _ in 0..OPERATIONS {
                black_box(alt! {
                    n = take!(channels[0]) => n,
                    n = take!(channels[1]) => n,
                    n = take!(channels[2]) => n,
                    n = take!(channels[3]) => n,
                    n = take!(channels[4]) => n,
                    n = take!(channels[5]) => n,
                    n = take!(channels[6]) => n,
                    n = take!(channels[7]) => n,
                    n = take!(channels[8]) => n,
                    n = take!(channels[9]) => n,
                });
            }
        }));
    });
}

/// A choice that is kept, over ten channels that are ready.
#[divan::bench]
fn set_of_ten(bencher: Bencher<'_, '_>) {
    let scheduler = Scheduler::manual();
    let set = || TakerSet::new(full().map(|c| c.split().1));
    bencher.with_inputs(set).bench_local_values(|mut set| {
        scheduler.block_on(async {
            for _ in 0..OPERATIONS {
                black_box(set.take().await);
            }
        });
    });
}

/// A promise is made, delivered, and awaited.
#[divan::bench]
fn promised(bencher: Bencher<'_, '_>) {
    each(bencher, || {
        async_block!({
            for n in 0..OPERATIONS {
                let (resolver, promise) = promise();
                resolver.deliver(n);
                black_box(promise.await.ok());
            }
        })
    });
}

/// An action is sent to an agent, and done.
#[divan::bench]
fn action(bencher: Bencher<'_, '_>) {
    each(bencher, || {
        async_block!({
            let count = agent(0_u32);
            for _ in 0..OPERATIONS {
                send!(count, |n| n + 1).expect("it has not failed");
            }
            count.settled().await.expect("it has not failed");
            assert_eq!(count.get().ok(), Some(OPERATIONS));
        })
    });
}

#[divan::bench]
fn sleep_of_zero(bencher: Bencher<'_, '_>) {
    each(bencher, || {
        async_block!({
            for _ in 0..OPERATIONS {
                sleep!(Duration::ZERO);
            }
        })
    });
}

/// A limit of a second, around something that is ready.
#[divan::bench]
fn timeout_of_ready(bencher: Bencher<'_, '_>) {
    each(bencher, || {
        async_block!({
            for n in 0..OPERATIONS {
                black_box(timeout!(1s, { black_box(n) }).ok());
            }
        })
    });
}
