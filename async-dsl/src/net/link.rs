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

/// The times a connection is given. `None`: as long as it takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) first_byte: Option<Duration>,
    pub(crate) idle: Option<Duration>,
    pub(crate) frame: Option<Duration>,
    pub(crate) write: Option<Duration>,
    /// How long the peer may go on sending, unheard, after the last handle was dropped: closing a socket with unread
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
    /// The sending direction ends after what was accepted.
    closing: AtomicBool,
    /// The receiving direction ends between two frames.
    draining: AtomicBool,
    /// Why no operation can succeed any more.
    fate: OnceLock<Error>,
    /// Handles that can put, and handles that can take.
    putters: AtomicUsize,
    takers: AtomicUsize,
    made_at: Line,
    /// The place of this connection in its server's count: the last field, so that the socket is closed before.
    slot: Option<Slot>,
}

impl Link {
    /// A link with one handle that can do both.
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

    /// Counts what ended a direction. The first client that is cut because it is silent is a warning: it may be one that
    /// only listens.
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

    /// Tells of a handler that failed.
    pub(super) fn handler_failed(&self, error: &Error) {
        if let Some(slot) = &self.slot {
            let peer = self.transport.peer_addr().ok();
            slot.failures().tell(error.to_string(), peer);
        }
    }

    /// Why nothing can be put any more, as far as the connection as a whole knows.
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

    /// The last putter closes the sending direction.
    pub(super) fn remove_putter(self: &Arc<Self>) {
        // Closed before or not, it may be the last handle that goes.
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

    /// Ends the sending direction after what was accepted. Says whether this call did.
    pub(super) fn close(self: &Arc<Self>) -> bool {
        let closes = !self.closing.swap(true, Ordering::AcqRel);
        if closes {
            self.output.wake_all();
            self.settle();
        }
        closes
    }

    /// Ends the receiving direction where it is between two frames.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        self.input.wake_all();
    }

    /// Ends both directions now, with this error for whoever uses them.
    pub(crate) fn abort(&self, error: Error) {
        let _ = self.fate.set(error);
        // An error says that there is nothing left to end.
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

    /// To be called by whoever may have left something accepted and not written, or closes the direction, or drops the
    /// last handle: sees to it that what is left to do is done.
    pub(super) fn settle(self: &Arc<Self>) {
        // Whoever has the turn or is in line comes here after it.
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

    /// Whether the peer may still be sending while nobody is left to listen.
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
