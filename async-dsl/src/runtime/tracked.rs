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
        future: Option<F>,
        key: Option<Key>,
        // Whether the table has a note of where this is parked.
        noted: bool,
    }

    impl<F> PinnedDrop for Tracked<F> {
        fn drop(this: Pin<&mut Self>) {
            this.end(PollEnds::new(), None);
        }
    }
}

impl<F> Tracked<F> {
    pub(crate) fn new(future: F, key: Option<Key>) -> Self {
        Self {
            future: Some(future),
            key,
            noted: false,
        }
    }

    /// Looked at in the turn itself: from here on a waker that is woken makes another one.
    fn is_cancelled(&self) -> bool {
        let is_cancelled = |key| running::with_entered(|handle| handle.table.is_cancelled(key));
        table::any_cancelled() && self.key.and_then(is_cancelled).unwrap_or(false)
    }

    /// Stores where the future is parked, before anybody else can poll it.
    fn note(self: Pin<&mut Self>) {
        let this = self.project();
        let change = note::end_poll(*this.noted);
        if let (Some(key), Change::Store(_) | Change::Clear) = (*this.key, &change) {
            *this.noted = matches!(change, Change::Store(_));
            running::with_entered(|handle| handle.table.note(key, &change));
        }
    }

    /// Drops the future, and returns the panic that ended it. A panic of the drop itself is reported.
    fn end(self: Pin<&mut Self>, ends: PollEnds, panic: Option<Payload>) -> Option<TaskPanic> {
        let mut this = self.project();
        let line = line();
        let panic = panic.map(|payload| TaskPanic::new(payload, line));
        let dropped = if this.future.is_some() {
            catch_unwind(AssertUnwindSafe(|| this.future.set(None)))
        } else {
            Ok(())
        };
        if let Some(key) = this.key.take() {
            running::with_entered(|handle| {
                handle.table.remove(key);
                if let Some(sim) = handle.sim() {
                    sim.finished(panic.is_some());
                }
                handle.task_left();
            });
        }
        let others = ends.run(panic.as_ref().map(TaskPanic::message));
        for payload in dropped.err().into_iter().chain(others) {
            TaskPanic::new(payload, line).report();
        }
        panic
    }
}

type Payload = Box<dyn std::any::Any + Send>;

fn line() -> Line {
    // A scheduler always says which task it polls or drops.
    running::current_task().unwrap_or(std::panic::Location::caller())
}

impl<F: Future> Future for Tracked<F> {
    type Output = Finished<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ends = PollEnds::new();
        if ends.is_ending || self.is_cancelled() {
            self.end(ends, None);
            return Poll::Ready(Finished::cancelled(line()));
        }
        let future = self.as_mut().project().future;
        let Some(future) = future.as_pin_mut() else {
            unreachable!("a task is not polled again after it has finished")
        };
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => {
                self.as_mut().note();
                for payload in ends.run(None) {
                    TaskPanic::new(payload, line()).report();
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
