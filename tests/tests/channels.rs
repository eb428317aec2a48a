//! Channels: what each buffer does, who is served, what a close means.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_dsl::chan::{TryPutError, TryTakeError};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl_tests::takers_parked;

// S8
#[test]
#[should_panic(expected = "a sliding channel keeps at least 1 value")]
fn a_sliding_channel_of_no_value_is_refused() {
    drop(chan::sliding::<u32>(0));
}

// S8
#[test]
#[should_panic(expected = "a dropping channel keeps at least 1 value")]
fn a_dropping_channel_of_no_value_is_refused() {
    drop(chan::dropping::<u32>(0));
}

// S9, S10
#[async_dsl::test]
async fn values_come_out_in_the_order_they_went_in() {
    for c in [chan(), chan::fixed(10), chan::fixed(1), chan::fixed(0)] {
        go!(|c| {
            for value in ["a", "b", "c"] {
                put!(c, value).unwrap();
            }
        });
        let mut got = Vec::new();
        while let Some(value) = take!(c, 100ms, "quiet") {
            if value == "quiet" {
                break;
            }
            got.push(value);
        }
        assert_eq!(got, ["a", "b", "c"]);
    }
}

// S18, A2: driven by hand, for the pass on which it resumes
#[test]
fn a_parked_taker_resumes_on_the_pass_after_the_put() {
    let scheduler = Scheduler::manual();
    let c = chan::fixed(1);
    let taker = scheduler.enter(|| go!(|c| take!(c)));
    scheduler.run_until_parked();
    assert_eq!(
        (taker.is_finished(), c.waiting()),
        (false, takers_parked(1))
    );
    c.try_put(42).unwrap();
    assert!(!taker.is_finished(), "before the pass");
    assert_eq!(scheduler.run_once(), 1);
    assert!(taker.is_finished());
    assert_eq!(scheduler.block_on(taker), Some(42));
}

// A1
#[async_dsl::test]
async fn only_a_fixed_channel_parks_its_putters() {
    for c in [chan(), chan::dropping(2), chan::sliding(2)] {
        for n in 0..100 {
            assert_eq!(put!(c, n, 0ms), Ok(()));
        }
    }
    let fixed = chan::fixed(2);
    assert_eq!((put!(fixed, 1, 0ms), put!(fixed, 2, 0ms)), (Ok(()), Ok(())));
    assert_eq!(put!(fixed, 3, 0ms), Err(PutError::Elapsed(3)));
    let putter = go!(|fixed| put!(fixed, 3));
    sleep!(20ms);
    assert!(!putter.is_finished());
    assert_eq!(take!(fixed), Some(1));
    assert_eq!(putter.await, Ok(()));
}

// B1
#[test]
fn a_buffer_counts_and_keeps_its_order() {
    for (c, capacity, accepts, left) in [
        (chan(), None, true, vec![1, 2, 3]),
        (chan::fixed(2), Some(2), false, vec![1, 2]),
        (chan::dropping(2), Some(2), true, vec![1, 2]),
        (chan::sliding(2), Some(2), true, vec![2, 3]),
    ] {
        assert_eq!((c.capacity(), c.len(), c.is_empty()), (capacity, 0, true));
        assert_eq!(c.try_take(), Err(TryTakeError::Empty));
        assert_eq!((c.try_put(1), c.try_put(2)), (Ok(()), Ok(())));
        assert_eq!((c.len(), c.try_put(3).is_ok()), (2, accepts));
        assert_eq!(c.len(), left.len());
        for n in left {
            assert_eq!(c.try_take(), Ok(n));
        }
        assert_eq!((c.try_take(), c.len()), (Err(TryTakeError::Empty), 0));
    }
}

// S12, S13, B1
#[test]
fn dropping_keeps_the_first() {
    let c = chan::dropping(2);
    for n in 1..=5 {
        assert_eq!(c.try_put(n), Ok(()));
    }
    let left: Vec<i32> = std::iter::from_fn(|| c.try_take().ok()).collect();
    assert_eq!((left, c.discarded()), (vec![1, 2], 3));
}

// S14, B1
#[test]
fn sliding_keeps_the_latest() {
    let c = chan::sliding(3);
    for n in 1..=5 {
        assert_eq!(c.try_put(n), Ok(()));
    }
    let left: Vec<i32> = std::iter::from_fn(|| c.try_take().ok()).collect();
    assert_eq!((left, c.discarded()), (vec![3, 4, 5], 2));
}

// N14
#[async_dsl::test]
async fn a_parked_taker_gets_a_sliding_channels_first_value() {
    let c = chan::sliding(1);
    let taker = go!(|c| take!(c));
    sleep!(1ms);
    c.try_put(1).unwrap();
    c.try_put(2).unwrap();
    assert_eq!((taker.await, c.discarded()), (Some(1), 0));
}

// S15, A3, A9
#[async_dsl::test]
async fn a_parked_put_moves_into_the_buffer_as_soon_as_there_is_room() {
    let c = chan::fixed(1);
    put!(c, 'e').unwrap();
    let put = go!(|c| put!(c, 'f'));
    sleep!(20ms);
    assert!(!put.is_finished());
    assert_eq!(c.try_take(), Ok('e'));
    assert_eq!(c.len(), 1, "before the putter has run");
    assert_eq!((put.await, c.try_take()), (Ok(()), Ok('f')));
}

// S16
#[async_dsl::test]
async fn each_take_lets_one_more_put_happen() {
    let c = chan::fixed(1);
    let done = Arc::new(AtomicUsize::new(0));
    go!(|c, done| {
        for n in 1..=5 {
            put!(c, n).unwrap();
            done.fetch_add(1, Ordering::Relaxed);
        }
    });
    for n in 1..=5 {
        sleep!(1ms);
        assert_eq!(done.load(Ordering::Relaxed), n);
        assert_eq!(take!(c), Some(n));
    }
}

// S17, S19, N13
#[async_dsl::test]
async fn a_take_that_runs_out_of_time_loses_nothing() {
    let c = chan::fixed(1);
    go!(|c| {
        sleep!(100ms);
        put!(c, 42).unwrap();
    });
    assert_eq!(take!(c, 10ms, 0), Some(0));
    assert_eq!(take!(c), Some(42));
    c.try_put(1).unwrap();
    assert_eq!(take!(c, 0ms, 0), Some(1), "a value that is there wins");
    assert!(c.take_for(1ms).await.is_err(), "time over is not the end");
    c.close();
    assert_eq!(
        c.take_for(1ms).await,
        Ok(None),
        "and the end is not time over"
    );
    assert_eq!(take!(c, 1ms, 0), None);
}

#[async_dsl::test]
async fn a_put_that_runs_out_of_time_gives_its_value_back() {
    let c = chan::fixed(0);
    assert_eq!(put!(c, 1, 10ms), Err(PutError::Elapsed(1)));
    assert_eq!(c.waiting(), chan::Waiting::default());
    c.close();
    assert_eq!(put!(c, 1, 10ms), Err(PutError::Closed(1)));
}

// A4
#[async_dsl::test]
async fn of_two_takers_exactly_one_gets_the_value() {
    let c = chan::fixed(0);
    let first = go!(|c| take!(c));
    sleep!(1ms);
    let takers = [first, go!(|c| take!(c))];
    sleep!(1ms);
    put!(c, 7).unwrap();
    sleep!(1ms);
    assert_eq!(takers.each_ref().map(Task::is_finished), [true, false]);
    assert_eq!(c.waiting(), takers_parked(1));
}

// A5
#[async_dsl::test]
async fn a_put_on_a_rendezvous_is_done_only_when_a_taker_comes() {
    let c = chan::fixed(0);
    let putter = go!(|c| put!(c, 7));
    sleep!(20ms);
    assert!(!putter.is_finished());
    assert_eq!(c.len(), 0, "the value is still the putter's");
    assert_eq!(take!(c), Some(7));
    assert_eq!(putter.await, Ok(()));
}

// A6
#[async_dsl::test]
async fn a_take_on_a_rendezvous_is_done_only_when_a_putter_comes() {
    let c = chan::fixed(0);
    let taker = go!(|c| take!(c));
    sleep!(20ms);
    assert!(!taker.is_finished());
    put!(c, 7).unwrap();
    assert_eq!(taker.await, Some(7));
}

// X5, X3
#[async_dsl::test]
async fn waiters_are_served_in_the_order_they_came() {
    let c = chan::fixed(0);
    let served = Arc::new(Mutex::new(Vec::new()));
    for name in 0..4 {
        go!(|c, served| {
            let value = if name % 2 == 0 {
                take!(c)
            } else {
                alt! {
                    value = take!(c) => value,
                }
            };
            served.lock().unwrap().push((name, value));
        });
        sleep!(1ms);
    }
    for value in 0..4 {
        put!(c, value).unwrap();
    }
    sleep!(1ms);
    // Served in order, they may run in any.
    let mut served = served.lock().unwrap();
    served.sort_unstable();
    let expected: Vec<_> = (0..4).map(|n| (n, Some(n))).collect();
    assert_eq!(*served, expected);
}

// X3: one that gives up meanwhile does not change the order of the others.
#[async_dsl::test]
async fn parked_putters_are_served_in_the_order_they_came() {
    for c in [chan::fixed(0), chan::fixed(1)] {
        let mut putters = Vec::new();
        for n in 0..5 {
            putters.push(go!(|c| -> bool {
                match n {
                    3 => alt! { sent = put!(c, n) => sent.is_ok() },
                    4 => c.reserve().await.put(n).is_ok(),
                    _ => put!(c, n).is_ok(),
                }
            }));
            sleep!(1ms);
        }
        let leaves = putters.remove(2);
        go!({ leaves.cancel().await });
        let mut taken = Vec::new();
        for _ in 0..5 {
            taken.extend(take!(c, 1ms, 9).filter(|n| *n < 9));
        }
        // It was served, or it was not.
        taken.retain(|n| *n != 2);
        assert_eq!(taken, [0, 1, 3, 4]);
        assert_eq!(await!(each putters), [true; 4]);
    }
}

// A10
#[test]
fn trying_never_waits() {
    let c = chan::fixed(2);
    assert_eq!(c.try_put(1), Ok(()));
    assert_eq!(c.try_put(2), Ok(()));
    assert_eq!(c.try_put(3), Err(TryPutError::Full(3)));
    assert_eq!((c.try_take(), c.try_take()), (Ok(1), Ok(2)));
    assert_eq!(c.try_take(), Err(TryTakeError::Empty));
    let meeting = chan::fixed(0);
    assert_eq!(meeting.try_put(1), Err(TryPutError::Full(1)));
    assert_eq!(meeting.try_take(), Err(TryTakeError::Empty));
}

// N15
#[async_dsl::test]
async fn closing_gives_parked_puts_their_values_back_and_keeps_the_buffer() {
    let c = chan::fixed(1);
    put!(c, 1).unwrap();
    let put = go!(|c| put!(c, 2));
    yield_now!();
    assert!(c.close());
    assert!(!c.close(), "only one call closes it");
    assert_eq!(put.await, Err(Closed(2)));
    assert_eq!(put!(c, 3), Err(Closed(3)));
    assert_eq!((take!(c), take!(c)), (Some(1), None));
}

#[async_dsl::test]
async fn closing_ends_parked_takes() {
    let c = chan::<u32>();
    let takers = [go!(|c| take!(c)), go!(|c| take!(c))];
    yield_now!();
    c.close();
    assert_eq!(await!(each takers), [None, None]);
}

// N16
#[async_dsl::test]
async fn a_producer_that_panics_ends_its_consumer() {
    let (putter, taker) = chan::fixed(1).split();
    let producer = go!({
        put!(putter, 1).unwrap();
        assert!(taker_is_served(), "an accident");
    });
    assert_eq!((take!(taker), take!(taker)), (Some(1), None));
    assert!(producer.outcome().await.is_err());
}

fn taker_is_served() -> bool {
    false
}

#[test]
fn when_the_last_taker_goes_puts_fail_and_what_is_left_is_counted() {
    let (putter, taker) = chan::fixed(3).split();
    let other = taker.clone();
    putter.try_put(1).unwrap();
    drop(taker);
    putter.try_put(2).unwrap();
    drop(other);
    assert_eq!(putter.try_put(3), Err(TryPutError::Closed(3)));
    assert_eq!((putter.len(), putter.discarded()), (0, 2));
}

// N8
#[async_dsl::test]
async fn a_taker_cancelled_after_it_was_served_passes_the_value_on() {
    let c = chan::fixed(0);
    let first = go!(|c| take!(c));
    sleep!(1ms);
    let second = go!(|c| take!(c));
    sleep!(1ms);
    c.try_put(7).unwrap(); // wakes the first, which does not run any more
    drop(first.cancel());
    sleep!(1ms);
    assert!(second.is_finished());
    assert_eq!(second.await, Some(7));
    assert_eq!((c.len(), c.waiting()), (0, chan::Waiting::default()));
}

// N17
#[test]
fn memory_is_there_after_a_burst_and_the_counters_are_right() {
    let c = chan();
    for n in 0..100_000_u32 {
        c.try_put(n).unwrap();
    }
    for n in 0..100_000 {
        assert_eq!(c.try_take(), Ok(n));
    }
    let stats = c.stats();
    assert_eq!((stats.puts, stats.takes), (100_000, 100_000));
    assert_eq!((stats.discarded, stats.high_water), (0, 100_000));
}

// Found by the random programs of `conservation.rs`.
#[async_dsl::test]
async fn a_granted_place_that_is_not_used_goes_to_the_next_putter() {
    let c = chan::fixed(1);
    let taker = go!(|c| take!(c));
    yield_now!();
    let permit = c.reserve().await;
    let next = go!(|c| c.reserve().await.put(2));
    yield_now!();
    // Straight to the taker, past the buffer: the place is free again.
    permit.put(1).unwrap();
    assert_eq!((taker.await, next.await), (Some(1), Ok(())));
}
