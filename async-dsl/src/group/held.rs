//! A task that ends with a token.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::token::CancelToken;
use crate::runtime::id::Name;
use crate::runtime::place::Line;
use crate::runtime::running::current;
use crate::runtime::task::Task;

/// The place of a task among those that a token cancels, until this is dropped.
pub(super) struct Seat {
    token: CancelToken,
    number: u64,
}

impl Seat {
    pub(super) fn new(token: CancelToken) -> Self {
        let number = token.reserve();
        Self { token, number }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.token.leave(self.number);
    }
}

pin_project! {
    /// The future of a task, with its place among those of the token.
    pub(crate) struct Held<F> {
        #[pin]
        future: F,
        seat: Seat,
    }
}

impl<F: Future> Future for Held<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<F> Held<F> {
    pub(super) const fn new(future: F, seat: Seat) -> Self {
        Self { future, seat }
    }
}

/// Calls `spawn` with the seat of the task that it starts, which is dropped at its next parking point when the token is
/// cancelled.
pub(super) fn seated<T>(
    token: Option<CancelToken>,
    spawn: impl FnOnce(Option<Seat>) -> Task<T>,
) -> Task<T> {
    let Some(token) = token else {
        return spawn(None);
    };
    let seat = Seat::new(token.clone());
    let number = seat.number;
    let task = spawn(Some(seat));
    token.seat(number, task.remote());
    task
}

/// Starts a task that is dropped at its next parking point when the token is cancelled.
pub(crate) fn spawn<F>(
    token: CancelToken,
    name: Option<Name>,
    future: F,
    at: Line,
) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let name = name.map(Box::new);
    seated(Some(token), |seat| match seat {
        Some(seat) => current().spawn_named(Held::new(future, seat), name, at),
        None => current().spawn_named(future, name, at),
    })
}
