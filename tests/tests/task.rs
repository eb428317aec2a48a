//! Tasks: how they end, are cancelled, and panic.

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, mpsc};
use std::task::Poll;
use std::time::Duration;

use async_dsl::ops::thread::spawn_thread;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::{TaskError, on_unobserved_panic};

static REPORTED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The reports of panics nobody awaited that contain `text`. The hook is the process's: tests share it.
fn reported(text: &str) -> Vec<String> {
    let reports = REPORTED.lock().unwrap();
    reports
        .iter()
        .filter(|report| report.contains(text))
        .cloned()
        .collect()
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        on_unobserved_panic(|panic| REPORTED.lock().unwrap().push(panic.to_string()));
    });
}

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

struct PanicsWhenDropped(&'static str);

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            fail(self.0);
        }
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

/// E1, X8
#[test]
fn a_panic_goes_on_in_who_awaits() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async { fail("out of luck") });
    let panic = catch_unwind(AssertUnwindSafe(|| scheduler.block_on(task))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"out of luck"));
}

/// E1, X8
#[test]
fn the_outcome_of_a_panicked_task_is_an_error() {
    listen();
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async {
        yield_once().await;
        fail("observed");
    });
    let line = task.spawned_at();
    let error = scheduler.block_on(task.outcome()).unwrap_err();
    assert_eq!(error.spawned_at(), line);
    assert_eq!(
        error.to_string(),
        format!("the task started at {line} panicked: observed")
    );
    let TaskError::Panicked(panic) = error else {
        panic!()
    };
    assert_eq!(panic.into_panic().downcast_ref::<&str>(), Some(&"observed"));
    assert!(reported("observed").is_empty());
}

/// E1
#[test]
fn a_panic_nobody_awaits_reaches_the_hook() {
    listen();
    let scheduler = Scheduler::manual();
    let detached = scheduler.spawn(async { fail("detached early") });
    let line = detached.spawned_at().to_string();
    drop(detached);
    scheduler.run_until_parked();
    assert!(reported("detached early")[0].contains(&line));

    let task = scheduler.spawn(async { fail("detached late") });
    scheduler.run_until_parked();
    assert!(reported("detached late").is_empty());
    drop(task);
    assert_eq!(reported("detached late").len(), 1);

    let task = scheduler.spawn(async { fail("cancelled late") });
    scheduler.run_until_parked();
    assert_eq!(scheduler.block_on(task.cancel()), None);
    assert_eq!(reported("cancelled late").len(), 1);
}

/// E1
#[test]
fn a_canceller_does_not_hold_back_the_report() {
    listen();
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async {
        yield_once().await;
        fail("canceller kept");
    });
    let canceller = task.canceller();
    drop(task);
    scheduler.run_until_parked();
    assert_eq!(reported("canceller kept").len(), 1);
    canceller.cancel();
    drop(canceller);
    assert_eq!(reported("canceller kept").len(), 1);
}

/// E2
#[test]
fn a_panic_in_a_thread_reaches_its_awaiter_or_the_hook() {
    listen();
    let scheduler = Scheduler::manual();
    let task = scheduler.enter(|| spawn_thread(|| fail("thread awaited")));
    let error = scheduler.block_on(task.outcome()).unwrap_err();
    assert!(error.to_string().contains("thread awaited"));

    scheduler.enter(|| drop(spawn_thread(|| fail("thread detached"))));
    scheduler.shutdown(Duration::from_secs(60));
    assert_eq!(reported("thread detached").len(), 1);
}

#[test]
fn a_panicking_hook_harms_nobody() {
    // In a process of its own: there is one hook.
    if std::env::var_os("HOOK_THAT_PANICS").is_some() {
        on_unobserved_panic(|_| fail("the hook"));
        let scheduler = Scheduler::manual();
        scheduler.spawn(async { fail("the task") });
        assert_eq!(scheduler.run_until_parked(), 1);
        return;
    }
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_panicking_hook_harms_nobody"])
        .env("HOOK_THAT_PANICS", "1")
        .output()
        .unwrap();
    assert!(status.status.success(), "{status:?}");
}

#[test]
fn a_future_that_panics_when_dropped_is_survived() {
    listen();
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async {
        let _held = PanicsWhenDropped("cancelled future");
        pending::<()>().await;
    });
    scheduler.run_until_parked();
    assert_eq!(scheduler.block_on(task.cancel()), None);
    assert_eq!(reported("cancelled future").len(), 1);
    assert_eq!(scheduler.tasks(), 0);

    // Dropped by the end of the scheduler.
    scheduler.spawn(async {
        let _held = PanicsWhenDropped("shut down future");
        pending::<()>().await;
    });
    scheduler.run_until_parked();
    drop(scheduler);
    assert_eq!(reported("shut down future").len(), 1);
}

#[test]
fn an_output_that_panics_when_dropped_is_survived() {
    listen();
    let scheduler = Scheduler::manual();
    drop(scheduler.spawn(async { PanicsWhenDropped("unread output") }));
    scheduler.run_until_parked();
    assert_eq!(reported("unread output").len(), 1);

    let task = scheduler.spawn(async { PanicsWhenDropped("late output") });
    scheduler.run_until_parked();
    drop(task);
    assert_eq!(reported("late output").len(), 1);
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
    let (mut finished, mut cancelled) = (0, 0);
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
            Err(TaskError::Cancelled { .. }) => cancelled += 1,
            Err(error) => panic!("{error}"),
        }
        other.join().unwrap();
    }
    assert_eq!(finished + cancelled, 2000);
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
