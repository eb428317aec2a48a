//! Tasks: how they end and are cancelled.

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;

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
#[test]
fn a_task_cancelled_before_it_is_done_stops_where_it_parks() {
    let scheduler = Scheduler::manual();
    let passed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&passed);
    let task = scheduler.spawn(async move {
        count.fetch_add(1, Ordering::Relaxed);
        pending::<()>().await;
        count.fetch_add(1, Ordering::Relaxed);
    });
    scheduler.run_until_parked();
    task.canceller().cancel();
    let line = task.spawned_at();
    match scheduler.block_on(task.outcome()) {
        Err(TaskError::Cancelled { spawned_at }) => assert_eq!(spawned_at, line),
        other => panic!("{other:?}"),
    }
    assert_eq!(passed.load(Ordering::Relaxed), 1);
    assert_eq!(scheduler.tasks(), 0);
}

/// S24
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
    assert_eq!(scheduler.tasks(), 0);
}

/// S24
#[test]
fn awaiting_a_cancelled_task_panics_and_names_its_line() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(pending::<()>());
    let line = task.spawned_at().to_string();
    task.canceller().cancel();
    let panic = catch_unwind(AssertUnwindSafe(|| scheduler.block_on(task))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(
        message.contains(&line) && message.contains("cancelled"),
        "{message}"
    );
}

/// S24
#[test]
fn who_awaits_already_is_told() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(pending::<()>());
    let canceller = task.canceller();
    let waiter = scheduler.spawn(async { task.outcome().await.is_err() });
    scheduler.run_until_parked();
    canceller.cancel();
    assert!(scheduler.block_on(waiter));
}

/// S25
#[test]
fn cancelling_a_finished_task_has_no_effect() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async { 42 });
    let canceller = task.canceller();
    scheduler.run_until_parked();
    canceller.cancel();
    assert!(task.is_finished());
    assert_eq!(scheduler.block_on(task), 42);
    canceller.cancel();

    let task = scheduler.spawn(async { 43 });
    scheduler.run_until_parked();
    assert_eq!(scheduler.block_on(task.cancel()), Some(43));
}

/// S26
#[test]
fn cancelling_twice_is_cancelling_once() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(pending::<()>());
    let (first, second) = (task.canceller(), task.canceller());
    first.cancel();
    second.cancel();
    first.clone().cancel();
    assert_eq!(scheduler.block_on(task.cancel()), None);
    second.cancel();
}

/// S27
#[test]
fn the_children_of_a_cancelled_task_go_on() {
    let scheduler = Scheduler::manual();
    let (sender, child) = mpsc::channel();
    let inner = scheduler.clone();
    let parent = scheduler.spawn(async move {
        sender.send(inner.spawn(async { 42 })).unwrap();
        drop(inner);
        pending::<()>().await;
    });
    assert_eq!(scheduler.run_once(), 1);
    scheduler.block_on(parent.cancel());
    assert_eq!(scheduler.block_on(child.recv().unwrap()), 42);
}

#[test]
fn a_dropped_handle_detaches() {
    let (sender, receiver) = mpsc::channel();
    Scheduler::global().spawn(async move {
        yield_once().await;
        sender.send(42).unwrap();
    });
    assert_eq!(receiver.recv().unwrap(), 42);
}

#[test]
fn a_canceller_outlives_the_handle() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(pending::<()>());
    let canceller = task.canceller();
    scheduler.run_until_parked();
    task.detach();
    assert_eq!(scheduler.tasks(), 1);
    canceller.cancel();
    scheduler.run_until_parked();
    assert_eq!(scheduler.tasks(), 0);

    // Dropping the last canceller detaches, too.
    let task = scheduler.spawn(pending::<()>());
    let canceller = task.canceller();
    drop(task);
    drop(canceller);
    scheduler.run_until_parked();
    assert_eq!(scheduler.tasks(), 1);
}

/// I10
#[test]
fn locals_are_dropped_once_in_reverse_order() {
    let scheduler = Scheduler::manual();
    let order = Arc::new(Mutex::new(Vec::new()));
    let start = |panics: bool| {
        let order = Arc::clone(&order);
        let last = Noted(Arc::clone(&order), "captured");
        scheduler.spawn(async move {
            let _captured = last;
            let _first = Noted(Arc::clone(&order), "first");
            let _second = Noted(order, "second");
            yield_once().await;
            if panics {
                fail("with locals");
            }
            pending::<()>().await;
        })
    };
    let panicked = start(true);
    scheduler.block_on(panicked.outcome()).unwrap_err();
    assert_eq!(
        std::mem::take(&mut *order.lock().unwrap()),
        ["second", "first", "captured"]
    );
    let parked = start(false);
    scheduler.run_until_parked();
    scheduler.block_on(parked.cancel());
    assert_eq!(
        std::mem::take(&mut *order.lock().unwrap()),
        ["second", "first", "captured"]
    );
    let unstarted = start(false);
    scheduler.block_on(unstarted.cancel());
    assert_eq!(*order.lock().unwrap(), ["captured"]);
}

#[test]
fn a_task_polled_after_its_end_names_its_line() {
    let scheduler = Scheduler::manual();
    let mut task = scheduler.spawn(async { 42 });
    let line = task.spawned_at().to_string();
    assert_eq!(scheduler.block_on(&mut task), 42);
    let panic = catch_unwind(AssertUnwindSafe(|| scheduler.block_on(&mut task))).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains(&line));
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
