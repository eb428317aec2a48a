//! A weak handle to an agent, which does not keep it alive.

use std::panic::Location;
use std::sync::{Arc, Weak};

use super::Agent;
use crate::agent::shared::Core;

pub(crate) struct WeakAgent<S> {
    core: Weak<Core<S>>,
}

impl<S> WeakAgent<S> {
    /// Returns `None` if no handle and no action is left.
    pub(crate) fn upgrade(&self) -> Option<Agent<S>> {
        Some(Agent {
            core: self.core.upgrade()?,
        })
    }
}

impl<S> Agent<S> {
    pub(crate) fn downgrade(&self) -> WeakAgent<S> {
        WeakAgent {
            core: Arc::downgrade(&self.core),
        }
    }

    pub(crate) fn made_at(&self) -> &'static Location<'static> {
        self.core.made_at
    }
}
