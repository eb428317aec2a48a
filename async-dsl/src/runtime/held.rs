//! What an action sends to agents is held until the action has succeeded.

use super::place::Line;

/// The running action a thread works for.
#[derive(Clone, Copy)]
pub(crate) struct Acting {
    pub(crate) agent: usize,
    pub(crate) sent_at: Line,
}

/// What an action has sent so far.
pub(crate) type HeldSends = Vec<Box<dyn HeldSend>>;

/// An action for some agent, held back. Dropping it frees its place in that agent's limit.
pub(crate) trait HeldSend: Send {
    /// Sends it now.
    fn release(self: Box<Self>);
}
