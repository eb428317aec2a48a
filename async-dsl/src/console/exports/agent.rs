//! An exported agent, with its type erased.

use std::panic::Location;
use std::sync::Arc;

use super::super::value::{Room, TooLarge, Value};
use crate::agent::{Agent, WeakAgent};

pub(in crate::console) trait Keeper: Send + Sync {
    /// Returns the type of its state.
    fn holds(&self) -> &'static str;

    /// Returns its status; `None` if the agent is gone.
    fn look(&self) -> Option<AgentSeen>;

    /// Returns the state, without waiting.
    fn get(&self) -> Result<Value, String>;
}

pub(in crate::console) struct AgentSeen {
    pub queued: usize,
    pub idle: bool,
    pub error: Option<String>,
    pub made_at: &'static Location<'static>,
}

struct Exported<S, F> {
    agent: WeakAgent<S>,
    show: F,
}

impl<S, F> Keeper for Exported<S, F>
where
    S: Clone + Send + Sync + 'static,
    F: Fn(&S, &mut Room) -> Result<Value, TooLarge> + Send + Sync + 'static,
{
    fn holds(&self) -> &'static str {
        std::any::type_name::<S>()
    }

    fn look(&self) -> Option<AgentSeen> {
        let agent = self.agent.upgrade()?;
        Some(AgentSeen {
            queued: agent.queued(),
            idle: agent.is_idle(),
            error: agent.error().map(|error| error.to_string()),
            made_at: agent.made_at(),
        })
    }

    fn get(&self) -> Result<Value, String> {
        let agent = self.agent.upgrade().ok_or("it is gone")?;
        let shown = agent.with(|state| (self.show)(state, &mut Room::new()));
        match shown {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(format!("its state cannot be shown: {error}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

pub(super) fn keeper<S, F>(agent: &Agent<S>, show: F) -> Arc<dyn Keeper>
where
    S: Clone + Send + Sync + 'static,
    F: Fn(&S, &mut Room) -> Result<Value, TooLarge> + Send + Sync + 'static,
{
    Arc::new(Exported {
        agent: agent.downgrade(),
        show,
    })
}
