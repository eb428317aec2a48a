//! Tasks that panic: who is told, and that nobody else is harmed.

use std::future::{pending, poll_fn};
use std::sync::{Mutex, Once};
use std::task::Poll;
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::spawn_thread;
use async_dsl::task::{TaskError, on_unobserved_panic};

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

struct PanicsWhenDropped(&'static str);

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            fail(self.0);
        }
    }
}

/// E1, X8
#[async_dsl::test]
async fn a_panic_goes_on_in_who_awaits() {
    let task = go!({ fail("out of luck") });
    let awaiter = go!({ task.await });
    let Err(TaskError::Panicked(panic)) = awaiter.outcome().await else {
        panic!("it went nowhere")
    };
    let payload = panic.into_panic();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"out of luck"));
}

/// E1, X8. That nobody is told besides follows from the simulation, where a panic nobody awaited is a failure.
#[async_dsl::test]
async fn the_outcome_of_a_panicked_task_is_an_error() {
    let task = go!({
        yield_now!();
        fail("observed");
    });
    let line = task.started_at();
    let error = task.outcome().await.unwrap_err();
    assert_eq!(error.started_at(), line);
    assert_eq!(
        error.to_string(),
        format!("the task started at {line} panicked: observed")
    );
    let TaskError::Panicked(panic) = error else {
        panic!()
    };
    assert_eq!(panic.into_panic().downcast_ref::<&str>(), Some(&"observed"));
}

/// E1. Driven by hand, as are the others that ask the hook: a simulated test does not get that far, but fails.
#[test]
fn an_observed_panic_does_not_reach_the_hook() {
    listen();
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async {
        yield_once().await;
        fail("observed by hand");
    });
    scheduler.block_on(task.outcome()).unwrap_err();
    assert!(reported("observed by hand").is_empty());
}

/// E1: the one that panics may be cancelled meanwhile, and both may be first.
#[async_dsl::test]
async fn a_panic_and_a_cancellation_that_race_leave_nobody_waiting() {
    let steps = chan();
    let (resolver, promise) = promise::<()>();
    let task = go!(|steps| {
        let _held = resolver;
        put!(steps, 1).unwrap();
        fail("out of luck");
    });
    let canceller = task.canceller();
    go!(|steps| {
        put!(steps, 2).unwrap();
        canceller.cancel();
    });
    let waiter = go!({ promise.await.unwrap_err() });
    let told = match task.outcome().await.unwrap_err() {
        TaskError::Panicked(panic) => Some(panic.message().to_owned()),
        TaskError::Cancelled { .. } => None,
        other => panic!("{other}"),
    };
    // `None`, or the message: who waits for what the task held is told the same.
    assert_eq!(waiter.await.panic_message(), told.as_deref());
}

/// E1
#[test]
fn a_panic_nobody_awaits_reaches_the_hook() {
    listen();
    let scheduler = Scheduler::manual();
    let detached = scheduler.spawn(async { fail("detached early") });
    let line = detached.started_at().to_string();
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
    assert_eq!(scheduler.task_count(), 0);

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
