//! Putting a frame.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::conn::Shared;
use super::framing::Framing;
use super::parked::Parked;
use super::{Error, Limit, PutError};
use crate::runtime::budget;
use crate::runtime::place::At;
use crate::runtime::time::Sleep;

/// The future of `put!` on a connection, and of [`Conn::put`](super::Conn::put).
///
/// Parks until the socket has taken the whole frame, first come, first served. If it is dropped before the frame was
/// accepted, the put has not happened, and its value is dropped too; if later, the rest of the frame is written in the
/// background.
#[must_use = "a put does nothing unless it is awaited"]
pub struct Put<'a, C: Framing> {
    shared: &'a Arc<Shared<C>>,
    /// Here until the connection accepts it.
    value: Option<C::Put>,
    /// The socket is asked first whether it takes bytes.
    surely: bool,
    parked: Parked,
    at: At,
}

// The value is never pinned.
impl<C: Framing> Unpin for Put<'_, C> {}

impl<'a, C: Framing> Put<'a, C> {
    pub(super) fn new(shared: &'a Arc<Shared<C>>, value: C::Put, at: At) -> Self {
        Self {
            shared,
            value: Some(value),
            surely: false,
            parked: Parked::new(),
            at,
        }
    }

    fn poll_put(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), PutError<C::Put>>> {
        let put = self.poll_frame(cx);
        if put.is_ready() {
            self.leave();
        } else {
            self.parked
                .waits(self.at, self.shared.link.transport.is_outside());
        }
        put
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), PutError<C::Put>>> {
        let link = &self.shared.link;
        if self.value.is_some() {
            // On a closed or failed connection, don't wait for the turn.
            if let Some(error) = link.refusal() {
                return Poll::Ready(Err(PutError::new(error, self.value.take())));
            }
        }
        let mut output = ready!(link.output.poll_turn(&mut self.parked.ticket, cx));
        if let Some(value) = self.value.take() {
            match output.poll_room(link, self.surely, cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    return Poll::Ready(Err(PutError::new(error, Some(value))));
                }
                Poll::Pending => {
                    self.value = Some(value);
                    output.keep(cx);
                    return Poll::Pending;
                }
            }
            let accepted = output.accept(link, |bytes| self.shared.encode(value, bytes));
            if let Err(error) = accepted {
                return Poll::Ready(Err(PutError::new(error, None)));
            }
        }
        match output.poll_flush(link, cx) {
            Poll::Ready(Ok(())) => {
                link.puts.fetch_add(1, Ordering::Relaxed);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(PutError::new(error, None))),
            Poll::Pending => {
                output.keep(cx);
                Poll::Pending
            }
        }
    }

    fn leave(&mut self) {
        self.parked.ends();
        self.shared.link.leave_output(&mut self.parked.ticket);
    }
}

impl<C: Framing> Future for Put<'_, C> {
    type Output = Result<(), PutError<C::Put>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        self.poll_put(cx)
    }
}

impl<C: Framing> Drop for Put<'_, C> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<C: Framing> fmt::Debug for Put<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Put")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// The future of `put!` with a time on a connection, and of [`Conn::put_for`](super::Conn::put_for).
///
/// When the time limit elapses, the error contains the value if nothing of it was accepted; otherwise the rest of the
/// frame is written in the background. Dropping the future before that is like dropping a [`Put`].
#[must_use = "a put does nothing unless it is awaited"]
pub struct PutFor<'a, C: Framing> {
    put: Put<'a, C>,
    limit: Sleep,
}

impl<'a, C: Framing> PutFor<'a, C> {
    pub(super) fn new(shared: &'a Arc<Shared<C>>, value: C::Put, limit: Duration, at: At) -> Self {
        let mut put = Put::new(shared, value, at);
        put.surely = true;
        Self {
            put,
            limit: Sleep::new(limit, at),
        }
    }
}

impl<C: Framing> Future for PutFor<'_, C> {
    type Output = Result<(), PutError<C::Put>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(budget::poll_proceed_at(cx, || self.put.at));
        if let Poll::Ready(put) = self.put.poll_put(cx) {
            return Poll::Ready(put);
        }
        ready!(self.limit.poll_elapsed(cx));
        let value = self.put.value.take();
        self.put.leave();
        Poll::Ready(Err(PutError::new(Error::Elapsed(Limit::Put), value)))
    }
}

impl<C: Framing> fmt::Debug for PutFor<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutFor")
            .field("put", &self.put)
            .finish_non_exhaustive()
    }
}
