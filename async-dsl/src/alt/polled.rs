//! Arms that are looked at by polling a future: promises, tasks, timers.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use crate::commit::{Attempt, Attempted, CanLose, Operation};
use crate::promise::{Broken, Promise, Wait};
use crate::runtime::note;
use crate::runtime::place::At;
use crate::runtime::task::{Joining, Task};

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

impl<T> CanLose for Task<T> {
    type Output = T;
    type Op<'a>
        = Joining<'a, T>
    where
        Self: 'a;

    /// Waits for the task; one that loses runs on and can be awaited again.
    fn operation(&self) -> Joining<'_, T> {
        self.joining()
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
        match note::within(self.1, || Pin::new(future).poll(attempt.cx)) {
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
