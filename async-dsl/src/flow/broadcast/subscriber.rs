//! A subscriber of a broadcast.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::shared::{Lagged, Seat, Shared, Taken};
use crate::chan::{Source, TryTakeError};
use crate::commit::{Attempt, Attempted, Operation};
use crate::flow::waiters;
use crate::runtime::budget;
use crate::runtime::place::{At, Line};
use crate::runtime::sync::lock;

/// Gets each value of a [`broadcast`](super::broadcast()) from when it [subscribed](super::Broadcast::subscribe). It is a [`Stream`] too.
pub struct Subscriber<T> {
    shared: Arc<Shared<T>>,
    number: usize,
    /// Its place among the waiters, as a stream.
    key: Option<usize>,
    _seat: Arc<Seat<T>>,
}

impl<T: Send + Sync + 'static> Subscriber<T> {
    pub(super) fn new(shared: Arc<Shared<T>>, number: usize, at: Line) -> Self {
        let seat = Seat::new(Arc::clone(&shared), number, at);
        Self {
            shared,
            number,
            key: None,
            _seat: seat,
        }
    }
}

impl<T: Clone> Subscriber<T> {
    /// Takes the next value, as `take!(subscriber)` does: [`Lagged`] in the place of those that it missed, `None` at the end.
    ///
    /// Parks until there is one. Dropping the future loses nothing.
    ///
    /// ```
    /// let news = async_dsl::flow::broadcast(8);
    /// let subscriber = news.subscribe();
    /// news.put(1).unwrap();
    /// assert_eq!(async_dsl::block_on(subscriber.take()), Some(Ok(1)));
    /// ```
    #[track_caller]
    pub fn take(&self) -> TakeBroadcast<'_, T> {
        self.take_operation(At::caller())
    }

    /// Takes the next value, if there is one. It never parks.
    ///
    /// # Errors
    ///
    /// [`TryTakeError::Empty`] if there is none now, [`TryTakeError::Closed`] if there will never be one.
    ///
    /// ```
    /// use async_dsl::chan::TryTakeError;
    /// use async_dsl::flow::{Lagged, broadcast};
    ///
    /// let news = broadcast(1);
    /// let subscriber = news.subscribe();
    /// (1..=3).for_each(|n| news.put(n).unwrap());
    /// assert_eq!(subscriber.try_take(), Ok(Err(Lagged(2))));
    /// assert_eq!(subscriber.try_take(), Ok(Ok(3)));
    /// assert_eq!(subscriber.try_take(), Err(TryTakeError::Empty));
    /// ```
    pub fn try_take(&self) -> Result<Result<T, Lagged>, TryTakeError> {
        // In a statement of its own: the lock is released before the value is cloned.
        let found = lock(&self.shared.state).take(self.number);
        match found {
            Poll::Ready(Some(taken)) => Ok(taken.map(Arc::unwrap_or_clone)),
            Poll::Ready(None) => Err(TryTakeError::Closed),
            Poll::Pending => Err(TryTakeError::Empty),
        }
    }
}

impl<T: Clone> Source for Subscriber<T> {
    type Item = Result<T, Lagged>;
    type Take<'a>
        = TakeBroadcast<'a, T>
    where
        Self: 'a;

    fn take_operation(&self, at: At) -> TakeBroadcast<'_, T> {
        TakeBroadcast {
            subscriber: self,
            key: None,
            at,
        }
    }
}

impl<T: Clone> Stream for Subscriber<T> {
    type Item = Result<T, Lagged>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Taken<T>> {
        let this = self.get_mut();
        let at = At::line(this.shared.made_at);
        ready!(budget::poll_proceed_at(cx, || at));
        this.shared.poll(this.number, &mut this.key, at, cx)
    }
}

impl<T> Drop for Subscriber<T> {
    fn drop(&mut self) {
        waiters::leave(&self.shared.state, &mut self.key);
        let left = lock(&self.shared.state).backlog.leave(self.number);
        drop(left);
    }
}

impl<T> fmt::Debug for Subscriber<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("made_at", &format_args!("{}", self.shared.made_at))
            .finish_non_exhaustive()
    }
}

/// The future of [`Subscriber::take`] and of `take!(subscriber)`. Dropping it loses nothing.
#[must_use = "a take does nothing unless it is awaited"]
pub struct TakeBroadcast<'a, T> {
    subscriber: &'a Subscriber<T>,
    key: Option<usize>,
    at: At,
}

impl<T: Clone> TakeBroadcast<'_, T> {
    fn poll_take(&mut self, cx: &Context<'_>) -> Poll<Taken<T>> {
        let Subscriber { shared, number, .. } = self.subscriber;
        shared.poll(*number, &mut self.key, self.at, cx)
    }
}

impl<T: Clone> Future for TakeBroadcast<'_, T> {
    type Output = Taken<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Taken<T>> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        self.poll_take(cx)
    }
}

impl<T: Clone> Operation for TakeBroadcast<'_, T> {
    type Output = Taken<T>;

    fn attempt(mut self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Taken<T>> {
        match self.poll_take(attempt.cx) {
            Poll::Ready(taken) => Attempted::Ready(taken),
            Poll::Pending => Attempted::Idle,
        }
    }

    fn withdraw(mut self: Pin<&mut Self>) {
        waiters::leave(&self.subscriber.shared.state, &mut self.key);
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn at(&self) -> At {
        self.at
    }
}

impl<T> Drop for TakeBroadcast<'_, T> {
    fn drop(&mut self) {
        waiters::leave(&self.subscriber.shared.state, &mut self.key);
    }
}

impl<T> fmt::Debug for TakeBroadcast<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakeBroadcast")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
