//! An operation that waits.

use super::turns::Ticket;
use crate::runtime::handle::Outside;
use crate::runtime::note::{self, On};
use crate::runtime::place::At;
use crate::runtime::running;

/// The place in line of an operation that may wait, and its word to the scheduler's clock that something may come from
/// outside.
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

    /// It waits at this place, for something outside the scheduler or not.
    pub(super) fn waits(&mut self, at: At, outside: bool) {
        note::note(at, On::Socket);
        if outside && self.outside.is_none() {
            self.outside = Some(running::current().outside());
        }
    }

    /// It is given up, if it waits.
    pub(super) fn give_up<R>(&mut self, leave: impl FnOnce(&mut Ticket) -> R) {
        if self.ticket.is_held() {
            self.ends();
            leave(&mut self.ticket);
        }
    }

    /// It no longer waits.
    pub(super) fn ends(&mut self) {
        self.outside = None;
    }
}
