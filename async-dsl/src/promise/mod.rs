//! Promises: one value, delivered once, awaited by any task or thread.
//!
//! [`promise()`] returns the two ends. The [`Resolver`] delivers the value and is consumed by it, so that a second
//! delivery does not compile; [`Resolver::share`] is the form for races and retries. The [`Promise`] is a future of
//! the value, or of [`Broken`] if every resolver was dropped without delivering.
//!
//! ```
//! use async_dsl::prelude::*;
//!
//! async_dsl::block_on(async {
//!     let (resolver, answer) = promise();
//!     resolver.deliver(42);
//!     assert_eq!(answer.await.unwrap(), 42);
//! });
//! ```
//!
//! # How often can it be read?
//!
//! A promise on its own returns its value once, whatever its type is. Once it was cloned, or awaited by reference
//! (`(&promise).await`), it keeps the value and returns clones, any number of times; both need
//! `T: Clone + Send + Sync + 'static`.
//!
//! ```
//! use async_dsl::promise::promise;
//!
//! let (resolver, mine) = promise();
//! let yours = mine.clone();
//! resolver.deliver("answer".to_string());
//! assert_eq!(mine.wait_blocking().unwrap(), "answer");
//! assert_eq!(yours.wait_blocking().unwrap(), "answer");
//! ```

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use crate::runtime::block::Blocking;
use crate::runtime::budget;
use crate::runtime::explore::Go;

use shared::Shared;
use waiters::Key;

mod broken;
mod resolver;
mod shared;
mod wait;
mod waiters;

pub use broken::Broken;
pub use resolver::{Resolver, SharedResolver};
pub use wait::Wait;

/// Returns the resolver that delivers a value, and the promise of it.
///
/// A promise of something that can fail is a `promise::<Result<T, E>>()`.
///
/// # Examples
///
/// ```
/// use async_dsl::promise::promise;
///
/// let (resolver, promise) = promise();
/// std::thread::spawn(move || resolver.deliver(42));
/// assert_eq!(promise.wait_blocking().unwrap(), 42);
/// ```
#[track_caller]
pub fn promise<T: Send + 'static>() -> (Resolver<T>, Promise<T>) {
    let shared = Arc::new(Shared::new(Location::caller()));
    let promise = Promise {
        shared: Arc::clone(&shared),
        key: Key::NONE,
    };
    (Resolver::new(shared), promise)
}

/// The reading end: a future of `Result<T, Broken>`.
///
/// **Parks** until the value is delivered or the last resolver is dropped. **Dropping** an unfinished wait loses
/// nothing: `&mut promise` can be given to a time limit and the promise awaited again later. If no handle to the
/// promise is left, a delivered value is dropped.
///
/// # Panics
///
/// When it is polled after its value was taken, naming the line that made it. See the [module documentation](self) for
/// how to read a promise more than once.
///
/// # Examples
///
/// ```
/// use async_dsl::promise::promise;
/// use futures_lite::future::block_on;
///
/// let (resolver, promise) = promise();
/// resolver.deliver(vec![1, 2, 3]);
/// assert_eq!(block_on(promise).unwrap(), [1, 2, 3]);
/// ```
#[must_use = "a promise does nothing unless it is awaited"]
pub struct Promise<T> {
    shared: Arc<Shared<T>>,
    /// This handle's place among the waiters while it is parked.
    key: Key,
}

impl<T> Promise<T> {
    /// Whether the value was delivered, even if it was read since; `false` for a broken promise.
    ///
    /// # Examples
    ///
    /// ```
    /// let (resolver, promise) = async_dsl::promise::promise();
    /// assert!(!promise.is_delivered());
    /// resolver.deliver(1);
    /// assert!(promise.is_delivered());
    /// ```
    pub fn is_delivered(&self) -> bool {
        self.shared.is_delivered()
    }

    /// Blocks this thread until the value is delivered, and returns it: for code outside linear code.
    ///
    /// # Errors
    ///
    /// [`Broken`] if every resolver was dropped without delivering.
    ///
    /// # Panics
    ///
    /// If this thread is polling a task, where it would block a worker, or if the value was taken before.
    ///
    /// # Examples
    ///
    /// ```
    /// let (resolver, promise) = async_dsl::promise::promise::<u32>();
    /// drop(resolver);
    /// assert!(promise.wait_blocking().is_err());
    /// ```
    #[track_caller]
    pub fn wait_blocking(mut self) -> Result<T, Broken> {
        Blocking::new("Promise::wait_blocking").wait(|cx| self.poll_value(cx))
    }

    /// Blocks this thread until the value is delivered, at most for `limit` (of real time); `None` if that elapses. A
    /// value already delivered is returned even if `limit` is 0.
    ///
    /// # Errors
    ///
    /// [`Broken`] if every resolver was dropped without delivering.
    ///
    /// # Panics
    ///
    /// If this thread is polling a task, where it would block a worker, or if the value was taken before.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (resolver, mut promise) = async_dsl::promise::promise();
    /// assert!(promise.wait_blocking_for(Duration::ZERO).is_none());
    /// resolver.deliver(322);
    /// assert_eq!(promise.wait_blocking_for(Duration::ZERO).unwrap().unwrap(), 322);
    /// ```
    #[track_caller]
    pub fn wait_blocking_for(&mut self, limit: Duration) -> Option<Result<T, Broken>> {
        // A limit past the end of the clock is no limit.
        let deadline = Instant::now().checked_add(limit);
        Blocking::new("Promise::wait_blocking_for").wait_until(deadline, |cx| self.poll_value(cx))
    }

    /// Waits through a shared reference, whatever `T` is: takes the value unless this promise keeps it. It takes
    /// nothing from the cooperative budget, so that an `alt!` sees what is ready.
    pub(crate) fn wait(&self) -> Wait<'_, T> {
        Wait::uncounted(self)
    }

    #[cfg(test)]
    pub(crate) fn waiters(&self) -> usize {
        self.shared.waiters()
    }

    fn poll_value(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, Broken>> {
        self.shared.poll(&mut self.key, cx)
    }
}

impl<T> Future for Promise<T> {
    type Output = Result<T, Broken>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let go = ready!(budget::poll_go(cx));
        if go != Go::Free && self.shared.object.is_explored() {
            ready!(self.shared.poll_explored(true, go, cx));
        }
        self.poll_value(cx)
    }
}

impl<'a, T: Clone + Send + Sync + 'static> IntoFuture for &'a Promise<T> {
    type Output = Result<T, Broken>;
    type IntoFuture = Wait<'a, T>;

    /// Awaits by reference: the promise keeps its value and returns a clone.
    fn into_future(self) -> Wait<'a, T> {
        self.shared.keep_value();
        Wait::counted(self)
    }
}

impl<T: Clone + Send + Sync + 'static> Clone for Promise<T> {
    /// Returns another handle to the same promise. From now on every handle returns a clone of the value.
    fn clone(&self) -> Self {
        self.shared.keep_value();
        self.shared.add_promise();
        Self {
            shared: Arc::clone(&self.shared),
            key: Key::NONE,
        }
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        if self.key != Key::TAKEN {
            self.shared.remove_waiter(self.key);
            self.shared.remove_promise();
        }
    }
}

impl<T> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt("Promise", f)
    }
}

#[cfg(test)]
mod tests;
