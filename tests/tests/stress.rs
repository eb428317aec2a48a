//! Many tasks at once, every value accounted for. The full sizes run with
//! `cargo test -p async-dsl-tests --release --test stress -- --ignored`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_dsl::ops::yield_now::yield_now;
use async_dsl::prelude::*;

/// What became of the values.
#[derive(Default)]
struct Tally {
    put: AtomicU64,
    taken: AtomicU64,
}

/// Go blocks that select over two channels, each putting and taking what it can; random ones are cancelled and
/// started anew, and now and then a pair of channels is closed and replaced.
async fn select_over_pairs(blocks: usize, time: Duration) {
    let deadline = std::time::Instant::now() + time;
    let tally = Arc::new(Tally::default());
    let pair = || (chan::fixed::<u64>(0), chan::fixed::<u64>(2));
    let start = |a: Chan<u64>, b: Chan<u64>, tally: Arc<Tally>| {
        go!({
            // What happens is noted in the poll in which it happens, so a cancelled block forgets nothing.
            loop {
                alt! {
                    sent = put!(a, 1) => match sent {
                        Ok(()) => tally.put.fetch_add(1, Ordering::Relaxed),
                        Err(_) => break,
                    },
                    sent = put!(b, 1) => match sent {
                        Ok(()) => tally.put.fetch_add(1, Ordering::Relaxed),
                        Err(_) => break,
                    },
                    value = take!(a) => match value {
                        Some(n) => tally.taken.fetch_add(n, Ordering::Relaxed),
                        None => break,
                    },
                    value = take!(b) => match value {
                        Some(n) => tally.taken.fetch_add(n, Ordering::Relaxed),
                        None => break,
                    },
                };
                yield_now().await;
            }
        })
    };
    // Ten blocks a pair.
    let mut groups: Vec<_> = (0..blocks / 10)
        .map(|_| {
            let (a, b) = pair();
            let tasks: Vec<_> = (0..10)
                .map(|_| start(a.clone(), b.clone(), Arc::clone(&tally)))
                .collect();
            (a, b, tasks)
        })
        .collect();
    let mut left = 0;
    let mut random = 1_u64;
    while std::time::Instant::now() < deadline {
        for _ in 0..100 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let pick = usize::try_from(random >> 33).unwrap();
            let group = pick % groups.len();
            let (a, b, tasks) = &mut groups[group];
            if pick % 16 == 0 {
                a.close();
                b.close();
                for task in tasks.drain(..) {
                    task.await;
                }
                left += drain(a, b);
                (*a, *b) = pair();
                tasks.extend((0..10).map(|_| start(a.clone(), b.clone(), Arc::clone(&tally))));
            } else {
                let one = tasks.swap_remove(pick % tasks.len());
                one.cancel().await;
                tasks.push(start(a.clone(), b.clone(), Arc::clone(&tally)));
            }
        }
    }
    for (a, b, tasks) in groups {
        a.close();
        b.close();
        for task in tasks {
            task.await;
        }
        left += drain(&a, &b);
        assert_eq!((a.waiting(), b.waiting()), ((0, 0), (0, 0)));
    }
    let (put, taken) = (
        tally.put.load(Ordering::Relaxed),
        tally.taken.load(Ordering::Relaxed),
    );
    println!("{blocks} blocks: {put} values put, {taken} taken, {left} left in buffers");
    assert_eq!(put, taken + left);
    assert!(put > 0);
}

fn drain(a: &Chan<u64>, b: &Chan<u64>) -> u64 {
    let rest = |c: &Chan<u64>| std::iter::from_fn(|| c.try_take().ok()).sum::<u64>();
    rest(a) + rest(b)
}

#[test]
fn selecting_blocks_account_for_every_value() {
    async_dsl::block_on(select_over_pairs(500, Duration::from_secs(1)));
}

#[test]
#[ignore = "a minute: `--release -- --ignored`"]
fn ten_thousand_selecting_blocks_account_for_every_value_for_a_minute() {
    async_dsl::block_on(select_over_pairs(10_000, Duration::from_secs(60)));
}

/// Tasks that are parked at the same time, each on a channel of its own, then all woken and finished.
async fn park_and_wake(tasks: u64) {
    let parked: Vec<(Chan<u64>, Task<u64>)> = (0..tasks)
        .map(|_| {
            let c = chan::fixed(0);
            let task = go!(|c| take!(c).unwrap());
            (c, task)
        })
        .collect();
    for (c, _) in &parked {
        while c.waiting() != (1, 0) {
            yield_now().await;
        }
    }
    for ((c, _), n) in parked.iter().zip(0..) {
        c.try_put(n).unwrap();
    }
    let mut sum = 0;
    for (_, task) in parked {
        sum += task.await;
    }
    assert_eq!(sum, tasks * (tasks - 1) / 2);
}

#[test]
fn parked_tasks_are_all_woken_and_finished() {
    async_dsl::block_on(park_and_wake(20_000));
}

#[test]
#[ignore = "a gigabyte: `--release -- --ignored`"]
fn a_million_parked_tasks_are_all_woken_and_finished() {
    async_dsl::block_on(park_and_wake(1_000_000));
}
