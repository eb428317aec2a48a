//! Takers as streams, putters as sinks.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_sink::Sink;

use super::error::Closed;
use super::reserve::ReserveState;
use super::shared::Shared;
use super::state::{Grant, Who};
use super::{Putter, Taker};
use crate::inspect::At;

pub(super) type StreamState = super::take::TakeState;

impl<T> Stream for Taker<T> {
    type Item = T;

    /// Parks until there is a value. A parked poll keeps its place in line until the next one, and so does a value that
    /// it is served meanwhile: it comes first with the next poll, not with a `take` of the same taker. Dropping the taker
    /// loses nothing.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let Self { shared, stream } = &mut *self;
        stream.poll(shared, cx, Who::Stream)
    }
}

/// The reservation behind a sink's readiness.
#[derive(Debug)]
pub(super) struct SinkState {
    reserve: ReserveState,
    grant: Option<Grant>,
}

impl SinkState {
    pub(super) const fn new(at: At) -> Self {
        Self {
            reserve: ReserveState::new(at),
            grant: None,
        }
    }

    pub(super) fn withdraw<T>(&mut self, chan: &Shared<T>) {
        self.reserve.withdraw(chan);
        if let Some(grant) = self.grant.take() {
            chan.with(|state, fx| state.forfeit(grant, fx));
        }
    }
}

impl<T> Sink<T> for Putter<T> {
    /// The value comes back if there was one in hand.
    type Error = Closed<Option<T>>;

    /// Parks until a place is reserved.
    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let Self { shared, sink } = &mut *self;
        if sink.grant.is_none() {
            sink.grant = ready!(sink.reserve.poll(shared, cx));
        }
        Poll::Ready(if sink.grant.is_some() {
            Ok(())
        } else {
            Err(Closed(None))
        })
    }

    fn start_send(mut self: Pin<&mut Self>, value: T) -> Result<(), Self::Error> {
        let grant = self
            .sink
            .grant
            .take()
            .expect("start_send without a successful poll_ready");
        self.shared
            .with(|state, fx| state.redeem(grant, value, fx))
            .map_err(|value| Closed(Some(value)))
    }

    /// A value is in the channel as soon as it is sent.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    /// Gives an unused reservation back. The channel closes when its last putter is dropped.
    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let Self { shared, sink } = &mut *self;
        sink.withdraw(shared);
        Poll::Ready(Ok(()))
    }
}
