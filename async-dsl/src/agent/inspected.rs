//! An agent as [`inspect`](crate::inspect) sees it, with its type erased.

use std::panic::Location;
use std::sync::{Arc, Weak};

use super::error::AgentError;
use crate::runtime::id::Name;
use crate::runtime::registry::{Living, Registered, Registry};
use crate::runtime::running;

static AGENTS: Registry<dyn Inspected> = Registry::new();

/// Returns the agents that are alive.
pub(crate) fn living() -> Vec<Living<dyn Inspected>> {
    AGENTS.living()
}

pub(super) fn agent_made<A: Inspected + 'static>(agent: &Arc<A>, place: &Registered) {
    AGENTS.add(place, running::current_number(), || {
        let weak: Weak<A> = Arc::downgrade(agent);
        weak
    });
}

pub(super) fn agent_dropped(place: &mut Registered) {
    AGENTS.remove(place);
}

pub(super) fn name_agent(place: &Registered, name: Name) {
    AGENTS.name(place, name);
}

/// An agent that [`inspect`](crate::inspect) can look at.
pub(crate) trait Inspected: Send + Sync {
    fn look(&self) -> Seen;

    fn made_at(&self) -> &'static Location<'static>;
}

/// The status of an agent at one moment.
pub(crate) struct Seen {
    pub(crate) queued: usize,
    pub(crate) running: bool,
    pub(crate) error: Option<AgentError>,
}
