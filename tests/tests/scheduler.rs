//! Schedulers: who runs a task, when, and what happens to it at the end.

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::time::Duration;

use async_dsl::scheduler::{Scheduler, Shutdown};
use async_dsl::task::TaskError;
use async_dsl::task::spawn_thread;
use async_dsl::time::{self, sleep};

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

/// Counts when it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Starts a task of the current scheduler when it is dropped, and counts if that comes to nothing.
struct SpawnsWhenDropped(Arc<AtomicUsize>);

impl Drop for SpawnsWhenDropped {
    fn drop(&mut self) {
        let task = spawn_thread(|| ());
        if task.is_finished() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn message_of<R>(f: impl FnOnce() -> R) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(f)) else {
        panic!("it did not panic");
    };
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
    }
}

/// S28
#[test]
fn parking_with_nothing_to_do_is_nothing() {
    let scheduler = Scheduler::manual();
    assert_eq!(scheduler.run_once(), 0);
    assert_eq!(scheduler.run_until_parked(), 0);
    scheduler.block_on(yield_once());
}

/// S29
#[test]
fn a_task_that_parks_lets_others_run_first() {
    let scheduler = Scheduler::manual();
    let order = Arc::new(Mutex::new(Vec::new()));
    for name in ["first", "second"] {
        let order = Arc::clone(&order);
        scheduler.spawn(async move {
            for turn in 1..=2 {
                order.lock().unwrap().push((name, turn));
                yield_once().await;
            }
        });
    }
    assert_eq!(scheduler.run_once(), 2);
    assert_eq!(*order.lock().unwrap(), [("first", 1), ("second", 1)]);
    assert_eq!(scheduler.run_until_parked(), 4);
    assert_eq!(order.lock().unwrap()[2..], [("first", 2), ("second", 2)]);
    assert_eq!(scheduler.task_count(), 0);
}

/// S36
#[test]
fn the_shortest_task_ends_first() {
    let scheduler = Scheduler::manual();
    let order = Arc::new(Mutex::new(Vec::new()));
    for (name, parks) in [("long", 3), ("short", 1)] {
        let order = Arc::clone(&order);
        scheduler.spawn(async move {
            for _ in 0..parks {
                yield_once().await;
            }
            order.lock().unwrap().push(name);
        });
    }
    scheduler.run_until_parked();
    assert_eq!(*order.lock().unwrap(), ["short", "long"]);
}

#[test]
fn run_once_gives_one_turn_to_those_that_are_ready() {
    let scheduler = Scheduler::manual();
    let inner = scheduler.clone();
    scheduler.spawn(async move {
        inner.spawn(async {});
        yield_once().await;
    });
    scheduler.spawn(pending::<()>());
    assert_eq!(scheduler.run_once(), 2);
    assert_eq!(scheduler.run_once(), 2); // the child, and the rest of its parent
    assert_eq!(scheduler.run_once(), 0);
    assert_eq!(scheduler.task_count(), 1);
}

#[test]
fn tasks_start_where_their_parent_runs() {
    let scheduler = Scheduler::virtual_time();
    let now = scheduler.now();
    let thread = scheduler.enter(|| spawn_thread(time::now));
    assert_eq!(scheduler.block_on(thread), now);
    let inner = Scheduler::manual();
    scheduler.enter(|| {
        assert_eq!(time::now(), now);
        inner.enter(|| assert_ne!(time::now(), now));
        assert_eq!(time::now(), now);
    });
    assert_ne!(time::now(), now);
}

/// A13
#[test]
fn threads_work_in_chain() {
    let text = async_dsl::block_on(async {
        let word = spawn_thread(|| String::from("loop")).await;
        spawn_thread(move || word.chars().rev().collect::<String>().to_uppercase()).await
    });
    assert_eq!(text, "POOL");
}

#[test]
fn a_thread_that_is_cancelled_runs_on() {
    let scheduler = Scheduler::manual();
    let (go, wait) = mpsc::channel();
    let (sender, receiver) = mpsc::channel();
    let task = scheduler.enter(|| {
        spawn_thread(move || {
            wait.recv().unwrap();
            sender.send(42).unwrap();
        })
    });
    assert_eq!(scheduler.block_on(task.cancel()), None);
    go.send(()).unwrap();
    assert_eq!(receiver.recv().unwrap(), 42);
}

#[test]
fn a_thread_may_block() {
    let task = spawn_thread(|| {
        async_dsl::block_on(async { Scheduler::global().spawn(async { 42 }).await })
    });
    assert_eq!(async_dsl::block_on(task), 42);
}

/// N12, for the calls of a scheduler.
#[test]
fn blocking_inside_a_task_names_both_lines() {
    type Call = fn(&Scheduler) -> &'static Location<'static>;
    let calls: [(&str, Call); 6] = [
        ("run_once", |s| {
            s.run_once();
            Location::caller()
        }),
        ("run_until_parked", |s| {
            s.run_until_parked();
            Location::caller()
        }),
        ("advance", |s| {
            s.advance(Duration::ZERO);
            Location::caller()
        }),
        ("block_on", |s| {
            s.block_on(async {});
            Location::caller()
        }),
        ("shutdown", |s| {
            s.shutdown(Duration::ZERO);
            Location::caller()
        }),
        ("block_on", |_| {
            async_dsl::block_on(async {});
            Location::caller()
        }),
    ];
    for (name, call) in calls {
        let scheduler = Scheduler::virtual_time();
        let other = Scheduler::virtual_time();
        let task = scheduler.spawn(async move { message_of(|| call(&other)) });
        let line = task.started_at().to_string();
        let message = scheduler.block_on(task);
        assert!(message.starts_with(&format!("`{name}` at ")), "{message}");
        assert!(message.contains(&line), "{message}");
        assert_eq!(message.matches("scheduler.rs:").count(), 2, "{message}");
    }
}

#[test]
fn blocking_inside_a_driven_future_names_both_lines() {
    for message in [
        Scheduler::manual().block_on(async { message_of(|| async_dsl::block_on(async {})) }),
        async_dsl::block_on(async { message_of(|| Scheduler::manual().run_once()) }),
    ] {
        assert!(
            message.contains("the future given to `block_on` at "),
            "{message}"
        );
        assert_eq!(message.matches("scheduler.rs:").count(), 2, "{message}");
    }
    // It is over with the future.
    assert_eq!(Scheduler::manual().run_once(), 0);
}

#[test]
fn the_global_scheduler_is_not_driven() {
    let message = message_of(|| Scheduler::global().run_once());
    assert!(
        message.contains("`run_once` drives a manual scheduler"),
        "{message}"
    );
}

#[test]
fn block_on_lets_a_panic_through() {
    let scheduler = Scheduler::manual();
    let message =
        message_of(|| scheduler.block_on(async { std::panic::resume_unwind(Box::new("root")) }));
    assert_eq!(message, "root");
    assert_eq!(scheduler.block_on(async { 42 }), 42);
    let message =
        message_of(|| async_dsl::block_on(async { std::panic::resume_unwind(Box::new("root")) }));
    assert_eq!(message, "root");
    assert_eq!(async_dsl::block_on(async { 42 }), 42);
}

#[test]
fn block_on_inside_enter_drives_that_scheduler() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async { 42 });
    assert_eq!(scheduler.enter(|| async_dsl::block_on(task)), 42);
}

#[test]
fn a_manual_scheduler_is_woken_by_other_threads() {
    let scheduler = Scheduler::manual();
    for round in 0..200 {
        let answer = Scheduler::global().spawn(async move {
            yield_once().await;
            round
        });
        let task = scheduler.spawn(async move { answer.await + 1 });
        assert_eq!(scheduler.block_on(task), round + 1);
    }
}

#[test]
fn real_sleeps_wake_a_manual_scheduler() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async {
        sleep(Duration::from_millis(2)).await;
        42
    });
    assert_eq!(scheduler.block_on(task), 42);
}

#[test]
fn dropping_a_manual_scheduler_frees_its_tasks() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let scheduler = Scheduler::manual();
    for turn in 0..10 {
        let held = Counted(Arc::clone(&dropped));
        scheduler.spawn(async move {
            let _held = held;
            pending::<()>().await;
        });
        if turn < 5 {
            scheduler.run_once(); // half of them are parked, half have never run
        }
    }
    // This one starts another while it is dropped.
    let spawns = SpawnsWhenDropped(Arc::clone(&dropped));
    scheduler.spawn(async move {
        let _spawns = spawns;
        pending::<()>().await;
    });
    let another = scheduler.clone();
    drop(scheduler);
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    drop(another);
    assert_eq!(dropped.load(Ordering::Relaxed), 11);
}

#[test]
fn who_awaits_a_task_of_a_dropped_scheduler_is_told() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(pending::<()>());
    scheduler.run_once();
    let waiter = Scheduler::global().spawn(async { task.outcome().await });
    drop(scheduler);
    assert!(matches!(
        async_dsl::block_on(waiter),
        Err(TaskError::Cancelled { .. })
    ));
}

#[test]
fn a_waker_outlives_its_scheduler() {
    let scheduler = Scheduler::manual();
    let slot = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&slot);
    scheduler.spawn(poll_fn(move |cx| {
        *keep.lock().unwrap() = Some(cx.waker().clone());
        Poll::<()>::Pending
    }));
    scheduler.run_once();
    drop(scheduler);
    let waker = slot.lock().unwrap().take().unwrap();
    waker.wake_by_ref();
    waker.wake();
}

#[test]
fn shutdown_gives_a_grace_and_cancels_the_rest() {
    let scheduler = Scheduler::virtual_time();
    let before = scheduler.now();
    let [quick, slow] =
        [10, 1000].map(|ms| scheduler.spawn(async move { sleep(Duration::from_millis(ms)).await }));
    let ended = scheduler.shutdown(Duration::from_millis(100));
    assert_eq!(
        (ended.finished, ended.cancelled, ended.stuck.len()),
        (1, 1, 0)
    );
    assert_eq!(scheduler.now() - before, Duration::from_millis(100));
    assert!(async_dsl::block_on(quick.outcome()).is_ok());
    assert!(matches!(
        async_dsl::block_on(slow.outcome()),
        Err(TaskError::Cancelled { .. })
    ));
    assert_eq!((scheduler.task_count(), scheduler.pending_timers()), (0, 0));
    // It is final, and harmless to repeat.
    let late = scheduler.spawn(async { 42 });
    assert!(matches!(
        scheduler.block_on(late.outcome()),
        Err(TaskError::Cancelled { .. })
    ));
    assert_eq!(scheduler.run_once(), 0);
    assert_eq!(
        scheduler.shutdown(Duration::from_secs(1)),
        Shutdown::default()
    );
}

#[test]
fn shutdown_without_a_grace_runs_nothing() {
    let scheduler = Scheduler::manual();
    let dropped = Arc::new(AtomicUsize::new(0));
    let held = Counted(Arc::clone(&dropped));
    scheduler.spawn(async move {
        drop(held);
        unreachable!("it was never to run");
    });
    let ended = scheduler.shutdown(Duration::ZERO);
    assert_eq!((ended.finished, ended.cancelled), (0, 1));
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

/// Dropping a task wakes the next, which must not be dropped from inside it: the stack would overflow.
#[test]
fn shutdown_of_a_long_chain_of_tasks() {
    let scheduler = Scheduler::manual();
    let mut last = scheduler.spawn(pending::<()>());
    for _ in 0..100_000 {
        let previous = last;
        last = scheduler.spawn(async move { drop(previous.outcome().await) });
    }
    scheduler.run_until_parked();
    assert_eq!(scheduler.shutdown(Duration::ZERO).cancelled, 100_001);
    assert!(last.is_finished());
}
