//! Takers as streams, putters as sinks.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;

use super::error::Closed;
use super::polled::Polled;
use super::shared::Shared;
use super::{Chan, Putter, Taker};
use crate::chan::polled::{SinkState, StreamState};
use crate::commit::party;
use crate::runtime::place::At;

impl<T> Chan<T> {
    fn as_polled(&mut self) -> (&Shared<T>, &mut Polled) {
        let at = At::line(self.shared.made_at());
        let polled = self.polled.get_or_insert_with(|| {
            Box::new(Polled {
                stream: StreamState::new(at),
                sink: SinkState::new(at),
            })
        });
        (&self.shared, polled)
    }
}

impl<T> Stream for Taker<T> {
    type Item = T;

    /// Parks until there is a value. A parked poll keeps its place in line until the next poll, and a value that it is
    /// served in between is returned by the next poll, not by a `take` of the same taker. Dropping the taker loses nothing.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let Self { shared, stream } = &mut *self;
        stream.poll(shared, cx, party::Stream)
    }
}

impl<T> Stream for Chan<T> {
    type Item = T;

    /// As for a [`Taker`]. This handle can put as well, so the channel does not close by itself while it exists: the
    /// stream ends after [`close`](Chan::close).
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let (shared, polled) = self.as_polled();
        polled.stream.poll(shared, cx, party::Stream)
    }
}

macro_rules! sink {
    ($port:ident, $(#[$close:meta])* |$self:ident| $state:expr) => {
        impl<T> Sink<T> for $port<T> {
            /// It contains the value of `start_send`; `poll_ready` has none.
            type Error = Closed<Option<T>>;

            /// Parks until a place is reserved.
            fn poll_ready(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<Result<(), Self::Error>> {
                let $self = &mut *self;
                let (shared, sink) = $state;
                sink.poll_ready(shared, cx)
            }

            /// Puts into the place that was reserved.
            ///
            /// # Panics
            ///
            /// Without a `poll_ready` that returned `Ok` before it.
            fn start_send(mut self: Pin<&mut Self>, value: T) -> Result<(), Self::Error> {
                let $self = &mut *self;
                let (shared, sink) = $state;
                sink.start_send(shared, value)
            }

            /// Ready at once: a value is in the channel as soon as it is sent.
            fn poll_flush(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Result<(), Self::Error>> {
                Poll::Ready(Ok(()))
            }

            $(#[$close])*
            fn poll_close(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Result<(), Self::Error>> {
                let $self = &mut *self;
                let (shared, sink) = $state;
                sink.withdraw(shared);
                Poll::Ready(Ok(()))
            }
        }
    };
}

sink! { Putter,
    /// Gives an unused reservation back; ready at once. The channel closes when its last putter is dropped, or by
    /// [`close`](Putter::close), which takes precedence over `SinkExt::close`.
    |port| (&port.shared, &mut port.sink)
}

sink! { Chan,
    /// Gives an unused reservation back; ready at once. The channel closes when its last handle is dropped, or by
    /// [`close`](Chan::close), which takes precedence over `SinkExt::close`.
    |port| {
        let (shared, polled) = port.as_polled();
        (shared, &mut polled.sink)
    }
}
