//! What an action sends to agents is held until the action has succeeded.

use super::place::Line;

/// The running action a thread works for, and what it sent so far.
pub(crate) struct Scope {
    pub(super) agent: usize,
    pub(super) sent_at: Line,
    pub(super) held: Vec<Box<dyn HeldSend>>,
}

/// An action for some agent, held back. Dropping it frees its place in that agent's limit.
pub(crate) trait HeldSend: Send {
    /// Sends it now.
    fn release(self: Box<Self>);
}

impl Scope {
    pub(crate) fn new(agent: usize, sent_at: Line) -> Self {
        Self {
            agent,
            sent_at,
            held: Vec::new(),
        }
    }

    pub(crate) fn into_held(self) -> Vec<Box<dyn HeldSend>> {
        self.held
    }
}
