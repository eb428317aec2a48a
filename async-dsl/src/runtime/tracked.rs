//! The future that a task really consists of: the user's, with its panics caught.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::note::{self, Change};
use super::place::Line;
use super::poll_end::PollEnds;
use super::running;
use super::table::{self, Key};
use super::task::error::{Finished, TaskPanic};

pin_project! {
    /// Polls and drops the user's future under `catch_unwind`. It is only ever polled and dropped by a
    /// scheduler, which has set this thread's context: the scheduler itself and the task's line.
    pub(crate) struct Tracked<F> {
        #[pin]
        stage: Stage<F>,
    }

    impl<F> PinnedDrop for Tracked<F> {
        fn drop(mut this: Pin<&mut Self>) {
            if this.as_mut().live().is_some() {
                this.end(PollEnds::new(), None);
            }
        }
    }
}

pin_project! {
    // One enum, so that the key and the flag take the place of the discriminant.
    #[project = StageProjection]
    enum Stage<F> {
        Live { #[pin] future: F, key: Option<Key>, noted: bool },
        Over,
    }
}

/// A future, the task's place in the table, and whether that has a note of where it is parked.
type Live<'a, F> = (Pin<&'a mut F>, Option<Key>, &'a mut bool);

impl<F> Tracked<F> {
    pub(crate) const fn new(future: F, key: Option<Key>) -> Self {
        let noted = false;
        Self {
            stage: Stage::Live { future, key, noted },
        }
    }

    #[inline]
    fn live(self: Pin<&mut Self>) -> Option<Live<'_, F>> {
        match self.project().stage.project() {
            StageProjection::Live { future, key, noted } => Some((future, *key, noted)),
            StageProjection::Over => None,
        }
    }

    /// Drops the future, and returns the panic that ended it. A panic of the drop itself is reported.
    fn end(mut self: Pin<&mut Self>, ends: PollEnds, panic: Option<Payload>) -> Option<TaskPanic> {
        let key = self.as_mut().live().and_then(|(_, key, _)| key);
        let panic = panic.map(|payload| TaskPanic::new(payload, line()));
        let mut stage = self.project().stage;
        let dropped = catch_unwind(AssertUnwindSafe(|| stage.set(Stage::Over)));
        if let Some(key) = key {
            leave(key, panic.is_some());
        }
        let others = ends.run(panic.as_ref().map(TaskPanic::message));
        if dropped.is_err() || !others.is_empty() {
            report(dropped.err().into_iter().chain(others));
        }
        panic
    }
}

type Payload = Box<dyn std::any::Any + Send>;

pub(super) fn line() -> Line {
    // A scheduler always says which task it polls or drops.
    running::current_task().unwrap_or(std::panic::Location::caller())
}

/// Looked at in the turn itself: from here on a waker that is woken makes another one.
#[inline]
fn is_cancelled(key: Option<Key>) -> bool {
    let is_cancelled = |key| running::with_entered(|handle| handle.table.is_cancelled(key));
    table::any_cancelled() && key.and_then(is_cancelled).unwrap_or(false)
}

/// Stores where a task is parked, before anybody else can poll it.
#[inline]
fn note(key: Option<Key>, noted: &mut bool) {
    let change = note::end_poll(*noted);
    if let (Some(key), Change::Store(_) | Change::Clear) = (key, &change) {
        *noted = matches!(change, Change::Store(_));
        running::with_entered(|handle| handle.table.note(key, &change));
    }
}

/// A task leaves the table.
fn leave(key: Key, panicked: bool) {
    running::with_entered(|handle| {
        handle.table.remove(key);
        if let Some(sim) = handle.sim() {
            sim.finished(panicked);
        }
        handle.task_left();
    });
}

#[cold]
pub(super) fn report(panics: impl Iterator<Item = Payload>) {
    for payload in panics {
        TaskPanic::new(payload, line()).report();
    }
}

impl<F: Future> Future for Tracked<F> {
    type Output = Finished<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ends = PollEnds::new();
        let Some((future, key, noted)) = self.as_mut().live() else {
            unreachable!("a task is not polled again after it has finished")
        };
        if ends.is_ending || is_cancelled(key) {
            self.end(ends, None);
            return Poll::Ready(Finished::cancelled(line()));
        }
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => {
                note(key, noted);
                let others = ends.run(None);
                if !others.is_empty() {
                    report(others.into_iter());
                }
                Poll::Pending
            }
            Ok(Poll::Ready(value)) => {
                let value = Finished::value(value, line());
                self.end(ends, None);
                Poll::Ready(value)
            }
            Err(payload) => {
                ends.unwound();
                match self.end(ends, Some(payload)) {
                    Some(panic) => Poll::Ready(Finished::panicked(panic)),
                    None => unreachable!("a payload was given"),
                }
            }
        }
    }
}
