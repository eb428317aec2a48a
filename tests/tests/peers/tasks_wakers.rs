//! Wakers of tasks that come too early, too late, too often, or from elsewhere. Driven by hand, for the number of turns.
//! After async-task's `waker_pending`, `waker_ready`, `waker_panic`.

use std::sync::atomic::Ordering::SeqCst;
use std::task::Waker;
use std::time::Duration;

use async_dsl::scheduler::Scheduler;
use async_dsl::task::TaskError;

use super::tasks::{Fut, fail};

#[test]
fn a_wake_up_is_one_turn_however_often_it_comes() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(3));
    let task = scheduler.spawn(future);
    scheduler.run_until_parked();
    for _ in 0..1_000 {
        seen.waker().unwrap().wake_by_ref();
    }
    assert_eq!((scheduler.run_once(), scheduler.run_once()), (1, 0));
    assert_eq!(seen.polls.load(SeqCst), 2);
    seen.waker().unwrap().wake();
    assert_eq!(scheduler.run_once(), 1);
    assert!(task.is_finished());
}

#[test]
fn a_wake_up_in_a_turn_is_one_more_turn() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(3));
    let task = scheduler.spawn(future.acts(|waker| {
        waker.wake_by_ref();
        waker.wake_by_ref();
    }));
    assert_eq!(scheduler.run_until_parked(), 3);
    assert_eq!(seen.now(), (3, 1, 0));
    drop(task);
}

#[test]
fn a_wake_up_after_the_end_does_nothing() {
    for panics in [false, true] {
        let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(1));
        let task = scheduler.spawn(if panics { future.acts(fail) } else { future });
        scheduler.run_until_parked();
        let waker = seen.waker().unwrap();
        for _ in 0..10 {
            waker.wake_by_ref();
        }
        assert_eq!(scheduler.run_until_parked(), 0);
        let outcome = scheduler.block_on(task.outcome());
        assert_eq!(outcome.is_err(), panics);
        drop(outcome);
        waker.wake();
        assert_eq!(scheduler.run_until_parked(), 0);
        assert_eq!(seen.now(), (1, 1, usize::from(!panics)));
    }
}

#[test]
fn wakers_outlive_their_scheduler_on_many_threads() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(2));
    let task = scheduler.spawn(future);
    scheduler.run_until_parked();
    let wakers = [(); 20].map(|()| seen.waker().unwrap());
    drop(scheduler);
    let threads = wakers.map(|waker| std::thread::spawn(move || waker.wake()));
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(seen.now(), (1, 1, 0));
    let outcome = futures_lite::future::block_on(task.outcome());
    assert!(matches!(outcome, Err(TaskError::Cancelled { .. })));
}

#[test]
fn a_waker_outlives_the_shutdown() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(2));
    let _task = scheduler.spawn(future);
    scheduler.run_until_parked();
    let ended = scheduler.shutdown(Duration::ZERO);
    assert_eq!((ended.finished, ended.cancelled), (0, 1));
    seen.waker().unwrap().wake();
    assert_eq!(scheduler.run_until_parked(), 0);
    assert_eq!(seen.now(), (1, 1, 0));
}

#[test]
fn a_task_has_as_many_wakers_as_are_wanted() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(2));
    let task = scheduler.spawn(future);
    scheduler.run_until_parked();
    let wakers: Vec<Waker> = vec![seen.waker().unwrap(); 100_000];
    let half: Vec<Waker> = wakers.iter().step_by(2).cloned().collect();
    drop(wakers);
    half.into_iter().for_each(Waker::wake);
    assert_eq!(scheduler.run_until_parked(), 1);
    drop(scheduler.block_on(task));
    assert_eq!(seen.now(), (2, 1, 1));
}

#[test]
fn a_detached_task_can_be_woken_by_another_thread() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(2));
    drop(scheduler.spawn(future));
    scheduler.run_until_parked();
    let waker = seen.waker().unwrap();
    std::thread::spawn(move || waker.wake()).join().unwrap();
    assert_eq!(scheduler.run_until_parked(), 1);
    assert_eq!(seen.now(), (2, 1, 1));
}

#[test]
fn the_wakers_of_a_task_are_known_to_wake_the_same() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(3));
    let _task = scheduler.spawn(future);
    scheduler.run_until_parked();
    let first = seen.waker().unwrap();
    first.wake_by_ref();
    scheduler.run_until_parked();
    assert!(first.will_wake(&seen.waker().unwrap()));
}
