//! What channels made from channels and groups of tasks cost, beside what stands in their place elsewhere. All of it is on one
//! thread, of a scheduler driven by hand here and of tokio's current-thread runtime there.
//!
//! Each sample is a thousand values, so a figure in microseconds is the nanoseconds of one.

#![allow(
    clippy::wildcard_imports,
    reason = "the modules are groups of one table"
)]

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use divan::Bencher;
use futures_util::stream::{self, StreamExt};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::task::{JoinSet, yield_now};

fn main() {
    divan::main();
}

const VALUES: u32 = 1000;
const SUM: u32 = VALUES * (VALUES - 1) / 2;

/// So many take each value, or so many inputs are merged.
const WIDTH: u32 = 4;

/// So many calls are under way at once.
const DEPTH: usize = 8;

fn ours<F: Future<Output = ()>>(bencher: Bencher<'_, '_>, values: impl Fn() -> F) {
    let scheduler = Scheduler::manual();
    bencher.bench_local(|| scheduler.block_on(values()));
}

fn theirs<F: Future<Output = ()>>(bencher: Bencher<'_, '_>, values: impl Fn() -> F) {
    let runtime: Runtime = Builder::new_current_thread().build().expect("it starts");
    bencher.bench_local(|| runtime.block_on(values()));
}

/// Each value to four tasks.
mod fan_out {
    use super::*;

    #[divan::bench]
    fn mult(bencher: Bencher<'_, '_>) {
        let run = || {
            async_block!({
                let (putter, values) = chan::fixed(100).split();
                let mult = flow::mult(values);
                let taps: Vec<_> = (0..WIDTH).map(|_| mult.tap(100)).collect();
                let tasks: Vec<_> = taps
                    .into_iter()
                    .map(|tap| {
                        go!({
                            let mut sum = 0;
                            while let Some(n) = take!(tap) {
                                sum += n;
                            }
                            sum
                        })
                    })
                    .collect();
                for n in 0..VALUES {
                    put!(putter, n).expect("there are taps");
                }
                drop(putter);
                assert_eq!(join!(each tasks), [SUM; WIDTH as usize]);
            })
        };
        ours(bencher, run);
    }

    #[divan::bench]
    fn broadcast(bencher: Bencher<'_, '_>) {
        let run = || {
            async_block!({
                let values = flow::broadcast(VALUES as usize);
                let tasks: Vec<_> = (0..WIDTH)
                    .map(|_| {
                        let subscriber = values.subscribe();
                        go!({
                            let mut sum = 0;
                            while let Some(n) = take!(subscriber) {
                                sum += n.expect("it keeps all");
                            }
                            sum
                        })
                    })
                    .collect();
                for n in 0..VALUES {
                    values.put(n).expect("it is open");
                }
                drop(values);
                assert_eq!(join!(each tasks), [SUM; WIDTH as usize]);
            })
        };
        ours(bencher, run);
    }

    #[divan::bench]
    fn tokio_broadcast(bencher: Bencher<'_, '_>) {
        theirs(bencher, || async {
            let (sender, _) = broadcast::channel(VALUES as usize);
            let mut tasks = JoinSet::new();
            for _ in 0..WIDTH {
                let mut receiver = sender.subscribe();
                tasks.spawn(async move {
                    let mut sum = 0;
                    loop {
                        match receiver.recv().await {
                            Ok(n) => sum += n,
                            Err(RecvError::Closed) => return sum,
                            Err(RecvError::Lagged(_)) => unreachable!("it keeps all"),
                        }
                    }
                });
            }
            for n in 0..VALUES {
                sender.send(n).expect("there are receivers");
            }
            drop(sender);
            assert_eq!(tasks.join_all().await, [SUM; WIDTH as usize]);
        });
    }

    #[divan::bench]
    fn async_broadcast(bencher: Bencher<'_, '_>) {
        theirs(bencher, || async {
            let (sender, receiver) = ::async_broadcast::broadcast(100);
            let mut tasks = JoinSet::new();
            for _ in 0..WIDTH {
                let mut receiver = receiver.clone();
                tasks.spawn(async move {
                    let mut sum = 0;
                    while let Ok(n) = receiver.recv_direct().await {
                        sum += n;
                    }
                    sum
                });
            }
            drop(receiver);
            for n in 0..VALUES {
                sender
                    .broadcast_direct(n)
                    .await
                    .expect("there are receivers");
            }
            drop(sender);
            assert_eq!(tasks.join_all().await, [SUM; WIDTH as usize]);
        });
    }
}

/// A call for each value, eight of them at once, results in order. Each call gives way once.
mod in_order {
    use super::*;

    #[divan::bench]
    fn pipeline(bencher: Bencher<'_, '_>) {
        let run = || {
            async_block!({
                let calls = flow::pipeline(flow::from_iter(0..VALUES, DEPTH), DEPTH, async |n| {
                    yield_now!();
                    [n]
                });
                let mut sum = 0;
                while let Some(n) = take!(calls) {
                    sum += n;
                }
                assert_eq!(sum, SUM);
            })
        };
        ours(bencher, run);
    }

    /// Each call is a task, as those of a pipeline.
    #[divan::bench]
    fn buffered_tokio_tasks(bencher: Bencher<'_, '_>) {
        theirs(bencher, || async {
            let calls = stream::iter(0..VALUES).map(|n| {
                tokio::spawn(async move {
                    yield_now().await;
                    n
                })
            });
            let sum = calls
                .buffered(DEPTH)
                .fold(0, async |sum, n| sum + n.expect("no panic"));
            assert_eq!(sum.await, SUM);
        });
    }

    /// The calls are polled by the task that takes, and so on one thread, whatever the runtime.
    #[divan::bench]
    fn buffered(bencher: Bencher<'_, '_>) {
        theirs(bencher, || async {
            let calls = stream::iter(0..VALUES).map(|n| async move {
                yield_now().await;
                n
            });
            let sum = calls.buffered(DEPTH).fold(0, async |sum, n| sum + n);
            assert_eq!(sum.await, SUM);
        });
    }
}

/// Four channels as one.
mod union {
    use super::*;

    #[divan::bench]
    fn merge(bencher: Bencher<'_, '_>) {
        let run = || {
            async_block!({
                let inputs = (0..WIDTH).map(|from| flow::from_iter((from..VALUES).step_by(4), 16));
                let merged = flow::merge(inputs, 16);
                let mut sum = 0;
                while let Some(n) = take!(merged) {
                    sum += n;
                }
                assert_eq!(sum, SUM);
            })
        };
        ours(bencher, run);
    }

    /// No task and no channel between: whoever takes polls the inputs.
    #[divan::bench]
    fn select_all(bencher: Bencher<'_, '_>) {
        theirs(bencher, || async {
            let inputs = (0..WIDTH).map(|from| {
                let (sender, receiver) = async_channel::bounded(16);
                tokio::spawn(async move {
                    for n in (from..VALUES).step_by(4) {
                        sender.send(n).await.expect("a receiver is left");
                    }
                });
                Box::pin(receiver)
            });
            let sum = stream::select_all(inputs).fold(0, async |sum, n| sum + n);
            assert_eq!(sum.await, SUM);
        });
    }
}

/// Tasks that are started, and taken as they end.
mod tasks {
    use super::*;

    #[divan::bench]
    fn group(bencher: Bencher<'_, '_>) {
        let run = || {
            async_block!({
                let group = Group::new();
                for n in 0..VALUES {
                    go!(group = group, { n });
                }
                let mut sum = 0;
                while let Some(n) = take!(group) {
                    sum += n.expect("no panic");
                }
                assert_eq!(sum, SUM);
            })
        };
        ours(bencher, run);
    }

    #[divan::bench]
    fn join_set(bencher: Bencher<'_, '_>) {
        theirs(bencher, || async {
            let mut set = JoinSet::new();
            for n in 0..VALUES {
                set.spawn(async move { n });
            }
            let mut sum = 0;
            while let Some(n) = set.join_next().await {
                sum += n.expect("no panic");
            }
            assert_eq!(sum, SUM);
        });
    }
}
