//! Time: sleeps, their order, and clocks that stand still.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::spawn_thread;
use async_dsl::time::{self, sleep};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// T1, with the real clock.
#[test]
fn a_sleep_is_not_over_before_its_time() {
    let before = std::time::Instant::now();
    async_dsl::block_on(sleep(ms(500)));
    assert!(before.elapsed() >= ms(500));
}

/// T1, simulated: tasks that race for the processor still sleep to the point.
#[async_dsl::test]
async fn a_virtual_sleep_takes_exactly_its_time() {
    let sleepers = [500, 3, 500, 0].map(|length| {
        go!({
            yield_now!();
            let before = time::now();
            sleep(ms(length)).await;
            assert_eq!(time::now() - before, ms(length));
            sleep!(7ms);
            assert_eq!(time::now() - before, ms(length + 7));
        })
    });
    let before = time::now();
    for sleeper in sleepers {
        sleeper.await;
    }
    assert_eq!(time::now() - before, ms(507));
}

/// T2
#[async_dsl::test]
async fn sleeps_end_in_order_of_their_ends() {
    let order = Arc::new(Mutex::new(Vec::new()));
    for (number, length) in [800, 600, 700, 500].into_iter().enumerate() {
        go!(|order| {
            yield_now!();
            sleep(ms(length)).await;
            order.lock().unwrap().push(number);
        });
    }
    sleep!(801ms);
    assert_eq!(*order.lock().unwrap(), [3, 1, 2, 0]);
}

/// T2, however the sleeps came about: in one go, from sleep to sleep, or as the limit of another.
#[async_dsl::test]
async fn sleeps_end_in_order_of_their_ends_however_they_came_about() {
    let woken = Arc::new(Mutex::new(Vec::new()));
    let start = time::now();
    for length in [10, 40, 20] {
        go!(|woken| {
            for turn in 1..=3 {
                sleep(ms(length)).await;
                woken.lock().unwrap().push((time::now(), ms(turn * length)));
            }
        });
        go!(|woken| {
            let end = start + ms(2 * length);
            timeout!(1h, { time::sleep_until(end).await }).unwrap();
            woken.lock().unwrap().push((time::now(), ms(2 * length)));
            let never = timeout!(5ms, { std::future::pending::<()>().await });
            assert!(never.is_err());
            woken
                .lock()
                .unwrap()
                .push((time::now(), ms(2 * length + 5)));
        });
    }
    sleep!(1s);
    let woken = woken.lock().unwrap();
    assert_eq!(woken.len(), 15);
    assert!(woken.is_sorted_by_key(|(at, _)| *at));
    for (at, expected) in woken.iter() {
        assert_eq!(*at - start, *expected);
    }
}

// Driven by hand: a simulated schedule draws the order of equal ends, too.
#[test]
fn sleeps_of_the_same_end_go_by_their_registration() {
    let scheduler = Scheduler::virtual_time();
    let end = scheduler.now() + ms(10);
    let order = Arc::new(Mutex::new(Vec::new()));
    for number in 0..100 {
        let order = Arc::clone(&order);
        scheduler.spawn(async move {
            time::sleep_until(end).await;
            order.lock().unwrap().push(number);
        });
    }
    scheduler.advance(ms(10));
    assert_eq!(*order.lock().unwrap(), (0..100).collect::<Vec<_>>());
}

/// T3
#[test]
fn no_timer_is_left_behind() {
    let scheduler = Scheduler::virtual_time();
    let fired = scheduler.spawn(sleep_in_task(ms(10)));
    let loser = scheduler.spawn(async {
        let mut long = Some(sleep(ms(1000)));
        let mut short = sleep(ms(5));
        poll_fn(|cx| {
            let polled = long.as_mut().map(|long| Pin::new(long).poll(cx));
            assert_eq!(polled, Some(Poll::Pending));
            Pin::new(&mut short).poll(cx)
        })
        .await;
        long.take(); // the losing arm
        time::now()
    });
    scheduler.run_until_parked();
    assert_eq!(scheduler.pending_timers(), 3);
    scheduler.advance(ms(5));
    assert!(loser.is_finished());
    assert_eq!(scheduler.pending_timers(), 1);
    scheduler.advance(ms(5));
    assert!(fired.is_finished());
    assert_eq!(scheduler.pending_timers(), 0);
}

async fn sleep_in_task(length: Duration) {
    sleep(length).await;
}

/// T3, with the real clock.
#[test]
fn no_real_timer_is_left_behind() {
    let scheduler = Scheduler::manual();
    let long = Duration::from_secs(3600);
    let parked = [(); 2].map(|()| scheduler.spawn(sleep_in_task(long)));
    scheduler.run_until_parked();
    assert_eq!(scheduler.pending_timers(), 2);
    // One that fires: its task ends only with it.
    scheduler.block_on(scheduler.spawn(sleep_in_task(ms(1))));
    assert_eq!(scheduler.pending_timers(), 2);
    for task in parked {
        scheduler.block_on(task.cancel());
    }
    scheduler.run_until_parked();
    assert_eq!(scheduler.pending_timers(), 0);
}

/// T3: a cancelled task takes its timer with it.
#[test]
fn a_cancelled_sleeper_leaves_no_timer() {
    let scheduler = Scheduler::virtual_time();
    let task = scheduler.spawn(sleep_in_task(ms(10)));
    scheduler.run_until_parked();
    scheduler.block_on(task.cancel());
    assert_eq!(scheduler.pending_timers(), 0);
}

/// T3, under many schedules: sleeps that lose, are cut short, cancelled and dropped, all at about the same time.
#[test]
fn no_schedule_leaves_a_timer_behind() {
    for seed in 0..300 {
        let scheduler = Scheduler::simulated(seed);
        scheduler.block_on(async_block!({
            let c = chan::fixed(0);
            let takers = [9, 10, 11].map(|length| {
                go!(|c| {
                    alt! {
                        _ = take!(c) => {}
                        sleep!(ms(length)) => {}
                    }
                })
            });
            let limited = go!(|c| {
                timeout!(10ms, { sleep!(10ms) }).ok();
                put!(c, 1, 10ms).ok();
            });
            let cancelled = go!({ sleep!(10ms) });
            go!(|c| { put!(c, 2, 10ms).ok() });
            sleep!(10ms);
            cancelled.cancel().await;
            limited.await;
            await!(each takers);
        }));
        scheduler.run_until_parked();
        assert_eq!(scheduler.pending_timers(), 0, "seed {seed}");
    }
}

/// S30
#[async_dsl::test]
async fn sleepers_sleep_side_by_side() {
    let before = time::now();
    let [a, b] = [2, 3].map(|number| {
        go!({
            sleep!(100ms);
            number
        })
    });
    let yielder = go!({
        for _ in 0..4 {
            yield_now!();
        }
        4
    });
    assert_eq!(a.await + b.await + yielder.await, 9);
    assert_eq!(time::now() - before, ms(100));
}

#[test]
fn advancing_goes_from_timer_to_timer() {
    let scheduler = Scheduler::virtual_time();
    let before = scheduler.now();
    let task = scheduler.spawn(async move {
        let mut at = Vec::new();
        for _ in 0..3 {
            sleep(ms(10)).await;
            at.push(time::now() - before);
        }
        at
    });
    scheduler.advance(ms(35));
    assert_eq!(scheduler.now() - before, ms(35));
    assert_eq!(scheduler.block_on(task), [ms(10), ms(20), ms(30)]);
}

#[test]
fn a_sleep_too_long_for_the_clock_never_ends() {
    for scheduler in [Scheduler::manual(), Scheduler::virtual_time()] {
        let task = scheduler.spawn(sleep_in_task(Duration::MAX));
        scheduler.run_until_parked();
        assert!(!task.is_finished());
        assert_eq!(scheduler.pending_timers(), 0);
    }
    let scheduler = Scheduler::virtual_time();
    let task = scheduler.spawn(sleep_in_task(ms(1)));
    scheduler.advance(Duration::MAX);
    assert!(task.is_finished());
}

#[async_dsl::test]
async fn a_sleep_that_is_over_stays_over() {
    let task = go!({
        let mut sleep = sleep(ms(1));
        (&mut sleep).await;
        let over = time::now();
        sleep.await;
        assert_eq!(time::now(), over);
    });
    sleep!(0ms);
    task.await;
}

/// The same by the real clock.
#[test]
fn a_real_sleep_that_is_over_stays_over() {
    let scheduler = Scheduler::manual();
    scheduler.block_on(async {
        let mut sleep = sleep(ms(1));
        (&mut sleep).await;
        sleep.await;
    });
    scheduler.block_on(async { sleep(Duration::ZERO).await });
}

#[test]
#[should_panic(expected = "`advance` moves the clock of `Scheduler::virtual_time()`")]
fn a_real_clock_is_not_moved() {
    Scheduler::manual().advance(ms(1));
}

/// Virtual time does not run past a timeout while the thread it is for is working.
#[test]
fn a_thread_gets_real_time() {
    let scheduler = Scheduler::virtual_time();
    let (done, sleeper) = scheduler.enter(|| {
        (
            spawn_thread(|| 42),
            scheduler.spawn(sleep_in_task(Duration::from_secs(3600))),
        )
    });
    assert_eq!(scheduler.block_on(done), 42);
    assert!(!sleeper.is_finished());
    // ... but it does run while a thread waits for it.
    let (sender, receiver) = std::sync::mpsc::channel();
    scheduler.spawn(async move {
        sleep(ms(5)).await;
        sender.send(43).unwrap();
    });
    let done = scheduler.enter(|| spawn_thread(move || receiver.recv().unwrap()));
    assert_eq!(scheduler.block_on(done), 43);
}

#[test]
fn a_virtual_scheduler_waits_for_wakers_from_outside() {
    let scheduler = Scheduler::virtual_time();
    let slot = Arc::new(Mutex::new((false, None::<std::task::Waker>)));
    let outside = std::thread::spawn({
        let slot = Arc::clone(&slot);
        move || {
            loop {
                let mut guard = slot.lock().unwrap();
                if let Some(waker) = guard.1.take() {
                    guard.0 = true;
                    drop(guard);
                    return waker.wake();
                }
                drop(guard);
                std::thread::yield_now();
            }
        }
    });
    scheduler.block_on(poll_fn(|cx| {
        let mut guard = slot.lock().unwrap();
        if guard.0 {
            return Poll::Ready(());
        }
        guard.1 = Some(cx.waker().clone());
        Poll::Pending
    }));
    outside.join().unwrap();
}
