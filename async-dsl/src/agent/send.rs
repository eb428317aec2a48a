//! Sending an action: at once, or held until the action that sends it has succeeded.

use std::sync::Arc;

use super::shared::{Core, Phase};
use crate::agent::action::Action;
use crate::agent::error::SendError;
use crate::agent::runner::Runner;
use crate::runtime::held::HeldSend;

impl<S: Clone + Send + Sync + 'static> Core<S> {
    /// Queues an action, and starts a runner if there is none.
    pub(crate) fn send(self: &Arc<Self>, action: Action<S>) -> Result<(), SendError> {
        let sent_at = action.sent_at();
        let mut state = self.lock();
        state.admit()?;
        let idle = state.push(action);
        drop(state);
        if idle {
            Runner::new(Arc::clone(self)).start(sent_at);
        }
        Ok(())
    }

    /// Keeps a place for an action that is sent once the action being polled has succeeded.
    pub(crate) fn reserve(self: &Arc<Self>, action: Action<S>) -> Result<Held<S>, SendError> {
        let mut state = self.lock();
        state.admit()?;
        state.reserved += 1;
        drop(state);
        Ok(Held {
            core: Arc::clone(self),
            action: Some(action),
        })
    }

    /// Sends a held action. It was admitted when it was held, so an agent that has failed since still queues it.
    fn send_held(self: &Arc<Self>, action: Action<S>) {
        let sent_at = action.sent_at();
        let mut state = self.lock();
        state.reserved -= 1;
        if matches!(state.phase, Phase::Stopped) {
            drop(state);
            return drop(action);
        }
        let idle = state.push(action);
        drop(state);
        if idle {
            Runner::new(Arc::clone(self)).start(sent_at);
        }
    }
}

/// An action held until the action that sent it has succeeded.
pub(crate) struct Held<S: Clone + Send + Sync + 'static> {
    core: Arc<Core<S>>,
    action: Option<Action<S>>,
}

impl<S: Clone + Send + Sync + 'static> HeldSend for Held<S> {
    fn release(mut self: Box<Self>) {
        if let Some(action) = self.action.take() {
            self.core.send_held(action);
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Drop for Held<S> {
    fn drop(&mut self) {
        if self.action.is_some() {
            self.core.unreserve();
        }
    }
}
