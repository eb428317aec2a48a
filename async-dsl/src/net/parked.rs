//! A parked operation.

use super::turns::Ticket;
use crate::runtime::handle::Outside;
use crate::runtime::note::{self, On};
use crate::runtime::place::At;
use crate::runtime::running;

/// The place in line of an operation that may park, and its notice to the scheduler's clock that an event from outside
/// may come.
#[derive(Debug, Default)]
pub(super) struct Parked {
    pub(super) ticket: Ticket,
    outside: Option<Outside>,
}

impl Parked {
    pub(super) const fn new() -> Self {
        Self {
            ticket: Ticket::new(),
            outside: None,
        }
    }

    /// Notes that the operation is parked here, on an event from outside the scheduler or not.
    pub(super) fn waits(&mut self, at: At, outside: bool) {
        note::note(at, On::Socket);
        if outside && self.outside.is_none() {
            self.outside = Some(running::current().outside());
        }
    }

    /// Leaves the line, if the operation is parked.
    pub(super) fn give_up<R>(&mut self, leave: impl FnOnce(&mut Ticket) -> R) {
        if self.ticket.is_held() {
            self.ends();
            leave(&mut self.ticket);
        }
    }

    /// Notes that the operation is no longer parked.
    pub(super) fn ends(&mut self) {
        self.outside = None;
    }
}
