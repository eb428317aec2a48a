//! Taking the next task of a group that has ended.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::ended::{Shared, outcome};
use super::waiters::Place;
use crate::commit::{Attempt, Attempted, Operation};
use crate::runtime::budget;
use crate::runtime::place::{At, Line};
use crate::runtime::task::{Finished, TaskError};

/// The future of `take!` on a [`Group`](super::Group): how the next task ended, `None` if the group is empty.
///
/// Parks until a task has ended. Dropping it loses nothing.
#[must_use = "a take does nothing unless it is awaited"]
pub struct Take<'a, T> {
    shared: &'a Shared<T>,
    place: Place,
    at: At,
}

impl<'a, T> Take<'a, T> {
    pub(super) const fn new(shared: &'a Shared<T>, at: At) -> Self {
        Self {
            shared,
            place: Place::new(),
            at,
        }
    }

    fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, TaskError>>> {
        let taken = self.poll_finished(cx);
        taken.map(|taken| taken.map(|(_, at, finished)| outcome(at, finished)))
    }

    /// The number of the next task that ended, in the order of the starts from 1 on, the line that started it, and how it
    /// ended. A panic that is dropped unread is reported.
    pub(crate) fn poll_finished(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<(u64, Line, Finished<T>)>> {
        let core = &self.shared.core;
        let mut taken = self.shared.try_take();
        if taken.is_pending() {
            core.join_takers(&mut self.place, cx.waker().clone());
            // What ended in between has woken nobody.
            taken = self.shared.try_take();
        }
        if taken.is_ready() {
            core.leave_takers(&mut self.place);
        } else {
            core.note(self.at);
        }
        taken
    }
}

impl<T> Future for Take<'_, T> {
    type Output = Option<Result<T, TaskError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        self.poll_take(cx)
    }
}

impl<T> Operation for Take<'_, T> {
    type Output = Option<Result<T, TaskError>>;

    fn attempt(mut self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        match self.poll_take(attempt.cx) {
            Poll::Ready(taken) => Attempted::Ready(taken),
            Poll::Pending => Attempted::Idle,
        }
    }

    fn withdraw(mut self: Pin<&mut Self>) {
        let Self { shared, place, .. } = &mut *self;
        shared.core.leave_takers(place);
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn at(&self) -> At {
        self.at
    }
}

impl<T> Drop for Take<'_, T> {
    fn drop(&mut self) {
        self.shared.core.leave_takers(&mut self.place);
    }
}

impl<T> fmt::Debug for Take<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Take")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
