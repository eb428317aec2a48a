//! Time limits.

use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_dsl::ops::timeout::{Elapsed, timeout};
use async_dsl::ops::yield_now::yield_now;
use async_dsl::promise::promise;
use async_dsl::scheduler::Scheduler;
use async_dsl::time::sleep;

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_value_in_time() {
    let scheduler = Scheduler::virtual_time();
    let start = scheduler.now();
    let work = async {
        sleep(99 * MS).await;
        42
    };
    assert_eq!(
        scheduler.block_on(async { timeout(100 * MS, work).await }),
        Ok(42)
    );
    assert_eq!(scheduler.now() - start, 99 * MS);
    assert_eq!(scheduler.pending_timers(), 0);
}

#[test]
fn no_value_in_time() {
    let scheduler = Scheduler::virtual_time();
    let start = scheduler.now();
    let late = scheduler.block_on(async { timeout(100 * MS, pending::<()>()).await });
    assert_eq!(scheduler.now() - start, 100 * MS);
    let elapsed: Elapsed = late.unwrap_err();
    assert_eq!(elapsed.limit(), 100 * MS);
    assert_eq!(elapsed.to_string(), "not done within 100ms");
    assert_eq!(scheduler.pending_timers(), 0);
}

// S19
#[test]
fn what_is_ready_wins_even_over_a_time_of_0() {
    let scheduler = Scheduler::virtual_time();
    let ready = scheduler.block_on(async { timeout(Duration::ZERO, async { 42 }).await });
    assert_eq!(ready, Ok(42));
    let never = scheduler.block_on(async { timeout(Duration::ZERO, pending::<()>()).await });
    assert!(never.is_err());
}

// N7
#[test]
fn a_value_that_comes_at_the_deadline_wins() {
    let scheduler = Scheduler::virtual_time();
    let both = async {
        let inner = timeout(100 * MS, sleep(100 * MS)).await;
        let outer = timeout(50 * MS, timeout(50 * MS, pending::<()>())).await;
        (inner, outer.map(|inner| inner.is_err()))
    };
    assert_eq!(scheduler.block_on(both), (Ok(()), Ok(true)));
}

#[test]
fn the_future_is_dropped_before_the_error_is_given() {
    struct Flag(Arc<AtomicBool>);
    impl Drop for Flag {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let scheduler = Scheduler::virtual_time();
    let dropped = Arc::new(AtomicBool::new(false));
    let flag = Flag(Arc::clone(&dropped));
    scheduler.block_on(async move {
        let work = async move {
            let _flag = flag;
            pending::<()>().await;
        };
        let mut limited = Box::pin(timeout(MS, work));
        assert!((&mut limited).await.is_err());
        assert!(dropped.load(Ordering::SeqCst));
        drop(limited);
    });
}

#[test]
fn dropping_a_time_limit_leaves_no_timer() {
    let scheduler = Scheduler::virtual_time();
    let task = scheduler.spawn(async { timeout(100 * MS, pending::<()>()).await });
    scheduler.run_until_parked();
    assert_eq!(scheduler.pending_timers(), 1);
    scheduler.block_on(task.cancel());
    assert_eq!(scheduler.pending_timers(), 0);
}

#[test]
fn a_time_limit_longer_than_the_clock_is_none() {
    let scheduler = Scheduler::virtual_time();
    let limited = async {
        let work = async {
            sleep(100 * MS).await;
            42
        };
        timeout(Duration::MAX, work).await
    };
    assert_eq!(scheduler.block_on(limited), Ok(42));
}

/// The budget makes even a ready operation say that it is not ready: that is not the operation's fault.
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

#[test]
fn a_future_given_by_reference_goes_on() {
    let scheduler = Scheduler::virtual_time();
    let both = async {
        let mut work = Box::pin(async {
            sleep(100 * MS).await;
            42
        });
        (
            timeout(99 * MS, &mut work).await.is_err(),
            timeout(MS, &mut work).await,
        )
    };
    assert_eq!(scheduler.block_on(both), (true, Ok(42)));
}

#[test]
fn the_future_is_polled_before_the_timer() {
    let scheduler = Scheduler::virtual_time();
    let start = scheduler.now();
    let at_deadline = {
        let scheduler = scheduler.clone();
        async move {
            // Ready exactly when the clock stands at the deadline, without a timer of its own.
            let other = sleep(100 * MS);
            let value = poll_fn(move |_| match scheduler.now() - start {
                now if now < 100 * MS => Poll::Pending,
                now => Poll::Ready(now),
            });
            let value = timeout(100 * MS, value).await;
            drop(other);
            value
        }
    };
    assert_eq!(scheduler.block_on(at_deadline), Ok(100 * MS));
}
