//! Reserving the next turn to put, and putting later.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker, ready};

use super::conn::Shared;
use super::framing::Framing;
use super::parked::Parked;
use super::turns::Ticket;
use super::{Error, PutError};
use crate::commit::{Attempt, Attempted, Operation};
use crate::runtime::budget;
use crate::runtime::place::At;

/// The future of [`Conn::reserve`](super::Conn::reserve), and a put arm of [`alt!`](crate::alt!).
///
/// Parks until earlier frames are written and the socket takes bytes. Dropping it loses nothing.
#[must_use = "a reservation does nothing unless it is awaited"]
pub struct Reserve<'a, C: Framing> {
    shared: &'a Arc<Shared<C>>,
    parked: Parked,
    at: At,
}

impl<'a, C: Framing> Reserve<'a, C> {
    pub(super) fn new(shared: &'a Arc<Shared<C>>, at: At) -> Self {
        Self {
            shared,
            parked: Parked::new(),
            at,
        }
    }

    fn poll_reserve(&mut self, cx: &mut Context<'_>) -> Poll<Permit<C>> {
        let refusal = match self.poll_room(cx) {
            Poll::Ready(room) => room.err(),
            Poll::Pending => {
                self.parked
                    .waits(self.at, self.shared.link.transport.is_outside());
                return Poll::Pending;
            }
        };
        self.parked.ends();
        Poll::Ready(Permit {
            shared: Arc::clone(self.shared),
            ticket: std::mem::take(&mut self.parked.ticket),
            refusal,
        })
    }

    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let link = &self.shared.link;
        if let Some(error) = link.refusal() {
            link.leave_output(&mut self.parked.ticket);
            return Poll::Ready(Err(error));
        }
        let mut output = ready!(link.output.poll_turn(&mut self.parked.ticket, cx));
        let room = output.poll_room(link, false, cx);
        if !matches!(room, Poll::Ready(Err(_))) {
            output.keep(cx);
        }
        room
    }

    fn leave(&mut self) {
        self.parked.ends();
        self.shared.link.leave_output(&mut self.parked.ticket);
    }
}

impl<C: Framing> Future for Reserve<'_, C> {
    type Output = Permit<C>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit<C>> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        self.poll_reserve(cx)
    }
}

impl<C: Framing> Operation for Reserve<'_, C> {
    type Output = Permit<C>;

    fn attempt(mut self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Permit<C>> {
        match self.poll_reserve(attempt.cx) {
            Poll::Ready(permit) => Attempted::Ready(permit),
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

impl<C: Framing> Drop for Reserve<'_, C> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<C: Framing> fmt::Debug for Reserve<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// The next turn to put into a connection; or, if it has failed, an error that the put will return with its value.
///
/// Dropping it gives the turn to the next putter in line.
#[must_use = "dropping a permit gives the turn back"]
pub struct Permit<C: Framing> {
    shared: Arc<Shared<C>>,
    ticket: Ticket,
    refusal: Option<Error>,
}

impl<C: Framing> Permit<C> {
    /// Puts the value. It never parks: what the socket does not take at once is written in the background, and the next
    /// put waits for that.
    ///
    /// # Errors
    ///
    /// [`PutError`], with the value if the connection had failed or was closed before.
    pub fn put(mut self, value: C::Put) -> Result<(), PutError<C::Put>> {
        if let Some(error) = self.refusal.take() {
            return Err(PutError::new(error, Some(value)));
        }
        let link = &self.shared.link;
        // Its turn was kept for it, so there is nothing to register for.
        let mut cx = Context::from_waker(Waker::noop());
        let Poll::Ready(mut output) = link.output.poll_turn(&mut self.ticket, &mut cx) else {
            return Err(PutError::new(Error::Closed, Some(value)));
        };
        if let Some(error) = output.refusal(link) {
            return Err(PutError::new(error, Some(value)));
        }
        output
            .accept(link, |bytes| self.shared.encode(value, bytes))
            .and_then(|()| output.try_flush(link))
            .map_err(|error| PutError::new(error, None))?;
        link.puts.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl<C: Framing> Drop for Permit<C> {
    fn drop(&mut self) {
        self.shared.link.output.leave(&mut self.ticket);
        self.shared.link.settle();
    }
}

impl<C: Framing> fmt::Debug for Permit<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}
