//! Arms for futures of other crates.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use crate::commit::{Attempt, Attempted, CanLose, Operation};
use crate::runtime::note;
use crate::runtime::sync::lock_std;

const GONE: &str = "a `cancel_safe` future was awaited again after it had given its output, or in two places at once";

/// Makes a future of another crate an arm of [`alt!`](crate::alt!): `status = await!(cancel_safe(child.status())) => …`.
///
/// The future of an arm that loses is dropped. What it has done by then is lost with it, unless it is written so that
/// nothing is: most libraries document that as *cancel safety* (`child.status()`, `notified()`; the `next()` of a stream is,
/// but there [`take!`](crate::take!) is an arm).
/// By writing `cancel_safe` you vouch for it. A future that is not cancel safe is started with [`go!`](crate::go!)
/// instead, and the arm awaits the task, which runs on if it loses.
///
/// The future may borrow, and need not be `Unpin`. The arm's value is its output.
///
/// It is polled on the waiting task, and parks on whatever the future parks on. Written in the arm, it is dropped as soon
/// as one arm has won, before the handler runs, which can use again what the future borrowed. In a variable, it is awaited
/// by reference, like a task, and continues where it was when it is awaited the next time.
///
/// # Contract
///
/// The future must have no effect until it is ready: dropping it before that loses nothing.
///
/// # Panics
///
/// Awaiting it panics after it has returned its output, and in two arms of one `alt!` at once.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use futures_lite::stream::{self, StreamExt};
///
/// async_dsl::block_on(async_block!({
///     let mut lines = stream::iter(["one", "two", "three"]);
///     let stop = chan::<()>();
///     let mut seen = Vec::new();
///     loop {
///         alt! {
///             line = await!(cancel_safe(lines.next())) => match line {
///                 Some(line) => seen.push(line),
///                 None => break,
///             },
///             _ = take!(stop) => break,
///         }
///     }
///     assert_eq!(seen, ["one", "two", "three"]);
/// }));
/// ```
pub fn cancel_safe<F: Future>(future: F) -> CancelSafe<F> {
    CancelSafe(Mutex::new(Some(Box::pin(future))))
}

/// A future that loses nothing when it is dropped. Made by [`cancel_safe`].
#[must_use = "futures do nothing unless awaited"]
pub struct CancelSafe<F>(Mutex<Option<Pin<Box<F>>>>);

impl<F: Future> Future for CancelSafe<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let future = match self.0.get_mut() {
            Ok(future) => future,
            Err(poisoned) => poisoned.into_inner(),
        };
        poll(future, cx)
    }
}

fn poll<F: Future>(future: &mut Option<Pin<Box<F>>>, cx: &mut Context<'_>) -> Poll<F::Output> {
    let polled = note::foreign(|| future.as_mut().expect(GONE).as_mut().poll(cx));
    if polled.is_ready() {
        *future = None;
    }
    polled
}

impl<F: Future> CanLose for CancelSafe<F> {
    type Output = F::Output;
    type Wait<'a>
        = Lent<'a, F>
    where
        Self: 'a;

    /// Returns a wait for the future; one that loses continues the next time it is awaited.
    ///
    /// # Panics
    ///
    /// After the future has returned its output, and while another wait for it exists.
    fn wait(&self) -> Lent<'_, F> {
        let future = lock_std(&self.0).take();
        Lent {
            future: Some(future.expect(GONE)),
            home: self,
        }
    }
}

/// An element of [`alts`](super::alts).
impl<F: Future> Operation for CancelSafe<F> {
    type Output = F::Output;

    fn attempt(self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<F::Output> {
        match self.poll(attempt.cx) {
            Poll::Ready(output) => Attempted::Ready(output),
            Poll::Pending => Attempted::Idle,
        }
    }

    fn withdraw(self: Pin<&mut Self>) {}

    fn is_polled(&self) -> bool {
        true
    }
}

/// A wait for a [`CancelSafe`] future by reference. Dropping it before it is done returns the future to where it was.
#[must_use = "futures do nothing unless awaited"]
pub struct Lent<'a, F> {
    future: Option<Pin<Box<F>>>,
    home: &'a CancelSafe<F>,
}

impl<F: Future> Future for Lent<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        poll(&mut self.future, cx)
    }
}

impl<F> Drop for Lent<'_, F> {
    fn drop(&mut self) {
        if let Some(future) = self.future.take() {
            *lock_std(&self.home.0) = Some(future);
        }
    }
}

impl<F> fmt::Debug for CancelSafe<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelSafe").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for Lent<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent").finish_non_exhaustive()
    }
}
