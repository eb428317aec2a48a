//! How many schedules a program has, up to the order of steps that cannot influence each other.

use std::fmt::Debug;

use async_dsl::prelude::*;
use async_dsl::sim::{self, Outcomes};

/// Checks the number of schedules, that no run was redundant, and how many ways the program can end.
#[track_caller]
fn has<T: Ord + Debug>(all: &Outcomes<T>, schedules: u64, ends: usize) {
    let counts = (
        all.schedules(),
        all.redundant(),
        all.len() + all.failures().len(),
    );
    assert_eq!(counts, (schedules, 0, ends), "{all}");
}

fn factorial(n: u64) -> u64 {
    (1..=n).product()
}

/// The ways to merge two lists of `n` steps.
fn merges(n: u64) -> u64 {
    (1..=n).fold(1, |all, i| all * (n + i) / i)
}

// A put and a take commute, and the pairs have nothing to do with each other.
#[test]
fn pairs_on_channels_of_their_own_have_one() {
    for k in 1..=5 {
        let all = sim::outcomes(|| {
            async_block!({
                let tasks = (0..k).flat_map(|i| {
                    let c = chan();
                    [
                        go!(|c| {
                            put!(c, i).ok();
                            0
                        }),
                        go!(|c| take!(c).unwrap()),
                    ]
                });
                let mut sum = 0;
                for task in tasks.collect::<Vec<_>>() {
                    sum += task.await;
                }
                sum
            })
        });
        has(&all, 1, 1);
    }
}

// The order of the puts is that of the values: n!.
#[test]
fn puts_into_one_channel_have_every_order() {
    for n in 1..=4 {
        let at_the_end = sim::outcomes(|| {
            async_block!({
                let c = chan();
                let tasks: Vec<_> = (0..n).map(|i| go!(|c| put!(c, i).is_ok())).collect();
                for task in tasks {
                    task.await;
                }
                c.drain()
            })
        });
        has(
            &at_the_end,
            factorial(n),
            usize::try_from(factorial(n)).unwrap(),
        );
        let meanwhile = sim::outcomes(|| {
            async_block!({
                let c = chan();
                for i in 0..n {
                    go!(|c| put!(c, i).is_ok());
                }
                let mut taken = Vec::new();
                for _ in 0..n {
                    taken.extend(take!(c));
                }
                taken
            })
        });
        has(
            &meanwhile,
            factorial(n),
            usize::try_from(factorial(n)).unwrap(),
        );
    }
}

// One putter and one taker on each channel.
#[test]
fn what_is_taken_in_a_fixed_order_has_one() {
    for n in 1..=4 {
        let all = sim::outcomes(|| {
            async_block!({
                let channels: Vec<_> = (0..n).map(|_| chan()).collect();
                for c in &channels {
                    go!(|c| put!(c, 1).is_ok());
                }
                let mut sum = 0;
                for c in &channels {
                    sum += take!(c).unwrap();
                }
                sum
            })
        });
        has(&all, 1, 1);
    }
    let pipeline = sim::outcomes(|| {
        async_block!({
            let channels: Vec<_> = (0..4).map(|_| chan::fixed(1)).collect();
            for pair in channels.windows(2) {
                let (from, to) = (pair[0].clone(), pair[1].clone());
                go!({
                    for _ in 0..2 {
                        let value: i32 = take!(from).unwrap();
                        put!(to, value + 1).unwrap();
                    }
                });
            }
            let first = channels[0].clone();
            go!({
                for value in 0..2 {
                    put!(first, value).unwrap();
                }
            });
            (take!(channels[3]), take!(channels[3]))
        })
    });
    has(&pipeline, 1, 1);
}

// The order of the puts alone: two lists of m are merged. A put that parks and one that finds room are the same.
#[test]
fn two_producers_have_every_merge() {
    for m in 1..=3 {
        let all = sim::outcomes(|| {
            async_block!({
                let c = chan::fixed(1);
                for producer in 0..2 {
                    go!(|c| {
                        for i in 0..m {
                            put!(c, producer * 10 + i).unwrap();
                        }
                    });
                }
                let mut taken = Vec::new();
                for _ in 0..2 * m {
                    taken.extend(take!(c));
                }
                taken
            })
        });
        has(&all, merges(m), usize::try_from(merges(m)).unwrap());
    }
}

// One for each arm that is ready.
#[test]
fn an_alt_has_as_many_as_arms_are_ready() {
    for n in 1..=5 {
        let all = sim::outcomes(|| {
            async_block!({
                let channels: Vec<_> = (0..n).map(|_| chan()).collect();
                for c in &channels {
                    c.try_put(1).unwrap();
                }
                alts(channels.iter().map(Chan::take)).await.unwrap().0
            })
        });
        has(&all, n, usize::try_from(n).unwrap());
    }
}

// Which puts came before the `alt!` (a set that is not empty), and which arm of these it takes: the sum of k·C(n, k), which is
// n·2^(n−1). Or none did, and one of n is the first.
#[test]
fn an_alt_beside_puts_has_what_came_before_it() {
    for n in 1..=4_u64 {
        let all = sim::outcomes(|| {
            async_block!({
                let channels: Vec<_> = (0..n).map(|_| chan()).collect();
                for c in &channels {
                    go!(|c| put!(c, 1).is_ok());
                }
                alts(channels.iter().map(Chan::take)).await.unwrap().0
            })
        });
        has(&all, n * (1 << (n - 1)) + n, usize::try_from(n).unwrap());
    }
}

async fn tokens(tasks: u64, times: u64) {
    async_block!({
        let token = chan::fixed(1);
        put!(token, ()).unwrap();
        let tasks: Vec<_> = (0..tasks)
            .map(|_| {
                go!(|token| {
                    for _ in 0..times {
                        take!(token);
                        put!(token, ()).ok();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
    })
    .await;
}

// The order of the takes: those of two tasks are merged, those of n tasks, one each, have every order.
#[test]
fn a_token_is_taken_in_every_order() {
    for times in 1..=5 {
        has(&sim::outcomes(|| tokens(2, times)), merges(times), 1);
    }
    for tasks in 1..=4 {
        has(&sim::outcomes(|| tokens(tasks, 1)), factorial(tasks), 1);
    }
}

// The timer's look comes before the put of that instant, or after it.
#[test]
fn a_time_limit_and_a_put_of_that_instant_have_two() {
    let all = sim::outcomes(|| {
        async_block!({
            let c = chan();
            go!(|c| {
                sleep!(10ms);
                put!(c, 1).ok();
            });
            take!(c, 10ms, 0)
        })
    });
    has(&all, 2, 2);
    let block = sim::outcomes(|| {
        async_block!({
            let c = chan();
            go!(|c| {
                sleep!(10ms);
                put!(c, 1).ok();
            });
            timeout!(10ms, { take!(c) }).ok()
        })
    });
    has(&block, 2, 2);
}

// The put comes before the first look, before the second, or while the task waits for a change.
#[test]
fn a_task_that_spins_has_three() {
    let all = sim::outcomes(|| {
        async_block!({
            let c = chan();
            go!(|c| put!(c, 1).is_ok());
            let spins = go!(|c| {
                let mut looks = 0;
                while c.try_take().is_err() {
                    looks += 1;
                    yield_now!();
                }
                looks
            });
            spins.await
        })
    });
    has(&all, 3, 3);
}

async fn philosophers(n: usize, turned_round: bool) {
    async_block!({
        let forks: Vec<_> = (0..n).map(|_| chan::fixed(1)).collect();
        for fork in &forks {
            fork.try_put(()).unwrap();
        }
        let tasks: Vec<_> = (0..n)
            .map(|i| {
                let (mut left, mut right) = (forks[i].clone(), forks[(i + 1) % n].clone());
                if turned_round && i == n - 1 {
                    std::mem::swap(&mut left, &mut right);
                }
                go!({
                    take!(left);
                    take!(right);
                    put!(left, ()).ok();
                    put!(right, ()).ok();
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
    })
    .await;
}

// Who of two is first at each of n forks: 2^n. That all are first at their right one is impossible, since they take the left one
// before; that all are first at their left one is the deadlock.
#[test]
fn philosophers_have_a_deadlock() {
    for n in 2..=5 {
        has(&sim::outcomes(|| philosophers(n, false)), (1 << n) - 1, 2);
    }
}

// With the last one turned round both cycles are impossible.
#[test]
fn philosophers_turned_round_all_eat() {
    for n in 2..=5 {
        let all = sim::outcomes(|| philosophers(n, true));
        has(&all, (1 << n) - 2, 1);
        assert!(all.failures().is_empty());
    }
}
