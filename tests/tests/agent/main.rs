//! Agents: state that changes by actions, one at a time.

mod failure;
mod nested;
mod order;
mod settle;
mod update;
mod watch;

use std::time::Duration;

use async_dsl::agent::{Agent, AgentError};
use async_dsl::scheduler::Scheduler;

const MS: Duration = Duration::from_millis(1);

/// Waits for the agent on a scheduler driven by hand.
fn settle<S: Clone + Send + Sync + 'static>(
    scheduler: &Scheduler,
    agent: &Agent<S>,
) -> Result<(), AgentError> {
    scheduler.block_on(async { agent.settled().await })
}

/// Runs `act` with what is sent there started on `scheduler`.
fn on<R>(scheduler: &Scheduler, act: impl FnOnce() -> R) -> R {
    scheduler.enter(act)
}
