//! Tasks: how they end and are cancelled.

use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::TaskError;

/// Panics without the message on standard error.
fn fail(message: &'static str) {
    std::panic::resume_unwind(Box::new(message));
}

async fn yield_once() {
    let mut first = true;
    poll_fn(|cx| {
        cx.waker().wake_by_ref();
        if std::mem::take(&mut first) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

/// Notes its name when it is dropped.
struct Noted(Arc<Mutex<Vec<&'static str>>>, &'static str);

impl Drop for Noted {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(self.1);
    }
}

/// S24
#[async_dsl::test]
async fn a_task_cancelled_before_it_is_done_stops_where_it_parks() {
    let passed = Arc::new(AtomicUsize::new(0));
    let task = go!(|passed| {
        passed.fetch_add(1, Ordering::Relaxed);
        pending::<()>().await;
        passed.fetch_add(1, Ordering::Relaxed);
    });
    sleep!(1ms);
    task.canceller().cancel();
    let line = task.started_at();
    match task.outcome().await {
        Err(TaskError::Cancelled { started_at }) => assert_eq!(started_at, line),
        other => panic!("{other:?}"),
    }
    assert_eq!(passed.load(Ordering::Relaxed), 1);
    assert_eq!(Arc::strong_count(&passed), 1, "the task is dropped");
}

/// S24, S25, S26: before its first turn, where it parks, between wake-up and turn, after its end; by several.
#[async_dsl::test(seeds = 500)]
async fn a_cancellation_at_any_moment_stops_the_task_or_comes_too_late() {
    let (taken, c) = (Arc::new(AtomicUsize::new(0)), chan::fixed(0));
    let steps = chan();
    let order = Arc::new(Mutex::new(Vec::new()));
    let held = Noted(Arc::clone(&order), "dropped");
    let task = go!(|taken, c, steps| {
        let _held = held;
        for _ in 0..2 {
            take!(c).unwrap();
            taken.fetch_add(1, Ordering::Relaxed);
            put!(steps, 0).unwrap();
        }
        42
    });
    let putter = go!(|c| {
        let first = put!(c, 1, 1ms).is_ok();
        usize::from(first) + usize::from(put!(c, 2, 1ms).is_ok())
    });
    let cancellers = [task.canceller(), task.canceller()].map(|canceller| {
        go!(|steps| {
            for n in 1..=2 {
                put!(steps, n).unwrap();
            }
            canceller.cancel();
            canceller.clone().cancel();
        })
    });
    let waiter = go!({ task.outcome().await });
    match waiter.await {
        Ok(value) => assert_eq!((value, taken.load(Ordering::Relaxed)), (42, 2)),
        Err(error) => assert!(matches!(error, TaskError::Cancelled { .. }), "{error}"),
    }
    assert_eq!(*order.lock().unwrap(), ["dropped"]);
    let reached = taken.load(Ordering::Relaxed);
    for canceller in cancellers {
        canceller.await;
    }
    // What it was handed as it was cancelled is there for the next one.
    assert_eq!(putter.await, reached + c.len());
    assert_eq!(taken.load(Ordering::Relaxed), reached, "it has stopped");
    assert_eq!(c.waiting(), chan::Waiting::default());
}

/// S24, S25: the value is given if there is one.
#[async_dsl::test]
async fn who_cancels_a_task_is_given_its_value_if_it_had_ended() {
    let (steps, ended) = (chan(), Arc::new(AtomicUsize::new(0)));
    let task = go!(|steps, ended| {
        put!(steps, 1).unwrap();
        ended.store(1, Ordering::Relaxed);
        42
    });
    let canceller = go!(|steps| {
        put!(steps, 2).unwrap();
        task.cancel().await
    });
    let value = canceller.await;
    let ended = ended.load(Ordering::Relaxed) == 1;
    assert_eq!(value, ended.then_some(42));
}

/// S24: driven by hand, for the pass on which it is dropped
#[test]
fn cancelling_takes_effect_without_being_awaited() {
    let scheduler = Scheduler::manual();
    let order = Arc::new(Mutex::new(Vec::new()));
    let held = Noted(Arc::clone(&order), "dropped");
    let task = scheduler.spawn(async move {
        let _held = held;
        pending::<()>().await;
    });
    scheduler.run_until_parked();
    drop(task.cancel());
    assert_eq!(scheduler.run_once(), 1);
    assert_eq!(*order.lock().unwrap(), ["dropped"]);
    assert_eq!(scheduler.task_count(), 0);
}

/// S24
#[async_dsl::test]
async fn awaiting_a_cancelled_task_panics_and_names_its_line() {
    let task = go!({ pending::<()>().await });
    let line = task.started_at().to_string();
    let canceller = task.canceller();
    go!({ canceller.cancel() });
    let error = go!({ task.await }).outcome().await.unwrap_err();
    let TaskError::Panicked(panic) = error else {
        panic!("{error}")
    };
    let message = panic.message();
    assert!(
        message.contains(&line) && message.contains("cancelled"),
        "{message}"
    );
}

/// S24: the one that awaits and is parked, too, and what the task was waiting for is there for the next.
#[async_dsl::test(seeds = 500)]
async fn who_awaits_already_is_told() {
    let c = chan::fixed::<u32>(0);
    let task = go!(|c| { take!(c) });
    let canceller = task.canceller();
    go!({ canceller.cancel() });
    go!(|c| { put!(c, 1, 1s).ok() });
    match task.outcome().await {
        Ok(value) => assert_eq!(value, Some(1)),
        Err(error) => {
            assert!(matches!(error, TaskError::Cancelled { .. }));
            assert_eq!(
                take!(c, 1ms, 9),
                Some(1),
                "the value is there for the next one"
            );
        }
    }
}

/// S25
#[async_dsl::test]
async fn cancelling_a_finished_task_has_no_effect() {
    let task = go!({ 42 });
    let canceller = task.canceller();
    sleep!(1ms);
    canceller.cancel();
    assert!(task.is_finished());
    assert_eq!(task.await, 42);
    canceller.cancel();

    let task = go!({ 43 });
    sleep!(1ms);
    assert_eq!(task.cancel().await, Some(43));
}

/// S26
#[async_dsl::test]
async fn cancelling_twice_is_cancelling_once() {
    let task = go!({ pending::<()>().await });
    let (first, second) = (task.canceller(), task.canceller());
    first.cancel();
    go!(|first| { first.cancel() });
    second.cancel();
    assert_eq!(task.cancel().await, None);
    second.cancel();
}

/// S27
#[async_dsl::test]
async fn the_children_of_a_cancelled_task_go_on() {
    let (resolver, child) = promise();
    let parent = go!({
        let child = go!({
            yield_now!();
            42
        });
        resolver.deliver(child);
        pending::<()>().await;
    });
    let child = child.await.unwrap();
    parent.cancel().await;
    assert_eq!(child.await, 42);
}

#[async_dsl::test]
async fn a_dropped_handle_detaches() {
    let (resolver, promise) = promise();
    let task = go!({
        yield_now!();
        resolver.deliver(42);
    });
    go!({ drop(task) });
    assert_eq!(promise.await.unwrap(), 42);
}

#[async_dsl::test]
async fn a_canceller_outlives_the_handle() {
    let (resolver, promise) = promise::<()>();
    let task = go!({
        let _held = resolver;
        pending::<()>().await;
    });
    let canceller = task.canceller();
    yield_now!();
    task.detach();
    assert!(timeout!(1ms, { (&promise).await }).is_err(), "alive");
    go!({ canceller.cancel() });
    assert!(promise.await.is_err(), "dropped");
}

#[async_dsl::test]
async fn dropping_the_handle_and_all_cancellers_detaches() {
    let (resolver, promise) = promise();
    let task = go!({
        yield_now!();
        resolver.deliver(42);
    });
    let cancellers = [task.canceller(), task.canceller()];
    for canceller in cancellers {
        go!({ drop(canceller) });
    }
    go!({ drop(task) });
    assert_eq!(promise.await.unwrap(), 42);
}

// Driven by hand: the scheduler's tasks are counted.
#[test]
fn a_cancelled_task_is_no_task_of_its_scheduler_and_a_detached_one_is() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(pending::<()>());
    let canceller = task.canceller();
    scheduler.run_until_parked();
    task.detach();
    assert_eq!(scheduler.task_count(), 1);
    canceller.cancel();
    scheduler.run_until_parked();
    assert_eq!(scheduler.task_count(), 0);

    let task = scheduler.spawn(pending::<()>());
    let canceller = task.canceller();
    drop(task);
    drop(canceller);
    scheduler.run_until_parked();
    assert_eq!(scheduler.task_count(), 1);
}

/// I10
#[async_dsl::test]
async fn locals_are_dropped_once_in_reverse_order() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let start = |panics: bool| {
        let captured = Noted(Arc::clone(&order), "captured");
        go!(|order| {
            let _captured = captured;
            let _first = Noted(Arc::clone(&order), "first");
            let _second = Noted(order, "second");
            yield_now!();
            if panics {
                fail("with locals");
            }
            pending::<()>().await;
        })
    };
    let dropped = || std::mem::take(&mut *order.lock().unwrap());
    start(true).outcome().await.unwrap_err();
    assert_eq!(dropped(), ["second", "first", "captured"]);
    let parked = start(false);
    sleep!(1ms);
    parked.cancel().await;
    assert_eq!(dropped(), ["second", "first", "captured"]);
    start(false).cancel().await;
    assert_eq!(dropped(), ["captured"], "not begun");
    let anywhere = start(false);
    yield_now!();
    anywhere.cancel().await;
    let last = dropped();
    assert!(
        last == ["captured"] || last == ["second", "first", "captured"],
        "{last:?}"
    );
}

#[async_dsl::test]
async fn a_task_polled_after_its_end_names_its_line() {
    let mut task = go!({ 42 });
    let line = task.started_at().to_string();
    assert_eq!((&mut task).await, 42);
    let again = go!({ task.await }).outcome().await;
    let message = again.unwrap_err().to_string();
    assert_eq!(message.matches(&line).count(), 1, "{message}");
}

/// However a cancellation from another thread falls, the awaiter gets the value or `Cancelled`, and no
/// value is dropped that was finished and awaited.
#[test]
fn cancellers_race_with_the_end() {
    let kept = Arc::new(());
    let (mut finished, mut stopped) = (0, 0);
    for round in 0..2000 {
        let value = Arc::clone(&kept);
        let task = Scheduler::global().spawn(async move {
            for _ in 0..round % 5 {
                yield_once().await;
            }
            value
        });
        let canceller = task.canceller();
        let other = std::thread::spawn(move || canceller.cancel());
        match async_dsl::block_on(task.outcome()) {
            Ok(value) => {
                assert!(Arc::ptr_eq(&value, &kept));
                finished += 1;
            }
            Err(TaskError::Cancelled { .. }) => stopped += 1,
            Err(error) => panic!("{error}"),
        }
        other.join().unwrap();
    }
    assert_eq!(finished + stopped, 2000);
    assert_eq!(Arc::strong_count(&kept), 1);
}

/// A task's handle can be dropped at any moment of a cancellation.
#[test]
fn cancellers_race_with_a_detaching_handle() {
    let kept = Arc::new(());
    for _ in 0..2000 {
        let value = Arc::clone(&kept);
        let task = Scheduler::global().spawn(async move {
            yield_once().await;
            value
        });
        let canceller = task.canceller();
        let other = std::thread::spawn(move || canceller.cancel());
        drop(task);
        other.join().unwrap();
    }
    while Arc::strong_count(&kept) > 1 {
        std::thread::yield_now();
    }
}
