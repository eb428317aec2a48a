//! Taking a frame.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll, ready};

use super::conn::Shared;
use super::framing::{Decode, Framing};
use super::parked::Parked;
use super::{ConnTaker, Error};
use crate::commit::{Attempt, Attempted, Operation};
use crate::runtime::budget;
use crate::runtime::place::At;

/// The future of `take!` on a connection, and of [`Conn::take`](super::Conn::take).
///
/// Parks until a whole frame has arrived, first come, first served. An error is returned once, and then the end,
/// `None`. Dropping it loses nothing: bytes that were read stay in the connection for the next take.
#[must_use = "a take does nothing unless it is awaited"]
pub struct Take<'a, C: Framing> {
    shared: &'a Shared<C>,
    parked: Parked,
    at: At,
}

impl<'a, C: Framing> Take<'a, C> {
    pub(super) fn new(shared: &'a Shared<C>, at: At) -> Self {
        Self {
            shared,
            parked: Parked::new(),
            at,
        }
    }

    /// `asks` has a take that is not in line yet ask the socket itself, not the reactor's last word about it.
    fn poll_take(
        &mut self,
        asks: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<C::Frame, Error>>> {
        let taken = self.poll_frame(asks && !self.parked.ticket.is_held(), cx);
        if taken.is_ready() {
            self.parked.ends();
        } else {
            self.parked
                .waits(self.at, self.shared.link.transport.is_outside());
        }
        taken
    }

    fn poll_frame(
        &mut self,
        asks: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<C::Frame, Error>>> {
        let link = &self.shared.link;
        let mut input = ready!(link.input.poll_turn(&mut self.parked.ticket, cx));
        if asks {
            input.ask();
        }
        loop {
            if let Some(error) = link.fate() {
                input.end(link, Err(error));
            }
            if let Some(over) = input.take_over() {
                return Poll::Ready(over.err().map(Err));
            }
            let at_end = input.is_at_end();
            match self.shared.decode(&mut input.buffer, at_end) {
                Ok(Some(frame)) => {
                    input.frame_taken();
                    return Poll::Ready(Some(Ok(frame)));
                }
                Ok(None) if at_end => {
                    let is_clean = input.buffer.is_empty();
                    input.end(
                        link,
                        if is_clean {
                            Ok(())
                        } else {
                            Err(Error::Truncated)
                        },
                    );
                }
                Ok(None) => match input.poll_more(link, C::Decoder::FRAMED, cx) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => input.end(link, Err(error)),
                    Poll::Pending => {
                        input.keep(cx);
                        return Poll::Pending;
                    }
                },
                Err(error) => input.end(link, Err(error)),
            }
        }
    }

    fn leave(&mut self) {
        self.parked.ends();
        self.shared.link.input.leave(&mut self.parked.ticket);
    }
}

impl<C: Framing> Future for Take<'_, C> {
    type Output = Option<Result<C::Frame, Error>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        self.poll_take(false, cx)
    }
}

impl<C: Framing> Operation for Take<'_, C> {
    type Output = Option<Result<C::Frame, Error>>;

    fn attempt(mut self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        // What is there to be taken now counts in a choice, which may not wait.
        match self.poll_take(true, attempt.cx) {
            Poll::Ready(frame) => Attempted::Ready(frame),
            Poll::Pending => Attempted::Idle,
        }
    }

    fn withdraw(mut self: Pin<&mut Self>) {
        self.leave();
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn at(&self) -> At {
        self.at
    }
}

impl<C: Framing> Drop for Take<'_, C> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<C: Framing> fmt::Debug for Take<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Take")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// The frames up to the connection's end, with an error before it if there was one.
impl<C: Framing> futures_core::Stream for ConnTaker<C> {
    type Item = Result<C::Frame, Error>;

    /// Parks until a whole frame has arrived. A poll that parked keeps its turn until the next one.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        ready!(budget::poll_proceed(cx));
        let Self { shared, reading } = &mut *self;
        let reading = reading.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut take = Take::new(shared, At::UNKNOWN);
        std::mem::swap(&mut take.parked, reading);
        let polled = take.poll_take(false, cx);
        std::mem::swap(&mut take.parked, reading);
        polled
    }
}
