//! Cancelling a task that has no parking point left before its end: it ends, and nothing that it took is lost.
//!
//! The moment is made by hand: the task cancels itself, or blocks in its own code until another thread has done so.

use std::future::{Future, pending};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use async_dsl::prelude::*;
use async_dsl::scheduler::{Scheduler, on_threads};
use async_dsl::task::{Canceller, Task, TaskError};

/// A task that cancels itself and then goes on as `rest` says.
fn cancelling_itself<F>(scheduler: &Scheduler, rest: F) -> Task<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let (sender, canceller) = mpsc::channel::<Canceller>();
    let task = scheduler.spawn(async move {
        canceller.recv().unwrap().cancel();
        rest.await
    });
    sender.send(task.canceller()).unwrap();
    task
}

/// A task that takes a value and is cancelled by `cancel` meanwhile, on another thread, before it ends with that value.
fn cancelled_while_polled<R>(c: &Chan<u32>, cancel: impl FnOnce(Task<Option<u32>>) -> R) -> R {
    let (running, runs) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel();
    let c = c.clone();
    let task = Scheduler::global().spawn(async move {
        let value = c.take().await;
        running.send(()).unwrap();
        goes_on.recv().unwrap();
        value
    });
    runs.recv().unwrap();
    let cancelled = cancel(task);
    go_on.send(()).unwrap();
    cancelled
}

fn holding(value: u32) -> Chan<u32> {
    let c = chan();
    c.try_put(value).unwrap();
    c
}

// F3
#[test]
fn a_task_that_cancels_itself_and_ends_has_ended() {
    let scheduler = Scheduler::manual();
    let task = cancelling_itself(&scheduler, async { 42 });
    scheduler.run_until_parked();
    assert!(task.is_finished());
    assert_eq!(scheduler.block_on(task.outcome()).unwrap(), 42);
    let task = cancelling_itself(&scheduler, async { 43 });
    assert_eq!(scheduler.block_on(task), 43);
}

#[test]
fn a_task_that_cancels_itself_stops_where_it_parks() {
    let scheduler = Scheduler::manual();
    let task = cancelling_itself(&scheduler, pending::<()>());
    scheduler.run_until_parked();
    assert_eq!(scheduler.task_count(), 0);
    let outcome = scheduler.block_on(task.outcome());
    assert!(matches!(outcome, Err(TaskError::Cancelled { .. })));
}

#[test]
fn a_panic_after_the_cancellation_is_a_panic() {
    let scheduler = Scheduler::manual();
    let task = cancelling_itself(&scheduler, async {
        std::panic::resume_unwind(Box::new("no luck"))
    });
    let outcome: Result<(), _> = scheduler.block_on(task.outcome());
    assert!(matches!(outcome, Err(TaskError::Panicked(panic)) if panic.message() == "no luck"));
}

// F3
#[test]
fn who_cancels_while_the_task_is_polled_is_given_its_value() {
    let c = holding(1);
    let cancel = cancelled_while_polled(&c, Task::cancel);
    assert_eq!(async_dsl::block_on(cancel), Some(Some(1)));
}

#[test]
fn who_awaits_a_task_that_others_cancel_while_it_is_polled_is_given_its_value() {
    let c = holding(1);
    let outcome = cancelled_while_polled(&c, |task| {
        let canceller = task.canceller();
        canceller.cancel();
        canceller.clone().cancel();
        task.outcome()
    });
    assert_eq!(async_dsl::block_on(outcome).unwrap(), Some(1));
}

#[test]
fn an_arm_that_awaits_a_task_cancelled_while_it_is_polled_is_given_its_value() {
    let c = holding(1);
    let task = cancelled_while_polled(&c, |task| {
        task.canceller().cancel();
        task
    });
    let value = async_dsl::block_on(async_block!({
        alt! {
            value = await!(task) => value,
            sleep!(1h) => None,
        }
    }));
    assert_eq!(value, Some(1));
}

#[test]
fn a_handle_that_is_dropped_while_cancellers_are_left_drops_the_output_once() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let scheduler = Scheduler::manual();
    let dropped = Arc::new(AtomicUsize::new(0));
    let output = Counted(Arc::clone(&dropped));
    let task = cancelling_itself(&scheduler, async { output });
    let canceller = task.canceller();
    drop(task);
    scheduler.run_until_parked();
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    canceller.cancel();
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

#[test]
fn a_time_limit_around_a_cancellation_loses_the_wait_and_not_the_task() {
    let scheduler = Scheduler::virtual_time();
    let ended = scheduler.block_on(async_block!({
        let (resolver, promise) = promise::<()>();
        let task = go!({
            let _resolver = resolver;
            pending::<()>().await;
        });
        yield_now!();
        timeout!(0ms, { task.cancel().await }).ok();
        promise.await
    }));
    assert!(ended.is_err(), "it was dropped");
}

/// Sends when it is dropped.
struct Tells(mpsc::Sender<()>);

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.send(()).ok();
    }
}

/// Runs `start`, which is given who tells when the scheduler has ended and its own running task is not over yet.
fn ending_scheduler<R>(start: impl FnOnce(mpsc::Sender<()>, mpsc::Receiver<()>) -> R) -> R {
    let (running, runs) = mpsc::channel();
    let (ended, ends) = mpsc::channel();
    on_threads(
        1,
        async_block!({
            let told = Tells(ended);
            go!({
                let _told = told;
                pending::<()>().await;
            });
            sleep!(1ms); // it has parked before the worker is taken up
            let started = start(running, ends);
            runs.recv().unwrap();
            started
        }),
    )
}

#[test]
fn a_scheduler_that_ends_while_a_task_is_polled_leaves_its_value() {
    let task = ending_scheduler(|running, ends| {
        go!({
            running.send(()).unwrap();
            ends.recv().unwrap();
            42
        })
    });
    assert_eq!(async_dsl::block_on(task.outcome()).unwrap(), 42);
}

#[test]
fn what_an_action_gives_while_its_scheduler_ends_is_the_state() {
    let agent = ending_scheduler(|running, ends| {
        let agent = agent(1);
        send!(agent, |n| {
            running.send(()).unwrap();
            ends.recv().unwrap();
            n + 1
        })
        .unwrap();
        agent
    });
    assert_eq!(agent.get().unwrap(), 2);
}

/// Tasks that take one value each are cancelled at any moment: each value is given by one of them, or still there.
// F3
#[test]
fn cancellations_at_any_moment_lose_no_value() {
    const TASKS: usize = 2_000;
    const ROUNDS: usize = 10;
    for _ in 0..ROUNDS {
        let (given, cancelled) = on_threads(
            4,
            async_block!({
                let c = chan();
                let mut tasks = Vec::new();
                for n in 0..TASKS {
                    put!(c, n).unwrap();
                    let task = go!(|c| {
                        let value = take!(c).unwrap();
                        for _ in 0..n % 300 {
                            std::hint::spin_loop();
                        }
                        value
                    });
                    let canceller = task.canceller();
                    tasks.push((task, go!({ canceller.cancel() })));
                }
                let (mut given, mut cancelled) = (Vec::new(), 0);
                for (task, canceller) in tasks {
                    match task.outcome().await {
                        Ok(value) => given.push(value),
                        Err(TaskError::Cancelled { .. }) => cancelled += 1,
                        Err(error) => panic!("{error}"),
                    }
                    canceller.await;
                }
                while let Ok(value) = c.try_take() {
                    given.push(value);
                }
                (given, cancelled)
            }),
        );
        let mut all = given;
        all.sort_unstable();
        assert!(
            all.iter().copied().eq(0..TASKS),
            "{} values are gone ({cancelled} tasks were cancelled)",
            TASKS - all.len()
        );
    }
}
