//! Putting into a channel.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::error::{Closed, PutError};
use super::look::{Look, look};
use super::shared::Shared;
use super::state::{Given, Stage};
use crate::commit::line::Key;
use crate::runtime::place::At;
use crate::runtime::time::Sleep;
use crate::runtime::{budget, note};

/// The future of [`Chan::put`](super::Chan::put) and `put!`.
///
/// Dropping it while it is parked takes its value with it: the value was never in the channel. To get the
/// value back when the time is over, use [`put_for`](super::Chan::put_for).
#[must_use = "a put does nothing unless it is awaited"]
pub struct Put<'a, T> {
    chan: &'a Shared<T>,
    /// Here before the put is parked; in the channel's waiter after.
    value: Option<T>,
    key: Option<Key>,
    at: At,
}

// The value is never pinned.
impl<T> Unpin for Put<'_, T> {}

impl<'a, T> Put<'a, T> {
    pub(super) fn new(chan: &'a Shared<T>, value: T, at: At) -> Self {
        Self {
            chan,
            value: Some(value),
            key: None,
            at,
        }
    }

    fn start(&mut self, value: T, cx: &mut Context<'_>) -> Poll<Result<(), Closed<T>>> {
        let value = match self
            .chan
            .with(|state, fx| state.put(value, &mut None, self.at, fx))
        {
            Given::Accepted => return Poll::Ready(Ok(())),
            Given::Closed(value) => return Poll::Ready(Err(Closed(value))),
            Given::Full(value) => value,
            Given::Parked(_) => return Poll::Pending,
        };
        let mut waker = Some(cx.waker().clone());
        match self
            .chan
            .with(|state, fx| state.put(value, &mut waker, self.at, fx))
        {
            Given::Accepted => Poll::Ready(Ok(())),
            Given::Closed(value) => Poll::Ready(Err(Closed(value))),
            Given::Parked(key) => {
                self.key = Some(key);
                note::in_line();
                Poll::Pending
            }
            Given::Full(value) => {
                self.value = Some(value);
                Poll::Pending
            }
        }
    }

    fn collect(&mut self, key: Key, cx: &Context<'_>) -> Poll<Result<(), Closed<T>>> {
        let value = ready!(look(self.chan, Some(cx), |state, _, keep| {
            match state.putters.get_mut(key) {
                Some(putting) if matches!(putting.stage, Stage::Waiting(_)) => {
                    keep(&mut putting.who)
                }
                _ => {
                    let value = state.putters.remove(key).and_then(|putting| putting.value);
                    if value.is_none() {
                        state.users.put_before(state.stats.puts);
                    }
                    Look::Done(value)
                }
            }
        }));
        self.key = None;
        Poll::Ready(value.map_or(Ok(()), |value| Err(Closed(value))))
    }

    /// Ends the put, if it has not happened. The value comes back.
    fn withdraw(&mut self) -> Option<T> {
        let Some(key) = self.key.take() else {
            return self.value.take();
        };
        self.chan
            .with(|state, _| state.putters.remove(key))
            .and_then(|putting| putting.value)
    }
}

impl<T> Future for Put<'_, T> {
    type Output = Result<(), Closed<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        if let Some(value) = self.value.take() {
            return self.start(value, cx);
        }
        let key = self.key.expect("a put was polled again after it was done");
        self.collect(key, cx)
    }
}

impl<T> Drop for Put<'_, T> {
    fn drop(&mut self) {
        drop(self.withdraw());
    }
}

impl<T> fmt::Debug for Put<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Put")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// The future of [`Chan::put_for`](super::Chan::put_for) and `put!` with a time.
///
/// The value comes back when the time is over. Dropping the future before takes the value with it.
#[must_use = "a put does nothing unless it is awaited"]
pub struct PutFor<'a, T> {
    put: Put<'a, T>,
    limit: Sleep,
}

impl<'a, T> PutFor<'a, T> {
    pub(super) fn new(chan: &'a Shared<T>, value: T, limit: Duration, at: At) -> Self {
        Self {
            put: Put::new(chan, value, at),
            limit: Sleep::new(limit, At::Unknown),
        }
    }
}

impl<T> Future for PutFor<'_, T> {
    type Output = Result<(), PutError<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(done) = Pin::new(&mut self.put).poll(cx) {
            return Poll::Ready(done.map_err(|Closed(value)| PutError::Closed(value)));
        }
        ready!(Pin::new(&mut self.limit).poll(cx));
        // Without a value the put happened just now.
        Poll::Ready(
            self.put
                .withdraw()
                .map_or(Ok(()), |value| Err(PutError::Elapsed(value))),
        )
    }
}

impl<T> fmt::Debug for PutFor<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutFor")
            .field("put", &self.put)
            .finish_non_exhaustive()
    }
}
