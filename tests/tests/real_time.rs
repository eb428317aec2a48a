//! Sleeps by the real clock, which end in slots of a millisecond, and those that do not.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::Task;
use async_dsl::time::{self, Sleep, precise, sleep, sleep_until, timeout};

/// Far more than a machine with other things to do is late.
const VERY_LATE: Duration = Duration::from_secs(20);

fn us(n: u64) -> Duration {
    Duration::from_micros(n)
}

/// How long after its end the sleep is over. It must not be before.
async fn late(sleep: Sleep) -> Duration {
    let end = sleep.deadline().unwrap();
    sleep.await;
    let now = Instant::now();
    assert!(now >= end, "{:?} early", end - now);
    now - end
}

/// T1, under load, with every second one cancelled on the way.
#[test]
fn none_of_very_many_sleeps_is_early_or_lost() {
    async_dsl::block_on(async {
        let hogs: Vec<_> = (0..4)
            .map(|_| {
                go!({
                    loop {
                        yield_now!();
                    }
                })
            })
            .collect();
        // From 1 to 50 ms, in no order.
        let mut lengths = (0..).map(|number: u64| us(1_000 + number * 7_919 % 49_000));
        let mut sleepers = || -> Vec<Task<Duration>> {
            let lengths = lengths.by_ref().take(5_000);
            lengths
                .map(|length| go!({ late(sleep(length)).await }))
                .collect()
        };
        let (kept, cancelled) = (sleepers(), sleepers());
        let mut kept = kept.into_iter();
        let mut latest = kept.next().unwrap().await;
        for task in &cancelled {
            task.canceller().cancel();
        }
        for task in kept {
            latest = latest.max(task.await);
        }
        assert!(latest < VERY_LATE, "{latest:?}");
        for hog in hogs {
            hog.cancel().await;
        }
    });
}

#[test]
fn a_precise_sleep_is_not_early() {
    async_dsl::block_on(async {
        for length in [0, 1, 50, 300, 999, 1_000, 1_001, 2_500] {
            late(precise(us(length))).await;
            let end = time::now() + us(length);
            late(sleep_until(end).precise()).await;
        }
    });
}

/// Eight slots take more than seven milliseconds. The best of many, since the machine may be late at any of them.
#[test]
fn a_precise_sleep_does_not_wait_for_the_end_of_a_slot() {
    Scheduler::manual().block_on(async {
        let mut best = Duration::MAX;
        for _ in 0..1_000 {
            let start = Instant::now();
            for _ in 0..8 {
                precise(us(100)).await;
            }
            best = best.min(start.elapsed());
            if best < Duration::from_millis(5) {
                return;
            }
        }
        panic!("eight take at least {best:?}");
    });
}

#[test]
fn a_precise_limit_is_not_early() {
    async_dsl::block_on(async {
        for limit in [us(1), us(700), us(1_300)] {
            let end = Instant::now() + limit;
            let limited = timeout(limit, std::future::pending::<()>()).precise();
            assert_eq!(limited.await.unwrap_err().limit(), limit);
            assert!(Instant::now() >= end);
            assert_eq!(timeout(limit, async { 42 }).precise().await, Ok(42));
        }
    });
}

/// T1: a clock that stands still knows no slots.
#[async_dsl::test]
async fn virtual_sleeps_are_exact_to_the_nanosecond() {
    for length in [1, 999, 1_000_001, 1_999_999].map(Duration::from_nanos) {
        let before = time::now();
        sleep(length).await;
        assert_eq!(time::now() - before, length);
        precise(length).await;
        assert_eq!(time::now() - before, 2 * length);
    }
}

#[test]
fn sleeps_of_years_are_parked_and_cancelled() {
    let scheduler = Scheduler::manual();
    let year = Duration::from_secs(365 * 24 * 3600);
    let lengths = [1, 3, 600, 1_000_000].map(|years| year * years);
    let tasks = lengths.map(|length| {
        [
            scheduler.spawn(async move { sleep(length).await }),
            scheduler.spawn(async move { precise(length).await }),
        ]
    });
    scheduler.block_on(async { sleep(us(1_500)).await });
    assert_eq!(scheduler.pending_timers(), 2 * lengths.len());
    for task in tasks.into_iter().flatten() {
        scheduler.block_on(task.cancel());
    }
    assert_eq!(scheduler.pending_timers(), 0);
}

/// T2
#[test]
fn sleeps_of_one_slot_end_in_order_of_their_ends() {
    let scheduler = Scheduler::manual();
    let order = Arc::new(Mutex::new(Vec::new()));
    let end = scheduler.now() + Duration::from_millis(20);
    let tasks = [7, 3, 9, 0, 5, 1, 8, 2, 6, 4].map(|number| {
        let order = Arc::clone(&order);
        scheduler.spawn(async move {
            sleep_until(end + us(number * 10)).await;
            order.lock().unwrap().push(number);
        })
    });
    scheduler.run_until_parked();
    // The time comes for all of them before the scheduler looks.
    std::thread::sleep(Duration::from_millis(40));
    for task in tasks {
        scheduler.block_on(task);
    }
    assert_eq!(*order.lock().unwrap(), (0..10).collect::<Vec<_>>());
}

/// A sleep that is polled sees that its time has come, before the alarm of its slot has told it.
#[test]
fn a_sleep_that_is_polled_looks_at_the_clock() {
    let mut cx = Context::from_waker(Waker::noop());
    let mut sleep = sleep(us(50));
    let end = sleep.deadline().unwrap();
    let _ = Pin::new(&mut sleep).poll(&mut cx);
    while Instant::now() < end {
        std::hint::spin_loop();
    }
    assert!(Pin::new(&mut sleep).poll(&mut cx).is_ready());
}

#[test]
fn a_sleep_wakes_the_task_that_polled_it_last() {
    let scheduler = Scheduler::manual();
    let mut sleep = scheduler.enter(|| sleep(Duration::from_millis(20)));
    scheduler.block_on(poll_fn(|cx| {
        assert!(Pin::new(&mut sleep).poll(cx).is_pending());
        Poll::Ready(())
    }));
    assert_eq!(scheduler.pending_timers(), 1);
    scheduler.block_on(scheduler.spawn(late(sleep)));
    assert_eq!(scheduler.pending_timers(), 0);
}

/// Made precise half-way, it leaves its slot.
#[test]
fn a_sleep_may_become_precise_later() {
    let scheduler = Scheduler::manual();
    scheduler.block_on(async {
        let mut sleep = sleep(Duration::from_millis(5));
        poll_fn(|cx| {
            assert!(Pin::new(&mut sleep).poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        late(sleep.precise()).await;
    });
    assert_eq!(scheduler.pending_timers(), 0);
}

/// A waker that makes and drops sleeps, as the slot of its own is over.
#[test]
fn a_waker_may_sleep() {
    struct Sleeps(std::sync::mpsc::Sender<()>);
    impl Wake for Sleeps {
        fn wake(self: Arc<Self>) {
            let mut cx = Context::from_waker(Waker::noop());
            for length in [us(1), us(900), Duration::from_secs(1)] {
                let _ = Pin::new(&mut sleep(length)).poll(&mut cx);
            }
            self.0.send(()).unwrap();
        }
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    let waker = Waker::from(Arc::new(Sleeps(sender)));
    let mut sleep = sleep(Duration::from_millis(3));
    let polled = Pin::new(&mut sleep).poll(&mut Context::from_waker(&waker));
    assert!(polled.is_pending());
    receiver.recv_timeout(VERY_LATE).unwrap();
}
