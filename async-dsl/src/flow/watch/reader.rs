//! Reading the latest value.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::shared::Shared;
use crate::chan::Source;
use crate::commit::{Attempt, Attempted, Operation};
use crate::flow::waiters;
use crate::runtime::budget;
use crate::runtime::noted::lock;
use crate::runtime::place::At;

/// Reads the latest value, and waits for the next. Made by [`watch`](super::watch()). It is a [`Stream`] too.
pub struct Watch<T> {
    shared: Arc<Shared<T>>,
    /// The version that this handle has returned. Changed under the lock.
    seen: AtomicU64,
    /// Its place among the waiters, as a stream.
    key: Option<usize>,
}

impl<T> Watch<T> {
    /// `shared` has counted it.
    pub(super) fn new(shared: Arc<Shared<T>>, seen: u64) -> Self {
        let seen = AtomicU64::new(seen);
        let key = None;
        Self { shared, seen, key }
    }

    /// Returns the number of values that were replaced before anybody saw them.
    ///
    /// ```
    /// let (putter, watch) = async_dsl::flow::watch(1);
    /// putter.put(2).unwrap();
    /// putter.put(3).unwrap();
    /// assert_eq!((watch.get(), watch.discarded()), (3, 1));
    /// ```
    #[must_use]
    pub fn discarded(&self) -> u64 {
        lock(&self.shared.state).stats.discarded
    }
}

impl<T: Clone> Watch<T> {
    /// Returns the latest value, and never parks. A `take!` of this handle after it waits for a newer one.
    ///
    /// ```
    /// let (putter, watch) = async_dsl::flow::watch(1);
    /// assert_eq!(watch.get(), 1);
    /// putter.put(2).unwrap();
    /// assert_eq!(watch.get(), 2);
    /// ```
    #[must_use]
    pub fn get(&self) -> T {
        let value = lock(&self.shared.state).see(&self.seen);
        Arc::unwrap_or_clone(value)
    }

    /// Takes the latest value, as `take!(watch)` does, once it is newer than what this handle has returned. Returns `None`
    /// once the putter is dropped and the last value was returned.
    ///
    /// Parks until then. Dropping the future loses nothing.
    ///
    /// ```
    /// let (putter, watch) = async_dsl::flow::watch(1);
    /// putter.put(2).unwrap();
    /// assert_eq!(async_dsl::block_on(watch.take()), Some(2));
    /// drop(putter);
    /// assert_eq!(async_dsl::block_on(watch.take()), None);
    /// ```
    #[track_caller]
    pub fn take(&self) -> TakeWatch<'_, T> {
        self.take_operation(At::caller())
    }
}

impl<T: Clone> Source for Watch<T> {
    type Item = T;
    type Take<'a>
        = TakeWatch<'a, T>
    where
        Self: 'a;

    fn take_operation(&self, at: At) -> TakeWatch<'_, T> {
        TakeWatch {
            watch: self,
            key: None,
            at,
        }
    }
}

impl<T> Unpin for Watch<T> {}

impl<T: Clone> Stream for Watch<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        let at = At::line(this.shared.made_at);
        ready!(budget::poll_proceed_at(cx, || at));
        this.shared.poll(&this.seen, &mut this.key, at, cx)
    }
}

impl<T> Clone for Watch<T> {
    fn clone(&self) -> Self {
        let mut state = lock(&self.shared.state);
        state.watches += 1;
        let seen = self.seen.load(Ordering::Relaxed);
        Self::new(Arc::clone(&self.shared), seen)
    }
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        waiters::leave(&self.shared.state, &mut self.key);
        lock(&self.shared.state).watches -= 1;
    }
}

impl<T> fmt::Debug for Watch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("made_at", &format_args!("{}", self.shared.made_at))
            .finish_non_exhaustive()
    }
}

/// The future of [`Watch::take`] and of `take!(watch)`. Dropping it loses nothing.
#[must_use = "a take does nothing unless it is awaited"]
pub struct TakeWatch<'a, T> {
    watch: &'a Watch<T>,
    key: Option<usize>,
    at: At,
}

impl<T: Clone> TakeWatch<'_, T> {
    fn poll_take(&mut self, cx: &Context<'_>) -> Poll<Option<T>> {
        let Watch { shared, seen, .. } = self.watch;
        shared.poll(seen, &mut self.key, self.at, cx)
    }
}

impl<T: Clone> Future for TakeWatch<'_, T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        self.poll_take(cx)
    }
}

impl<T: Clone> Operation for TakeWatch<'_, T> {
    type Output = Option<T>;

    fn attempt(mut self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Option<T>> {
        match self.poll_take(attempt.cx) {
            Poll::Ready(taken) => Attempted::Ready(taken),
            Poll::Pending => Attempted::Idle,
        }
    }

    fn withdraw(mut self: Pin<&mut Self>) {
        waiters::leave(&self.watch.shared.state, &mut self.key);
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn at(&self) -> At {
        self.at
    }
}

impl<T> Drop for TakeWatch<'_, T> {
    fn drop(&mut self) {
        waiters::leave(&self.watch.shared.state, &mut self.key);
    }
}

impl<T> fmt::Debug for TakeWatch<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakeWatch")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
