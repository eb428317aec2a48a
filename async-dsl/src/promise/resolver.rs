//! The delivering ends of a promise.

use std::fmt;
use std::sync::Arc;

use super::shared::Shared;
use crate::runtime::running::{current_action, current_task};

/// The delivering end of a promise, made by [`promise()`](super::promise()).
///
/// Delivering consumes it, so a second delivery does not compile. Dropping it undelivered breaks the promise:
/// awaiting that returns [`Broken`](super::Broken), with the panic's message if a panicking task dropped the resolver.
///
/// # Examples
///
/// ```
/// let (resolver, promise) = async_dsl::promise::promise();
/// resolver.deliver(1);
/// assert_eq!(promise.wait_blocking().unwrap(), 1);
/// ```
///
/// ```compile_fail,E0382
/// let (resolver, promise) = async_dsl::promise::promise();
/// resolver.deliver(1);
/// resolver.deliver(2);
/// ```
#[must_use = "dropping the resolver breaks the promise"]
pub struct Resolver<T> {
    /// `None` once delivered.
    shared: Option<Arc<Shared<T>>>,
}

impl<T> Resolver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self {
            shared: Some(shared),
        }
    }

    /// Delivers the value and wakes every waiter. Never blocks or parks.
    ///
    /// If no handle to the promise is left, the value is dropped.
    ///
    /// # Panics
    ///
    /// Only if a waker of a foreign executor panics; every other waiter has been woken by then.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// let (resolver, promise) = promise();
    /// let waiter = go!({ promise.await.unwrap() + 1 });
    /// resolver.deliver(41);
    /// assert_eq!(async_dsl::block_on(waiter), 42);
    /// ```
    pub fn deliver(mut self, value: T) {
        if let Some(shared) = self.shared.take() {
            shared.deliver(value);
        }
    }

    /// Returns the cloneable form, for races and retries: the first delivery counts.
    ///
    /// # Examples
    ///
    /// ```
    /// let (resolver, promise) = async_dsl::promise::promise();
    /// let first = resolver.share();
    /// let second = first.clone();
    /// assert!(first.deliver(322));
    /// assert!(!second.deliver(42));
    /// assert_eq!(promise.wait_blocking().unwrap(), 322);
    /// ```
    pub fn share(self) -> SharedResolver<T> {
        SharedResolver {
            last: Arc::new(self),
        }
    }
}

impl<T> Drop for Resolver<T> {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.break_unless_settled(current_action().or_else(current_task));
        }
    }
}

impl<T> fmt::Debug for Resolver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shared {
            Some(shared) => shared.fmt("Resolver", f),
            None => f.debug_struct("Resolver").finish_non_exhaustive(),
        }
    }
}

/// The cloneable delivering end, made by [`Resolver::share`]: the first delivery counts, later ones have no effect.
///
/// The promise breaks when the last clone is dropped and none of them delivered.
///
/// # Examples
///
/// ```
/// let (resolver, promise) = async_dsl::promise::promise();
/// let resolver = resolver.share();
/// for attempt in 1..=3 {
///     let resolver = resolver.clone();
///     std::thread::spawn(move || resolver.deliver(attempt));
/// }
/// assert!((1..=3).contains(&promise.wait_blocking().unwrap()));
/// ```
#[must_use = "dropping the last resolver breaks the promise"]
pub struct SharedResolver<T> {
    /// Dropped with the last clone, which is what breaks the promise.
    last: Arc<Resolver<T>>,
}

impl<T> SharedResolver<T> {
    /// Delivers the value unless one was delivered before. Returns whether this one was the first. A value that comes
    /// too late is dropped. Never blocks or parks.
    ///
    /// # Panics
    ///
    /// Only if a waker of a foreign executor panics; every other waiter has been woken by then.
    ///
    /// # Examples
    ///
    /// ```
    /// let (resolver, promise) = async_dsl::promise::promise();
    /// let resolver = resolver.share();
    /// assert_eq!((resolver.deliver(1), resolver.deliver(2)), (true, false));
    /// assert_eq!(promise.wait_blocking().unwrap(), 1);
    /// ```
    pub fn deliver(&self, value: T) -> bool {
        self.last
            .shared
            .as_ref()
            .is_some_and(|shared| shared.deliver(value))
    }
}

impl<T> Clone for SharedResolver<T> {
    fn clone(&self) -> Self {
        Self {
            last: Arc::clone(&self.last),
        }
    }
}

impl<T> fmt::Debug for SharedResolver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.last.shared {
            Some(shared) => shared.fmt("SharedResolver", f),
            None => f.debug_struct("SharedResolver").finish_non_exhaustive(),
        }
    }
}
