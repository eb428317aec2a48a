//! Arms that poll a future: promises, tasks, timers.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use pin_project_lite::pin_project;

use crate::commit::{Attempt, Attempted, CanLose, Operation};
use crate::promise::{Broken, Promise, Wait};
use crate::runtime::note;
use crate::runtime::place::At;
use crate::runtime::task::{Joining, Task};

impl<T> CanLose for Promise<T> {
    type Output = Result<T, Broken>;
    type Wait<'a>
        = Wait<'a, T>
    where
        Self: 'a;

    /// Returns a wait for the answer. Parks until that is there; a promise that loses can be awaited again.
    fn wait(&self) -> Wait<'_, T> {
        self.wait()
    }
}

impl<T> CanLose for Task<T> {
    type Output = T;
    type Wait<'a>
        = Joining<'a, T>
    where
        Self: 'a;

    /// Returns a wait for the task. Parks until that has ended; a task that loses runs on and can be awaited again.
    fn wait(&self) -> Joining<'_, T> {
        self.joining()
    }
}

pin_project! {
    /// An arm that polls a future. Made by [`awaiting`].
    #[derive(Debug)]
    #[must_use = "an operation does nothing unless it is an arm of `alt!` or an element of `alts`"]
    pub struct Polled<F> {
        #[pin]
        future: Option<F>,
        at: At,
    }
}

impl<F: Future> Polled<F> {
    pub(crate) const fn new(future: F, at: At) -> Self {
        let future = Some(future);
        Self { future, at }
    }
}

/// Returns an element of [`alts`](super::alts) that waits for a promise, a task, or another value that can be waited for
/// by reference, as an arm `await!(task)` does in an `alt!`.
///
/// Its output is that of the wait. One that loses leaves `operand` as it was: the task runs on, and can be awaited again.
///
/// # Examples
///
/// ```
/// use async_dsl::alt::awaiting;
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async_block!({
///     let mut tasks: Vec<Task<u64>> = [30, 10, 20].map(|n| go!({ sleep!(std::time::Duration::from_millis(n)); n })).into();
///     let mut done = Vec::new();
///     while let Ok((first, n)) = alts(tasks.iter().map(awaiting)).await {
///         done.push(n);
///         drop(tasks.remove(first));
///     }
///     assert_eq!(done, [10, 20, 30]);
/// }));
/// ```
#[track_caller]
pub fn awaiting<O: CanLose + ?Sized>(operand: &O) -> Polled<O::Wait<'_>> {
    Polled::new(operand.wait(), At::caller())
}

impl<F: Future> Operation for Polled<F> {
    type Output = F::Output;

    fn attempt(self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<F::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Attempted::Idle;
        };
        match note::within(*this.at, || future.poll(attempt.cx)) {
            Poll::Ready(output) => {
                this.future.set(None);
                Attempted::Ready(output)
            }
            Poll::Pending => Attempted::Idle,
        }
    }

    fn withdraw(self: Pin<&mut Self>) {
        self.project().future.set(None);
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn at(&self) -> At {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;
    use crate::alt::alts;
    use crate::promise::promise;
    use crate::runtime::wake::counting::counting;

    fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
        Pin::new(future).poll(&mut Context::from_waker(waker))
    }

    // S37
    #[test]
    fn a_parked_alt_goes_on_when_one_of_its_promises_is_delivered() {
        let (resolver, first) = promise();
        let (_other, second) = promise::<u32>();
        let (counter, waker) = counting();
        let mut alt = alts([&first, &second].map(|promise| awaiting(promise)));
        assert!(poll(&mut alt, &waker).is_pending());
        resolver.deliver(42);
        assert_eq!(counter.woken(), 1);
        let Poll::Ready(Ok((0, Ok(42)))) = poll(&mut alt, &waker) else {
            panic!("the first promise was delivered")
        };
        drop(alt);
        assert_eq!((first.waiters(), second.waiters()), (0, 0));
    }

    // A11
    #[test]
    fn a_kept_promise_serves_alt_for_ever() {
        let (resolver, promise) = promise();
        let keeper = promise.clone();
        let (_, waker) = counting();
        let mut parked = alts([awaiting(&promise)]);
        assert!(poll(&mut parked, &waker).is_pending());
        resolver.deliver(1);
        for mut alt in [
            parked,
            alts([awaiting(&promise)]),
            alts([awaiting(&keeper)]),
        ] {
            assert!(matches!(
                poll(&mut alt, &waker),
                Poll::Ready(Ok((0, Ok(1))))
            ));
        }

        let (resolver, promise) = crate::promise::promise::<u32>();
        drop(resolver);
        for _ in 0..3 {
            let mut alt = alts([awaiting(&promise)]);
            assert!(matches!(
                poll(&mut alt, &waker),
                Poll::Ready(Ok((0, Err(_))))
            ));
        }
    }
}
