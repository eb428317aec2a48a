//! Fairness of choices among arms of the same channel, of choices on both sides, and of timers. After crossbeam-channel's
//! `fairness`, `fairness_duplicates` and `stress_default`.

use std::time::Instant;

use async_dsl::prelude::*;

use super::{Array, List, Zero, ms};

const COUNT: usize = 10_000;

// With the randomness of real schedulers, as the rest of this file: a fair choice among five gives an arm fewer than
// half of its share of ten thousand less than once in 10^100 runs.
#[async_dsl::test(threads = 1)]
async fn arms_of_the_same_channel_win_in_equal_parts() {
    for flavour in [Array(COUNT), List] {
        let (s, r) = flavour.make::<()>();
        for _ in 0..COUNT {
            s.try_put(()).unwrap();
        }
        let mut hits = [0_usize; 5];
        for _ in 0..COUNT {
            alt! {
                _ = take!(r) => hits[0] += 1,
                _ = take!(r) => hits[1] += 1,
                _ = take!(r) => hits[2] += 1,
                _ = take!(r) => hits[3] += 1,
                _ = take!(r) => hits[4] += 1,
            }
        }
        assert!(hits.iter().all(|n| *n >= COUNT / 10), "{hits:?}");
    }
}

/// Both sides choose: of every pair that meets both say the same channel.
#[async_dsl::test(threads = 2)]
async fn choices_that_meet_choice_by_choice_are_fair_and_agree() {
    let (s1, r1) = Zero.make::<()>();
    let (s2, r2) = Zero.make::<()>();
    let taker = go!({
        let mut hits = [0_usize; 2];
        for _ in 0..COUNT {
            alt! {
                _ = take!(r1) => hits[0] += 1,
                _ = take!(r2) => hits[1] += 1,
            }
        }
        hits
    });
    let mut hits = [0_usize; 2];
    for _ in 0..COUNT {
        alt! {
            sent = put!(s1, ()) => hits[0] += usize::from(sent.is_ok()),
            sent = put!(s2, ()) => hits[1] += usize::from(sent.is_ok()),
        }
    }
    assert_eq!(hits, taker.await);
    assert!(hits.iter().all(|n| *n >= COUNT / 4), "{hits:?}");
}

#[async_dsl::test(threads = 2)]
async fn arms_of_the_same_rendezvous_win_in_equal_parts_on_both_sides() {
    let (s, r) = Zero.make::<()>();
    let taker = go!({
        let mut hits = [0_usize; 5];
        for _ in 0..COUNT {
            alt! {
                _ = take!(r) => hits[0] += 1,
                _ = take!(r) => hits[1] += 1,
                _ = take!(r) => hits[2] += 1,
                _ = take!(r) => hits[3] += 1,
                _ = take!(r) => hits[4] += 1,
            }
        }
        hits
    });
    let mut hits = [0_usize; 5];
    for _ in 0..COUNT {
        alt! {
            sent = put!(s, ()) => hits[0] += usize::from(sent.is_ok()),
            sent = put!(s, ()) => hits[1] += usize::from(sent.is_ok()),
            sent = put!(s, ()) => hits[2] += usize::from(sent.is_ok()),
            sent = put!(s, ()) => hits[3] += usize::from(sent.is_ok()),
            sent = put!(s, ()) => hits[4] += usize::from(sent.is_ok()),
        }
    }
    let others = taker.await;
    assert_eq!((hits.iter().sum(), others.iter().sum()), (COUNT, COUNT));
    for hits in [hits, others] {
        assert!(hits.iter().all(|n| *n >= COUNT / 10), "{hits:?}");
    }
}

#[async_dsl::test(threads = 1)]
async fn timers_that_are_over_win_in_equal_parts() {
    let mut hits = [0_usize; 5];
    for _ in 0..COUNT / 2 {
        alt! {
            sleep!(0ms) => hits[0] += 1,
            sleep!(0ms) => hits[1] += 1,
            sleep!(0ms) => hits[2] += 1,
            sleep!(0ms) => hits[3] += 1,
            sleep!(0ms) => hits[4] += 1,
        }
    }
    assert!(hits.iter().all(|n| *n >= COUNT / 20), "{hits:?}");
}

/// With threads, whose choices all set and remove a timer that is far away.
#[test]
fn far_timers_of_many_threads_wake_nobody() {
    let start = Instant::now();
    let threads = [(); 16].map(|()| {
        std::thread::spawn(|| {
            async_dsl::block_on(async_block!({
                let c = chan::<()>();
                let mut early = 0;
                for _ in 0..100 {
                    alt! {
                        _ = take!(c) => early += 1,
                        sleep!(1h) => early += 1,
                        default => {}
                    }
                }
                early
            }))
        })
    });
    assert_eq!(threads.map(|thread| thread.join().unwrap()), [0; 16]);
    assert!(start.elapsed() < ms(20_000));
}
