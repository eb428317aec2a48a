//! The future that a task really consists of: the user's, with its panics caught.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::linger::{self, Lingering};
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
                this.as_mut().end(PollEnds::new(), None);
            }
            if let StageProjection::Lingers { last, .. } = this.project().stage.project() {
                drop(last.take().and_then(|last| last.over()));
            }
        }
    }
}

pin_project! {
    // One enum, so that the key and the flag take the place of the discriminant.
    #[project = StageProjection]
    enum Stage<F> {
        Live { #[pin] future: F, key: Option<Key>, noted: bool },
        Lingers { last: Option<Box<Last>> },
        Over,
    }
}

/// Of a task whose future was dropped, and has left something to be waited for.
struct Last {
    lingering: Lingering,
    key: Option<Key>,
    noted: bool,
    panic: Option<TaskPanic>,
}

impl Last {
    /// All is over, or is not waited for any more.
    fn over(self) -> Option<TaskPanic> {
        drop(self.lingering);
        if let Some(key) = self.key {
            leave(key, self.panic.is_some());
        }
        self.panic
    }
}

/// How a task has ended, by a panic or without.
enum Ended {
    Over(Option<TaskPanic>),
    /// It is to be polled until what was left is over.
    Lingers,
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
            StageProjection::Lingers { .. } | StageProjection::Over => None,
        }
    }

    /// Drops the future. A panic of the drop itself is reported.
    fn end(mut self: Pin<&mut Self>, ends: PollEnds, panic: Option<Payload>) -> Ended {
        let live = self.as_mut().live();
        let (key, noted) = live.map_or((None, false), |(_, key, noted)| (key, *noted));
        let panic = panic.map(|payload| TaskPanic::new(payload, line()));
        let waits = !ends.is_ending;
        let mut stage = self.project().stage;
        let mut dropped = Ok(());
        let lingering = linger::collect(|| {
            dropped = catch_unwind(AssertUnwindSafe(|| stage.set(Stage::Over)));
        });
        let lingering = lingering.filter(|_| waits);
        if let (None, Some(key)) = (&lingering, key) {
            leave(key, panic.is_some());
        }
        let others = ends.run(panic.as_ref().map(TaskPanic::message));
        if dropped.is_err() || !others.is_empty() {
            report(dropped.err().into_iter().chain(others));
        }
        let Some(lingering) = lingering else {
            return Ended::Over(panic);
        };
        let last = Some(Box::new(Last {
            lingering,
            key,
            noted,
            panic,
        }));
        stage.set(Stage::Lingers { last });
        Ended::Lingers
    }
}

impl<F: Future> Tracked<F> {
    /// Waits for what the future has left.
    #[cold]
    fn linger(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Finished<F::Output>> {
        let ends = PollEnds::new();
        let stage = self.project().stage.project();
        let StageProjection::Lingers { last: place } = stage else {
            unreachable!("a task is not polled again after it has finished")
        };
        let Some(last) = place else {
            unreachable!("a task is not polled again after it has finished")
        };
        let is_over = ends.is_ending || last.lingering.poll(cx).is_ready();
        let polled = if is_over {
            match place.take().and_then(|last| last.over()) {
                Some(panic) => Poll::Ready(Finished::panicked(panic)),
                None => Poll::Ready(Finished::cancelled(line())),
            }
        } else {
            note(last.key, &mut last.noted);
            Poll::Pending
        };
        report(ends.run(None).into_iter());
        polled
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
    running::with_queues(|local, handle| {
        let Some(handle) = handle else {
            return;
        };
        let worker = local.filter(|local| handle.queue.owns(local));
        handle.table.leave(key, worker.map(|_| running::shard()));
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
            return self.linger(cx);
        };
        if ends.is_ending || is_cancelled(key) {
            return match self.as_mut().end(ends, None) {
                Ended::Over(_) => Poll::Ready(Finished::cancelled(line())),
                Ended::Lingers => self.linger(cx),
            };
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
                match self.as_mut().end(ends, Some(payload)) {
                    Ended::Over(Some(panic)) => Poll::Ready(Finished::panicked(panic)),
                    Ended::Over(None) => unreachable!("a payload was given"),
                    Ended::Lingers => self.linger(cx),
                }
            }
        }
    }
}
