//! Arms that are looked at by polling a future: promises, tasks, timers.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use super::{Attempt, Attempted, Operation};
use crate::inspect::{self, At};
use crate::promise::{Broken, Promise, Wait};

/// What `await!(x)` accepts as an arm of [`alt!`](crate::alt!): something that can be waited for by reference and
/// loses nothing if the wait is given up.
///
/// # Contract
///
/// The future that [`operation`](Self::operation) gives must have done nothing until it is ready, and dropping it
/// before must leave `self` as it was, so that it can be waited for again.
///
/// # Examples
///
/// ```
/// use async_dsl::alt::CanLose;
/// use async_dsl::chan::{Chan, Take};
///
/// /// A bell that rings once for everybody who waits.
/// struct Bell(Chan<()>);
///
/// impl CanLose for Bell {
///     type Output = Option<()>;
///     type Op<'a> = Take<'a, ()>;
///     fn operation(&self) -> Take<'_, ()> {
///         self.0.take()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be awaited in an arm of `alt!`: losing could lose its work",
    label = "not a promise or a task",
    note = "start it with `go!({{ … }})` before the `alt!` and await the task here: a task that loses runs on",
    note = "if dropping it before it is ready loses nothing, say so: `await!(cancel_safe(future))`"
)]
pub trait CanLose {
    /// What waiting gives.
    type Output;
    /// The wait.
    type Op<'a>: Future<Output = Self::Output> + Unpin
    where
        Self: 'a;

    /// Starts to wait. Nothing happens to `self` before the wait is over.
    fn operation(&self) -> Self::Op<'_>;
}

impl<O: CanLose + ?Sized> CanLose for &O {
    type Output = O::Output;
    type Op<'a>
        = O::Op<'a>
    where
        Self: 'a;

    fn operation(&self) -> Self::Op<'_> {
        (**self).operation()
    }
}

impl<O: CanLose + ?Sized> CanLose for &mut O {
    type Output = O::Output;
    type Op<'a>
        = O::Op<'a>
    where
        Self: 'a;

    fn operation(&self) -> Self::Op<'_> {
        (**self).operation()
    }
}

impl<T> CanLose for Promise<T> {
    type Output = Result<T, Broken>;
    type Op<'a>
        = Wait<'a, T>
    where
        Self: 'a;

    /// Waits for the answer; a promise that loses can be awaited again.
    fn operation(&self) -> Wait<'_, T> {
        self.wait()
    }
}

/// An arm that polls a future.
#[derive(Debug)]
#[must_use = "an operation does nothing unless it is an arm of `alt!` or an element of `alts`"]
pub struct Polled<F>(Option<F>, At);

impl<F: Future + Unpin> Polled<F> {
    pub(crate) const fn new(future: F, at: At) -> Self {
        Self(Some(future), at)
    }
}

impl<F: Future + Unpin> Operation for Polled<F> {
    type Output = F::Output;

    fn attempt(&mut self, attempt: &mut Attempt<'_, '_>) -> Attempted<F::Output> {
        let Some(future) = &mut self.0 else {
            return Attempted::Idle;
        };
        match inspect::within(self.1, || Pin::new(future).poll(attempt.cx)) {
            Poll::Ready(output) => {
                self.0 = None;
                Attempted::Ready(output)
            }
            Poll::Pending => Attempted::Idle,
        }
    }

    fn collect(&mut self) -> Poll<F::Output> {
        Poll::Pending // nobody wins such an arm but its owner, by polling
    }

    fn withdraw(&mut self) {
        self.0 = None;
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn at(&self) -> At {
        self.1
    }
}
