//! Time limits.

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::yield_now;
use async_dsl::time::{self, sleep};
use async_dsl::time::{Elapsed, timeout};

const MS: Duration = Duration::from_millis(1);

#[async_dsl::test]
async fn a_value_in_time() {
    let start = time::now();
    let task = go!({
        timeout!(100ms, {
            sleep!(99ms);
            42
        })
    });
    assert_eq!(task.await, Ok(42));
    assert_eq!(time::now() - start, 99 * MS);
}

#[async_dsl::test]
async fn no_value_in_time() {
    let start = time::now();
    let task = go!({ timeout!(100ms, { pending::<()>().await }) });
    let elapsed: Elapsed = task.await.unwrap_err();
    assert_eq!(time::now() - start, 100 * MS);
    assert_eq!(elapsed.limit(), 100 * MS);
    assert_eq!(elapsed.to_string(), "not done within 100ms");
}

// S19
#[async_dsl::test]
async fn what_is_ready_wins_even_over_a_time_of_0() {
    let c = chan::fixed(3);
    for n in 1..=3 {
        put!(c, n).unwrap();
    }
    // Others that are ready change nothing.
    for _ in 0..2 {
        go!({ yield_now!() });
    }
    assert_eq!(timeout!(0ms, { 42 }), Ok(42));
    let all = timeout!(0ms, { [take!(c), take!(c), take!(c)] });
    assert_eq!(all, Ok([Some(1), Some(2), Some(3)]));
    assert!(timeout!(0ms, { take!(c) }).is_err());
    let never = timeout!(0ms, { pending::<()>().await });
    assert!(never.is_err());
}

// N7
#[async_dsl::test]
async fn a_value_that_comes_at_the_deadline_wins() {
    go!({ sleep!(100ms) });
    let inner = timeout(100 * MS, sleep(100 * MS)).await;
    go!({ sleep!(50ms) });
    let outer = timeout(50 * MS, timeout(50 * MS, pending::<()>())).await;
    let both = (inner, outer.map(|inner| inner.is_err()));
    assert_eq!(both, (Ok(()), Ok(true)));
}

// N7: put and taken at the moment of both limits
#[async_dsl::test]
async fn a_value_that_comes_at_the_deadline_of_its_taker_is_taken_or_handed_back() {
    let c = chan::fixed(0);
    let putters = [1, 2].map(|value| {
        go!(|c| {
            sleep!(9ms);
            put!(c, value, 1ms).map_err(PutError::into_inner).err()
        })
    });
    let taker = go!(|c| {
        let within = timeout!(10ms, { take!(c) });
        within.ok().flatten()
    });
    let mut values = Vec::from_iter(taker.await);
    values.extend(take!(c, 10ms, 0).filter(|value| *value > 0));
    for putter in putters {
        values.extend(putter.await);
    }
    values.sort_unstable();
    assert_eq!(values, [1, 2]);
    assert_eq!((c.len(), c.waiting()), (0, chan::Waiting::default()));
}

#[async_dsl::test]
async fn the_future_is_dropped_before_the_error_is_given() {
    struct Flag(Arc<AtomicBool>);
    impl Drop for Flag {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicBool::new(false));
    let flag = Flag(Arc::clone(&dropped));
    let work = async move {
        let _flag = flag;
        pending::<()>().await;
    };
    let mut limited = Box::pin(timeout(MS, work));
    assert!((&mut limited).await.is_err());
    assert!(dropped.load(Ordering::SeqCst));
    drop(limited);
}

// Driven by hand, as the timers are counted.
#[test]
fn a_time_limit_that_is_over_or_dropped_leaves_no_timer() {
    let scheduler = Scheduler::virtual_time();
    scheduler
        .block_on(async { timeout(100 * MS, sleep(99 * MS)).await })
        .unwrap();
    assert_eq!(scheduler.pending_timers(), 0);
    let late = scheduler.block_on(async { timeout(100 * MS, pending::<()>()).await });
    assert!(late.is_err());
    assert_eq!(scheduler.pending_timers(), 0);
    let task = scheduler.spawn(async { timeout(100 * MS, pending::<()>()).await });
    scheduler.run_until_parked();
    assert_eq!(scheduler.pending_timers(), 1);
    scheduler.block_on(task.cancel());
    assert_eq!(scheduler.pending_timers(), 0);
}

#[async_dsl::test]
async fn a_time_limit_longer_than_the_clock_is_none() {
    let work = async {
        sleep(100 * MS).await;
        42
    };
    assert_eq!(timeout(Duration::MAX, work).await, Ok(42));
}

/// What used most of the budget before is not the fault of what is ready at the deadline either.
/// Driven by hand, because simulated schedules have no budget.
#[test]
fn a_nearly_used_up_budget_is_not_taken_for_time_over() {
    for before in 100..140 {
        let scheduler = Scheduler::virtual_time();
        let c = chan();
        for n in 0..200 {
            c.try_put(n).unwrap();
        }
        let task = scheduler.spawn(async move {
            for _ in 0..before {
                c.take().await;
            }
            timeout(Duration::ZERO, async {
                for n in before..before + 40 {
                    assert_eq!(c.take().await, Some(n));
                }
            })
            .await
        });
        assert_eq!(scheduler.block_on(task), Ok(()), "after {before}");
    }
}

/// And a limit that begins with little of the budget left is there nevertheless.
#[test]
fn a_time_limit_that_begins_with_a_nearly_used_up_budget_ends() {
    for before in 120..135 {
        let scheduler = Scheduler::virtual_time();
        let c = chan::<u8>();
        let sliding = chan::sliding(1);
        let task = scheduler.spawn(async move {
            for _ in 0..before {
                sliding.put(()).await.unwrap();
            }
            timeout(MS, c.take()).await.is_err()
        });
        assert!(scheduler.block_on(task), "after {before}");
    }
}

/// The budget makes even a ready operation say that it is not ready: that is not the operation's fault.
/// Driven by hand, because simulated schedules have no budget.
#[test]
fn a_used_up_budget_is_not_taken_for_time_over() {
    let scheduler = Scheduler::virtual_time();
    let (resolver, promise) = promise();
    resolver.deliver(());
    let task = scheduler.spawn(async move {
        for _ in 0..1000 {
            timeout(Duration::ZERO, &promise).await.unwrap().unwrap();
        }
    });
    scheduler.block_on(task);
}

// Driven by hand, because it is the budget that stops the first one.
#[test]
fn a_future_that_never_parks_is_stopped_too() {
    let scheduler = Scheduler::virtual_time();
    let (resolver, promise) = promise();
    resolver.deliver(());
    let task = scheduler.spawn(async move {
        let busy = async {
            loop {
                (&promise).await.unwrap();
            }
        };
        timeout(Duration::ZERO, busy).await
    });
    let result: Result<(), Elapsed> = scheduler.block_on(task);
    assert!(result.is_err());

    let spinning = scheduler.spawn(async {
        let spin = async {
            loop {
                yield_now().await;
            }
        };
        timeout(Duration::ZERO, spin).await
    });
    let result: Result<(), Elapsed> = scheduler.block_on(spinning);
    assert!(result.is_err());
}

#[async_dsl::test]
async fn a_busy_block_is_stopped_at_its_deadline_under_every_schedule() {
    let turns = Arc::new(AtomicUsize::new(0));
    let busy = go!(|turns| {
        timeout!(0ms, {
            loop {
                turns.fetch_add(1, Ordering::Relaxed);
                yield_now!();
            }
        })
    });
    go!({
        for _ in 0..5 {
            yield_now!();
        }
    });
    let result: Result<(), Elapsed> = busy.await;
    assert!(result.is_err());
    assert!(turns.load(Ordering::Relaxed) > 0);
}

#[async_dsl::test]
async fn a_future_given_by_reference_goes_on() {
    go!({ sleep!(99ms) });
    let mut work = Box::pin(async {
        sleep(100 * MS).await;
        42
    });
    assert!(timeout(99 * MS, &mut work).await.is_err());
    assert_eq!(timeout(MS, &mut work).await, Ok(42));
}

#[async_dsl::test]
async fn the_future_is_polled_before_the_timer() {
    let start = time::now();
    // Ready exactly when the clock stands at the deadline, without a timer of its own.
    let other = sleep(100 * MS);
    let value = poll_fn(move |_| match time::now() - start {
        now if now < 100 * MS => Poll::Pending,
        now => Poll::Ready(now),
    });
    let value = timeout(100 * MS, value).await;
    drop(other);
    assert_eq!(value, Ok(100 * MS));
}

// One limit within another, and work that ends at the moment of both: whatever wins, all agree on it.
#[async_dsl::test]
async fn nested_limits_that_end_together_agree() {
    let done = Arc::new(AtomicUsize::new(0));
    let work = go!(|done| {
        timeout!(10ms, {
            timeout!(10ms, {
                for _ in 0..10 {
                    sleep!(1ms);
                }
                done.fetch_add(1, Ordering::Relaxed);
            })
        })
    });
    go!({ sleep!(10ms) });
    let start = time::now();
    let result = work.await;
    let finished = done.load(Ordering::Relaxed) == 1;
    assert_eq!(result == Ok(Ok(())), finished, "{result:?}");
    assert!(result.is_ok(), "what is ready at the deadline wins");
    assert_eq!(time::now() - start, 10 * MS);
}
