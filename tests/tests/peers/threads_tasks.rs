//! Tasks on workers that are woken, cancelled and awaited by other threads, and panics that reach the workers. After
//! async-task's `cancel`, `join`, `waker_*`, and tokio's `task_abort`.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, mpsc};

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::TaskError;

use super::tasks::{Fut, Seen};
use super::{Bomb, ms};

/// A task that has been polled once, on a worker.
fn polled(ready: usize) -> (Arc<Seen>, Task<super::Counted>) {
    let (told, polled) = mpsc::channel();
    let (seen, future) = Fut::new(ready);
    let task = Scheduler::global().spawn(future.acts(move |_| told.send(()).unwrap_or(())));
    polled.recv().unwrap();
    (seen, task)
}

/// Whether the workers still run tasks.
fn workers_live() -> bool {
    (0..8).all(|n| async_dsl::block_on(go!({ n })) == n)
}

#[test]
fn a_wake_up_from_another_thread_during_a_turn_is_one_more_turn() {
    let (begun, turn) = mpsc::channel();
    let (woken, goes_on) = mpsc::channel();
    let mut first = true;
    let (seen, future) = Fut::new(2);
    let task = Scheduler::global().spawn(future.acts(move |waker| {
        if std::mem::take(&mut first) {
            begun.send(waker.clone()).unwrap();
            goes_on.recv().unwrap();
        }
    }));
    let waker = turn.recv().unwrap();
    for _ in 0..100 {
        waker.wake_by_ref();
    }
    woken.send(()).unwrap();
    drop(async_dsl::block_on(task));
    assert_eq!(seen.now(), (2, 1, 1));
}

#[test]
fn who_cancels_is_told_when_the_future_is_dropped() {
    for _ in 0..200 {
        let (seen, task) = polled(2);
        assert!(async_dsl::block_on(task.cancel()).is_none());
        assert_eq!(seen.now(), (1, 1, 0));
    }
}

#[test]
fn a_task_woken_and_cancelled_by_threads_at_once_is_dropped_once() {
    for _ in 0..200 {
        let (seen, task) = polled(usize::MAX);
        let (waker, canceller) = (seen.waker().unwrap(), task.canceller());
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..50).for_each(|_| waker.wake_by_ref()));
            }
            scope.spawn(|| canceller.cancel());
        });
        let outcome = async_dsl::block_on(task.outcome());
        assert!(matches!(outcome, Err(TaskError::Cancelled { .. })));
        let (_, drops, outputs) = seen.now();
        assert_eq!((drops, outputs), (1, 0));
    }
}

#[test]
fn a_future_that_panics_as_it_is_cancelled_is_an_error_to_who_awaits() {
    for awaited in [true, false] {
        let (told, holds) = mpsc::channel();
        let task = go!({
            let _bomb = Bomb;
            told.send(()).unwrap();
            pending::<()>().await;
        });
        holds.recv().unwrap();
        task.canceller().cancel();
        if awaited {
            let outcome =
                async_dsl::block_on(async_block!({ timeout!(10s, { task.outcome().await }) }));
            assert!(matches!(outcome, Ok(Err(_))), "{outcome:?}");
        } else {
            drop(task);
        }
        assert!(workers_live());
    }
}

#[test]
fn an_output_that_panics_when_it_is_dropped_ends_no_worker() {
    for _ in 0..20 {
        go!({ Bomb });
    }
    assert!(workers_live());
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_ends_no_worker() {
    let panics = || -> Task<()> { go!({ resume_unwind(Box::new(Bomb)) }) };
    drop(panics());
    let ended = panics();
    while !ended.is_finished() {
        std::thread::yield_now();
    }
    let _ = catch_unwind(AssertUnwindSafe(|| drop(ended)));
    let outcome = async_dsl::block_on(panics().outcome());
    let _ = catch_unwind(AssertUnwindSafe(|| drop(outcome)));
    assert!(workers_live());
}

/// A promise that is dropped as its value comes gives that to nobody, and keeps it from nobody.
#[test]
fn a_delivery_that_races_with_a_drop_gives_the_value_once_or_not_at_all() {
    for n in 0..2_000 {
        let value = Arc::new(n);
        let (resolver, answer) = promise();
        let sent = Arc::clone(&value);
        let thread = std::thread::spawn(move || resolver.deliver(sent));
        if n % 2 == 0 {
            drop(answer);
        } else {
            assert_eq!(*answer.wait_blocking().unwrap(), n);
        }
        thread.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1);
    }
}

/// A timer that fires as its task is cancelled, woken and awaited.
#[test]
fn a_task_that_sleeps_and_is_cancelled_ends_one_way_or_the_other() {
    for n in 0..100 {
        let task = go!({
            sleep!(1ms);
            7
        });
        let canceller = task.canceller();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(ms(n % 3));
            canceller.cancel();
        });
        match async_dsl::block_on(task.outcome()) {
            Ok(value) => assert_eq!(value, 7),
            Err(error) => assert!(matches!(error, TaskError::Cancelled { .. }), "{error}"),
        }
        thread.join().unwrap();
    }
}
