//! The errors of agents.

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// What an agent does when one of its actions panics or returns an error. Either way the action has no effect: the last
/// good state stays, and what it sent to agents is dropped.
///
/// # Examples
///
/// ```
/// use async_dsl::agent::{ErrorMode, agent};
///
/// # async_dsl::agent::on_failure(|_| ());
/// let list = agent(vec![1]).error_mode(ErrorMode::Continue);
/// list.send_fallible(|_| async { Err("not today") })?;
/// list.send(|_| async { vec![2] })?;
/// list.settled_blocking()?;
/// assert_eq!(list.get()?, [2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ErrorMode {
    /// The agent stops; queued actions stay queued until [`Agent::restart`](super::Agent::restart).
    #[default]
    Fail,
    /// The action is skipped, and the next one runs.
    Continue,
}

/// Why an agent has no current state, or cannot be waited for.
///
/// # Examples
///
/// ```
/// use async_dsl::agent::{AgentError, agent};
///
/// # async_dsl::agent::on_failure(|_| ());
/// let agent = agent(0);
/// agent.send_fallible(|_| async { "x".parse::<i32>() })?;
/// match agent.settled_blocking() {
///     Err(AgentError::Failed { error, .. }) => assert!(error.is::<std::num::ParseIntError>()),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), async_dsl::agent::SendError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AgentError {
    /// An action panicked.
    Panicked {
        /// The message of the panic.
        message: Arc<str>,
        /// The line that sent the action.
        sent_at: &'static Location<'static>,
    },
    /// An action returned an error.
    Failed {
        /// The error itself.
        error: Arc<dyn Error + Send + Sync>,
        /// The line that sent the action.
        sent_at: &'static Location<'static>,
    },
    /// The scheduler was shut down while the agent had work; the queued actions are lost.
    Stopped,
    /// An [`update!`](crate::update!) has the state in its hands: wait until the agent has
    /// [settled](super::Agent::settled).
    Updating {
        /// The line that sent the update.
        sent_at: &'static Location<'static>,
    },
    /// An action waited for its own agent to settle, which cannot happen before the action is done.
    WaitsForItself {
        /// The line that sent the action.
        sent_at: &'static Location<'static>,
    },
}

impl fmt::Display for AgentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked { message, sent_at } => {
                write!(f, "the action sent at {sent_at} panicked: {message}")
            }
            Self::Failed { error, sent_at } => {
                write!(f, "the action sent at {sent_at} failed: {error}")
            }
            Self::Stopped => write!(f, "the agent's scheduler was shut down while it had work"),
            Self::Updating { sent_at } => write!(
                f,
                "the update sent at {sent_at} is changing the state: wait until the agent has settled"
            ),
            Self::WaitsForItself { sent_at } => {
                write!(
                    f,
                    "the action sent at {sent_at} waits for its own agent to settle"
                )
            }
        }
    }
}

impl Error for AgentError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // Its text is part of this error's.
            Self::Failed { error, .. } => error.source(),
            _ => None,
        }
    }
}

/// Why an action was not sent. The action was dropped.
///
/// # Examples
///
/// ```
/// use async_dsl::agent::{SendError, agent};
///
/// # async_dsl::agent::on_failure(|_| ());
/// let agent = agent(0);
/// agent.send_fallible(|_| async { Err("no") })?;
/// agent.settled_blocking().unwrap_err();
/// assert!(matches!(agent.send(|n| async move { n }), Err(SendError::Failed(_))));
/// # Ok::<(), SendError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SendError {
    /// The agent has as many unfinished actions as its [limit](super::Agent::limit) allows.
    Full {
        /// That limit.
        limit: usize,
    },
    /// An action failed before; the agent waits for [`restart`](super::Agent::restart).
    Failed(AgentError),
    /// The scheduler was shut down while the agent had work.
    Stopped,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { limit } => write!(f, "the agent already has {limit} unfinished actions"),
            Self::Failed(error) => write!(f, "the agent failed: {error}"),
            Self::Stopped => write!(f, "{}", AgentError::Stopped),
        }
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            _ => None,
        }
    }
}
