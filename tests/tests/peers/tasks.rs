//! How often the future of a task is polled, and when it and its output are dropped, however the task ends. Driven by hand,
//! for the counts. After async-task's `basic`, `cancel`, `join`, `panic`, `ready`, and tokio's `task_abort`.

use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::{Canceller, TaskError};

use super::Counted;

/// What was seen of a future.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) polls: AtomicUsize,
    drops: Arc<AtomicUsize>,
    outputs: Arc<AtomicUsize>,
    waker: Mutex<Option<Waker>>,
}

impl Seen {
    /// How often it was polled, and it and its output dropped.
    pub(crate) fn now(&self) -> (usize, usize, usize) {
        let count = |counter: &AtomicUsize| counter.load(SeqCst);
        (count(&self.polls), count(&self.drops), count(&self.outputs))
    }

    /// The one of the last poll.
    pub(crate) fn waker(&self) -> Option<Waker> {
        self.waker.lock().unwrap().clone()
    }
}

/// Keeps its waker, and is ready at its `ready`th poll.
pub(crate) struct Fut {
    pub(crate) seen: Arc<Seen>,
    pub(crate) ready: usize,
    /// What it does in its polls.
    pub(crate) acts: Box<dyn FnMut(&Waker) + Send>,
    _dropped: Counted,
}

impl Fut {
    pub(crate) fn new(ready: usize) -> (Arc<Seen>, Self) {
        let seen = Arc::new(Seen::default());
        let future = Self {
            seen: Arc::clone(&seen),
            ready,
            acts: Box::new(|_| ()),
            _dropped: Counted(Arc::clone(&seen.drops)),
        };
        (seen, future)
    }

    pub(crate) fn acts(self, acts: impl FnMut(&Waker) + Send + 'static) -> Self {
        Self {
            acts: Box::new(acts),
            ..self
        }
    }
}

impl Future for Fut {
    type Output = Counted;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Counted> {
        let polls = self.seen.polls.fetch_add(1, SeqCst) + 1;
        *self.seen.waker.lock().unwrap() = Some(cx.waker().clone());
        (self.acts)(cx.waker());
        if polls < self.ready {
            return Poll::Pending;
        }
        Poll::Ready(Counted(Arc::clone(&self.seen.outputs)))
    }
}

/// Panics without the message on standard error.
pub(crate) fn fail(_: &Waker) {
    resume_unwind(Box::new("the future panics"));
}

/// What a future does that cancels its own task in a poll, as another thread may at that moment, and the place where its
/// canceller goes.
fn cancels_itself() -> (impl FnMut(&Waker) + Send, Arc<Mutex<Option<Canceller>>>) {
    let canceller: Arc<Mutex<Option<Canceller>>> = Arc::default();
    let mine = Arc::clone(&canceller);
    let acts = move |_: &Waker| mine.lock().unwrap().take().unwrap().cancel();
    (acts, canceller)
}

#[test]
fn a_detached_task_runs_once_and_drops_its_output() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(1));
    drop(scheduler.spawn(future));
    assert_eq!((seen.now(), scheduler.task_count()), ((0, 0, 0), 1));
    scheduler.run_once();
    assert_eq!((seen.now(), scheduler.task_count()), ((1, 1, 1), 0));
}

#[test]
fn an_output_lives_as_long_as_its_handle() {
    let ends: [fn(Task<Counted>); 3] = [drop, Task::detach, |task| drop(task.cancel())];
    for end in ends {
        let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(1));
        let task = scheduler.spawn(future);
        scheduler.run_once();
        assert_eq!(seen.now(), (1, 1, 0));
        end(task);
        assert_eq!(seen.now(), (1, 1, 1));
    }
}

#[test]
fn a_task_cancelled_before_its_first_turn_is_never_polled() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(1));
    let cancel = scheduler.spawn(future).cancel();
    scheduler.run_until_parked();
    assert_eq!((seen.now(), scheduler.task_count()), ((0, 1, 0), 0));
    assert!(scheduler.block_on(cancel).is_none());
}

#[test]
fn a_task_cancelled_after_its_end_gives_its_output() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(1));
    let task = scheduler.spawn(future);
    scheduler.run_once();
    let output = scheduler.block_on(task.cancel());
    assert!(output.is_some());
    assert_eq!(seen.now(), (1, 1, 0));
    drop(output);
    assert_eq!(seen.now(), (1, 1, 1));
}

#[test]
fn a_task_cancelled_while_it_is_parked_is_dropped_once() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(2));
    let task = scheduler.spawn(future);
    scheduler.run_until_parked();
    let cancel = task.cancel();
    scheduler.run_until_parked();
    assert_eq!((seen.now(), scheduler.task_count()), ((1, 1, 0), 0));
    drop(cancel);
    seen.waker().unwrap().wake();
    assert_eq!(scheduler.run_until_parked(), 0);
    assert_eq!(seen.now(), (1, 1, 0));
}

// F3
#[test]
fn a_task_cancelled_in_the_poll_that_ends_it_gives_its_output() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(1));
    let (acts, canceller) = cancels_itself();
    let task = scheduler.spawn(future.acts(acts));
    *canceller.lock().unwrap() = Some(task.canceller());
    scheduler.run_until_parked();
    assert_eq!(seen.now(), (1, 1, 0));
    drop(scheduler.block_on(task));
    assert_eq!(seen.now(), (1, 1, 1));
}

#[test]
fn a_task_cancelled_in_a_poll_after_which_it_parks_is_dropped_once() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(2));
    let (acts, canceller) = cancels_itself();
    let task = scheduler.spawn(future.acts(acts));
    *canceller.lock().unwrap() = Some(task.canceller());
    scheduler.run_until_parked();
    assert_eq!((seen.now(), scheduler.task_count()), ((1, 1, 0), 0));
    assert!(scheduler.block_on(task.cancel()).is_none());
}

#[test]
fn a_task_cancelled_in_the_poll_that_panics_is_dropped_once() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(1));
    let (mut acts, canceller) = cancels_itself();
    let task = scheduler.spawn(future.acts(move |waker| {
        acts(waker);
        fail(waker);
    }));
    *canceller.lock().unwrap() = Some(task.canceller());
    scheduler.run_until_parked();
    assert_eq!((seen.now(), scheduler.task_count()), ((1, 1, 0), 0));
    assert!(scheduler.block_on(task.cancel()).is_none());
}

/// F3: a cancellation stops a task at its next parking point. One that comes after the last stops nothing: what the task
/// gives is there, and what it took is in that.
#[test]
fn a_cancellation_past_the_last_parking_point_comes_too_late() {
    for awaited_by_cancel in [true, false] {
        let scheduler = Scheduler::manual();
        let c = chan::fixed::<i32>(1);
        c.try_put(7).unwrap();
        let slot: Arc<Mutex<Option<Canceller>>> = Arc::default();
        let (mine, from) = (Arc::clone(&slot), c.clone());
        let task = scheduler.spawn(async move {
            let got = from.take().await; // ready at once
            mine.lock().unwrap().take().unwrap().cancel(); // as another thread may at this moment
            got
        });
        *slot.lock().unwrap() = Some(task.canceller());
        scheduler.run_until_parked();
        let output = if awaited_by_cancel {
            scheduler.block_on(task.cancel()).flatten()
        } else {
            scheduler.block_on(task.outcome()).ok().flatten()
        };
        assert_eq!((output, c.len()), (Some(7), 0), "the value is lost");
    }
}

#[test]
fn who_gave_up_awaiting_a_task_can_await_it_again() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(2));
    let mut task = scheduler.spawn(future);
    scheduler.run_until_parked();
    scheduler.block_on(async {
        let given_up = futures_lite::future::poll_once(&mut task).await;
        assert!(given_up.is_none());
    });
    seen.waker().unwrap().wake();
    drop(scheduler.block_on(task));
    assert_eq!(seen.now(), (2, 1, 1));
}

#[test]
fn outputs_are_of_any_size() {
    let scheduler = Scheduler::manual();
    scheduler.block_on(scheduler.spawn(async {}));
    for n in 0..10 {
        let task = scheduler.spawn(async move { vec![7; n] });
        assert_eq!(scheduler.block_on(task), vec![7; n]);
    }
    let task = scheduler.spawn(async { [9_u64; 2048] });
    assert_eq!(scheduler.block_on(task), [9; 2048]);
}

#[test]
fn a_panic_drops_the_future_once_and_reaches_who_awaits() {
    let (scheduler, (seen, future)) = (Scheduler::manual(), Fut::new(1));
    let task = scheduler.spawn(future.acts(fail));
    scheduler.run_until_parked();
    assert_eq!((seen.now(), scheduler.task_count()), ((1, 1, 0), 0));
    let caught = catch_unwind(AssertUnwindSafe(|| drop(scheduler.block_on(task))));
    let message = caught.unwrap_err().downcast::<&str>().unwrap();
    assert_eq!(*message, "the future panics");
}

#[test]
fn a_panic_keeps_its_payload_whatever_that_is() {
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async { resume_unwind(Box::new(42_u8)) });
    let outcome: Result<(), _> = scheduler.block_on(task.outcome());
    let Err(TaskError::Panicked(panic)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(panic.into_panic().downcast_ref::<u8>(), Some(&42));
}

/// Starts another such task when it is dropped, until it has done that so many times.
struct Starts(Arc<AtomicUsize>, usize);

impl Drop for Starts {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        if self.1 > 0 {
            let next = Starts(Arc::clone(&self.0), self.1 - 1);
            go!({
                let _next = next;
                pending::<()>().await;
            });
        }
    }
}

fn start(scheduler: &Scheduler, times: usize) -> (Arc<AtomicUsize>, Task<()>) {
    let drops = Arc::new(AtomicUsize::new(0));
    let held = Starts(Arc::clone(&drops), times);
    let task = scheduler.spawn(async move {
        let _held = held;
        pending::<()>().await;
    });
    scheduler.run_until_parked();
    (drops, task)
}

#[test]
fn what_is_started_in_a_drop_after_the_shutdown_is_cancelled_at_once() {
    let scheduler = Scheduler::manual();
    let (drops, _task) = start(&scheduler, 5);
    scheduler.shutdown(std::time::Duration::ZERO);
    assert_eq!(drops.load(SeqCst), 6);
}

#[test]
fn what_is_started_in_the_drop_of_a_task_runs_where_that_did() {
    let scheduler = Scheduler::manual();
    let (drops, task) = start(&scheduler, 1);
    scheduler.block_on(task.cancel());
    scheduler.run_until_parked();
    assert_eq!((drops.load(SeqCst), scheduler.task_count()), (1, 1));
    drop(scheduler);
    assert_eq!(drops.load(SeqCst), 2);
}

#[test]
fn a_task_that_awaits_itself_can_be_cancelled() {
    let scheduler = Scheduler::manual();
    let (resolver, own) = promise::<Task<()>>();
    let task = scheduler.spawn(async move { own.await.unwrap().await });
    let canceller = task.canceller();
    resolver.deliver(task);
    scheduler.run_until_parked();
    assert_eq!(scheduler.task_count(), 1);
    canceller.cancel();
    scheduler.run_until_parked();
    assert_eq!(scheduler.task_count(), 0);
}
