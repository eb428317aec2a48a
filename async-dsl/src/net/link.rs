//! A connection behind its handles, without its framing: a socket, and whose turn it is to read and to write.

use std::fmt;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::input::Input;
use super::output::Output;
use super::slots::Slot;
use super::transport::Transport;
use super::turns::{Ticket, Turns};
use super::{Error, Limit, wind_up};
use crate::runtime::place::Line;
use crate::runtime::running;

/// The time limits of a connection; `None` is no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) first_byte: Option<Duration>,
    pub(crate) idle: Option<Duration>,
    pub(crate) frame: Option<Duration>,
    pub(crate) write: Option<Duration>,
    /// How long the peer may go on sending, unread, after the last handle was dropped: closing a socket with unread
    /// bytes in it would reset it, and could take the last reply with it.
    pub(crate) linger: Option<Duration>,
}

pub(crate) struct Link {
    pub(super) transport: Box<dyn Transport>,
    pub(super) input: Turns<Input>,
    pub(super) output: Turns<Output>,
    pub(super) limits: Limits,
    /// Frames put, so that a take knows that the connection was not idle.
    pub(super) puts: AtomicU64,
    /// The sending direction is to end after what was accepted.
    closing: AtomicBool,
    /// The receiving direction is to end between two frames.
    draining: AtomicBool,
    /// Why no operation can succeed any more.
    fate: OnceLock<Error>,
    /// Handles that can put, and handles that can take.
    putters: AtomicUsize,
    takers: AtomicUsize,
    made_at: Line,
    /// This connection's place in its server's count. It is the last field, so that the socket is closed before it.
    slot: Option<Slot>,
}

impl Link {
    /// Returns a link with one handle that can put and take.
    pub(crate) fn new(
        transport: Box<dyn Transport>,
        limits: Limits,
        slot: Option<Slot>,
        made_at: Line,
    ) -> Arc<Self> {
        Arc::new(Self {
            transport,
            input: Turns::new(Input::new(limits.first_byte)),
            output: Turns::new(Output::new()),
            limits,
            puts: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            fate: OnceLock::new(),
            putters: AtomicUsize::new(1),
            takers: AtomicUsize::new(1),
            made_at,
            slot,
        })
    }

    pub(super) fn fate(&self) -> Option<Error> {
        self.fate.get().cloned()
    }

    /// Counts an error that ended a direction. The first client that is cut for being silent gets a warning logged: it
    /// may be one that only listens.
    pub(super) fn count(&self, error: &Error) {
        let Some(slot) = &self.slot else { return };
        let before = slot.tally().error(error);
        if before == 0 && matches!(error, Error::Elapsed(Limit::FirstByte | Limit::Idle)) {
            tracing::warn!(
                %error, server = %self.made_at,
                "the first connection that this limit ends; for clients that only listen there is `Options::long_lived`"
            );
        }
    }

    /// Reports a handler that failed.
    pub(super) fn handler_failed(&self, error: &Error) {
        if let Some(slot) = &self.slot {
            let peer = self.transport.peer_addr().ok();
            slot.failures().tell(error.to_string(), peer);
        }
    }

    /// Returns why nothing can be put any more, as far as the connection as a whole knows.
    pub(super) fn refusal(&self) -> Option<Error> {
        self.fate()
            .or_else(|| self.is_closing().then_some(Error::Closed))
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    // A count is only ever raised by the owner of a handle that is counted, so it never comes back from 0.

    pub(super) fn add_putter(&self) {
        self.putters.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_taker(&self) {
        self.takers.fetch_add(1, Ordering::Relaxed);
    }

    /// Removes a putter; the last one closes the sending direction.
    pub(super) fn remove_putter(self: &Arc<Self>) {
        // It was closed before, but this may be the last handle.
        if self.putters.fetch_sub(1, Ordering::AcqRel) == 1 && !self.close() {
            self.settle();
        }
    }

    pub(super) fn remove_taker(self: &Arc<Self>) {
        if self.takers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.settle();
        }
    }

    /// Whether no handle is left.
    pub(super) fn is_dropped(&self) -> bool {
        self.putters.load(Ordering::Acquire) == 0 && self.takers.load(Ordering::Acquire) == 0
    }

    /// Ends the sending direction after what was accepted. Returns whether this call ended it.
    pub(super) fn close(self: &Arc<Self>) -> bool {
        let closes = !self.closing.swap(true, Ordering::AcqRel);
        if closes {
            self.output.wake_all();
            self.settle();
        }
        closes
    }

    /// Ends the receiving direction at the next end of a frame.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        self.input.wake_all();
    }

    /// Ends both directions now; pending and later operations get this error.
    pub(crate) fn abort(&self, error: Error) {
        let _ = self.fate.set(error);
        // On an error there is nothing left to end.
        let _ = self.transport.shutdown(Shutdown::Both);
        self.input.wake_all();
        self.output.wake_all();
    }

    /// Leaves the line of the sending direction.
    pub(super) fn leave_output(self: &Arc<Self>, ticket: &mut Ticket) {
        let parked = self.output.leave(ticket);
        if parked || self.is_closing() {
            self.settle();
        }
    }

    /// To be called after anything that may leave accepted bytes unwritten, close the direction or drop the last
    /// handle: starts the task that finishes the rest, if there is any.
    pub(super) fn settle(self: &Arc<Self>) {
        // The operation that has the turn, or is in line, calls this after it.
        let Some(mut output) = self.output.try_turn() else {
            return;
        };
        if output.is_flushed() && self.is_closing() {
            output.shut(self);
        }
        let left = !output.is_flushed() || self.has_to_linger();
        if left && !output.winding_up {
            output.winding_up = true;
            drop(output);
            drop(running::current().spawn(wind_up::wind_up(Arc::clone(self)), self.made_at));
        }
    }

    /// Whether the peer may still be sending although no handle is left to read it.
    pub(super) fn has_to_linger(&self) -> bool {
        self.limits.linger.is_some()
            && self.is_dropped()
            && self.fate.get().is_none()
            && self
                .input
                .try_turn()
                .is_some_and(|input| !input.is_at_end())
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}
