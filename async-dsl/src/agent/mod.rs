//! Agents: state that changes by actions, one at a time.
//!
//! An [`Agent`] owns a state. [`Agent::send`] (the word `send!`) queues an action, a function from the state to the new
//! one that may park; the actions of one agent run one after another in the order they were sent, agents run side by
//! side. An agent without work costs nothing: the task that runs its actions exists only while there are any.
//!
//! ```
//! use async_dsl::prelude::*;
//!
//! async_dsl::block_on(async {
//!     let counter = agent(0);
//!     send!(counter, |n| { sleep!(1ms); n + 1 }).unwrap();
//!     send!(counter, |n| n * 2).unwrap();
//!     counter.settled().await.unwrap();
//!     assert_eq!(counter.get().unwrap(), 2);
//! });
//! ```
//!
//! # Failure
//!
//! An action that panics or returns an error has no effect: the last good state stays, and what the action sent to
//! agents is dropped. Then the agent stops ([`ErrorMode::Fail`]) or goes on with the next action
//! ([`ErrorMode::Continue`]). No failure is silent: each is a `tracing` event and reaches the hook set by
//! [`on_failure`], which by default prints one line on standard error.
//!
//! # Actions that send
//!
//! Whatever an action sends to an agent, its own included, is held until the action has succeeded. This applies to the
//! action's own code, not to tasks that it starts.
//!
//! An action that waits for its own agent to settle would wait for ever; it gets the error
//! [`AgentError::WaitsForItself`] instead. Two agents whose actions wait for each other are not detected.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;

use crate::agent::shared::Core;
use crate::chan::Taker;
use crate::runtime::block::Blocking;
use crate::runtime::place::At;
use crate::runtime::running::{current_action, hold};

use action::Action;
use runner::Runner;

mod action;
mod attempt;
mod error;
mod inspected;
mod keeper;
mod report;
mod runner;
mod send;
mod settled;
mod settling;
mod shared;
mod watch;
#[cfg(all(feature = "console", not(async_dsl_loom)))]
mod weak;

pub use action::{ActionOutput, UpdateOutput};
pub use error::{AgentError, ErrorMode, SendError};
pub(crate) use inspected::living;
pub use report::on_failure;
pub use settled::Settled;
#[cfg(all(feature = "console", not(async_dsl_loom)))]
pub(crate) use weak::WeakAgent;

/// Returns a new agent with this state.
///
/// # Examples
///
/// ```
/// use async_dsl::agent::agent;
///
/// let counter = agent(3);
/// counter.send(|n| async move { n + 1 })?;
/// counter.settled_blocking()?;
/// assert_eq!(counter.get()?, 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn agent<S: Clone + Send + Sync + 'static>(state: S) -> Agent<S> {
    let core = Arc::new(Core::new(state, Location::caller()));
    inspected::agent_made(&core, &core.registered);
    Agent { core }
}

/// A handle to a state that changes by actions, one at a time. Clones are handles to the same agent.
///
/// Dropping the last handle loses nothing: actions sent before still run.
///
/// # Examples
///
/// Actions of one agent run in the order they were sent, even if they park:
///
/// ```
/// use async_dsl::{agent::agent, time::sleep};
/// use std::time::Duration;
///
/// let number = agent(0);
/// number.send(|n| async move {
///     sleep(Duration::from_millis(1)).await;
///     n + 1
/// })?;
/// number.send(|n| async move { n * 2 })?;
/// number.settled_blocking()?;
/// assert_eq!(number.get()?, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "an agent nobody holds can not be asked for its state"]
pub struct Agent<S> {
    core: Arc<Core<S>>,
}

impl<S: Clone + Send + Sync + 'static> Agent<S> {
    /// Sets what a failing action does to this agent; [`ErrorMode::Fail`] unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::agent::{ErrorMode, agent};
    ///
    /// let log = agent(Vec::<String>::new()).error_mode(ErrorMode::Continue).limit(1000);
    /// ```
    pub fn error_mode(self, mode: ErrorMode) -> Self {
        self.core.set_mode(mode);
        self
    }

    /// Names the agent for [`inspect`](crate::inspect). It replaces the name given before.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = async_dsl::agent::agent(0).named("counter");
    /// let snapshot = async_dsl::inspect::snapshot();
    /// assert!(snapshot.agents.iter().any(|a| a.name.as_deref() == Some("counter")));
    /// ```
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        inspected::name_agent(&self.core.registered, name.into());
        self
    }

    /// Allows at most this many unfinished actions, the running one included; unlimited unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::agent::{SendError, agent};
    ///
    /// let one = agent(0).limit(1);
    /// one.send(|_| std::future::pending())?;
    /// assert!(matches!(one.send(|n| async move { n }), Err(SendError::Full { limit: 1 })));
    /// # Ok::<(), SendError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If `actions` is 0: such an agent could never change.
    pub fn limit(self, actions: usize) -> Self {
        assert!(actions > 0, "an agent's limit must be at least 1");
        self.core.set_limit(actions);
        self
    }

    /// Queues an action: a function from a clone of the state to the new state. Never blocks or parks.
    ///
    /// The action runs after all that were sent before it. The first one sent to an idle agent decides where it and
    /// those queued behind it run: on the scheduler of the running task, or the entered one, else the global one.
    /// Inside an action, the new action is held until the sending one has succeeded, and dropped if that fails.
    ///
    /// # Errors
    ///
    /// [`SendError::Full`] at the agent's [limit](Agent::limit), [`SendError::Failed`] and [`SendError::Stopped`] if
    /// the agent has stopped. The action is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let list = async_dsl::agent::agent(vec![1]);
    /// list.send(|mut list| async move {
    ///     list.push(2);
    ///     list
    /// })?;
    /// list.settled_blocking()?;
    /// assert_eq!(list.get()?, [1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn send<F, Fut>(&self, action: F) -> Result<(), SendError>
    where
        F: FnOnce(S) -> Fut + Send + 'static,
        Fut: Future<Output = S> + Send + 'static,
    {
        self.send_fallible::<F, Fut, S>(action)
    }

    /// Queues an action that may fail: it returns a `Result` of the new state. Otherwise like [`send`](Agent::send).
    ///
    /// # Errors
    ///
    /// Those of [`send`](Agent::send).
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::agent::{AgentError, agent};
    ///
    /// let balance = agent(10_u32);
    /// balance.send_fallible(|n| async move { n.checked_sub(11).ok_or("not enough") })?;
    /// assert!(balance.settled_blocking().is_err());
    /// assert!(matches!(balance.error(), Some(AgentError::Failed { .. })));
    /// assert_eq!(balance.last_good(), 10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn send_fallible<F, Fut, O>(&self, action: F) -> Result<(), SendError>
    where
        F: FnOnce(S) -> Fut + Send + 'static,
        Fut: Future<Output = O> + Send + 'static,
        O: ActionOutput<S>,
    {
        self.take_in(Action::new(action, Location::caller()))
    }

    /// Queues an action that changes the state in place: it gets `&mut S` instead of a clone. Otherwise like
    /// [`send`](Agent::send). It is for states that are large, and changed often.
    ///
    /// There is no way back: an action that panics, or is dropped half-way as its scheduler is shut down, **stops the agent
    /// with the state as it is**, whatever the [`ErrorMode`]. One that returns an error is treated as the mode says, and the
    /// state stays as it left it. While it runs nobody can look at the state: [`get`](Agent::get) and
    /// [`with`](Agent::with) return [`AgentError::Updating`].
    ///
    /// The word [`update!`](crate::update!) writes the box.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Agent::send).
    ///
    /// # Examples
    ///
    /// ```
    /// let list = async_dsl::agent::agent(vec![1]);
    /// list.update(|list| Box::pin(async { list.push(2) }))?;
    /// list.settled_blocking()?;
    /// assert_eq!(list.get()?, [1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn update<F, O>(&self, action: F) -> Result<(), SendError>
    where
        F: for<'s> FnOnce(&'s mut S) -> Pin<Box<dyn Future<Output = O> + Send + 's>>,
        F: Send + 'static,
        O: UpdateOutput,
    {
        self.take_in(Action::update(action, Location::caller()))
    }

    /// Sends an action, or holds it until the action being polled is done.
    fn take_in(&self, action: Action<S>) -> Result<(), SendError> {
        if current_action().is_none() {
            return self.core.send(action);
        }
        let send = self.core.reserve(action)?;
        if let Err(send) = hold(Box::new(send)) {
            send.release();
        }
        Ok(())
    }

    /// Returns a clone of the current state, without waiting.
    ///
    /// # Errors
    ///
    /// The error that stopped the agent, if it has stopped; [`last_good`](Agent::last_good) still has the state.
    /// [`AgentError::Updating`] while an [update](Agent::update) runs.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(async_dsl::agent::agent(42).get()?, 42);
    /// # Ok::<(), async_dsl::agent::AgentError>(())
    /// ```
    pub fn get(&self) -> Result<S, AgentError> {
        self.with(S::clone)
    }

    /// Calls `look` with the current state, without cloning it. Actions can change the state meanwhile.
    ///
    /// # Errors
    ///
    /// The error that stopped the agent, if it has stopped; [`last_good`](Agent::last_good) still has the state.
    /// [`AgentError::Updating`] while an [update](Agent::update) runs.
    ///
    /// # Examples
    ///
    /// ```
    /// let name = async_dsl::agent::agent("agent".to_string());
    /// assert_eq!(name.with(|name| name.len())?, 5);
    /// # Ok::<(), async_dsl::agent::AgentError>(())
    /// ```
    pub fn with<R>(&self, look: impl FnOnce(&S) -> R) -> Result<R, AgentError> {
        let state = self.core.current()?;
        Ok(look(&state))
    }

    /// Returns the state that the last successful action left, whether or not the agent has stopped since. Of an agent
    /// that was stopped by an [update](Agent::update) it is what that has left.
    ///
    /// # Panics
    ///
    /// While an update has the state in its hands: wait until the agent has [settled](Agent::settled), or use
    /// [`get`](Agent::get), which returns that as an error.
    ///
    /// # Examples
    ///
    /// ```
    /// # async_dsl::agent::on_failure(|_| ());
    /// let agent = async_dsl::agent::agent(42);
    /// agent.send_fallible(|_| async { Err("no") })?;
    /// agent.settled_blocking().unwrap_err();
    /// assert!(agent.get().is_err());
    /// assert_eq!(agent.last_good(), 42);
    /// # Ok::<(), async_dsl::agent::SendError>(())
    /// ```
    pub fn last_good(&self) -> S {
        match self.core.last_good() {
            Ok(state) => S::clone(&state),
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits for all actions sent before this call.
    ///
    /// **Parks** until they are over. **Dropping** the future loses nothing.
    ///
    /// # Errors
    ///
    /// The error that stopped the agent, before or while waiting; [`AgentError::WaitsForItself`] inside an action of
    /// this agent.
    ///
    /// # Examples
    ///
    /// ```
    /// async_dsl::block_on(async {
    ///     let counter = async_dsl::agent::agent(0);
    ///     for _ in 0..10 {
    ///         counter.send(|n| async move { n + 1 })?;
    ///     }
    ///     counter.settled().await?;
    ///     assert_eq!(counter.get()?, 10);
    ///     Ok::<(), Box<dyn std::error::Error>>(())
    /// })
    /// # .unwrap();
    /// ```
    #[track_caller]
    pub fn settled(&self) -> Settled<S> {
        Settled::new(Arc::clone(&self.core), At::caller())
    }

    /// Blocks this thread until all actions sent before this call are over: for code outside linear code.
    ///
    /// # Errors
    ///
    /// Those of [`settled`](Agent::settled).
    ///
    /// # Panics
    ///
    /// If this thread is polling a task, where it would block a worker.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = async_dsl::agent::agent(0);
    /// counter.send(|n| async move { n + 1 })?;
    /// counter.settled_blocking()?;
    /// assert!(counter.is_idle());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn settled_blocking(&self) -> Result<(), AgentError> {
        let blocking = Blocking::new("Agent::settled_blocking");
        let mut settled = self.settled();
        blocking.wait(|cx| settled.poll_settled(cx))
    }

    /// Returns the error that stopped the agent, if it has stopped.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(async_dsl::agent::agent(0).error().is_none());
    /// ```
    pub fn error(&self) -> Option<AgentError> {
        self.core.error()
    }

    /// Restarts a stopped agent with this state and the actions still queued. Returns `false`, with no effect, if it
    /// had not stopped.
    ///
    /// # Examples
    ///
    /// ```
    /// # async_dsl::agent::on_failure(|_| ());
    /// let agent = async_dsl::agent::agent(0);
    /// assert!(!agent.restart(42));
    /// agent.send_fallible(|_| async { Err("no") })?;
    /// agent.settled_blocking().unwrap_err();
    /// assert!(agent.restart(42));
    /// assert_eq!(agent.get()?, 42);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn restart(&self, state: S) -> bool {
        let Some(state) = self.core.revive(state) else {
            return false;
        };
        Runner::new(Arc::clone(&self.core)).restart(&state, Location::caller());
        true
    }

    /// Returns the states from now on: each new one is put into a [`sliding`](crate::chan::sliding) channel of size 1,
    /// so that a slow watcher sees the latest and delays no action.
    ///
    /// A wait for the agent to settle ends after the watchers' channels have the state. The channel closes when the
    /// agent has neither a handle nor an action left. It stays open when the agent stops, because
    /// [`restart`](Agent::restart) puts the new state into it. Dropping the taker ends the watch.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter = async_dsl::agent::agent(0);
    /// let states = counter.watch();
    /// counter.send(|n| async move { n + 1 })?;
    /// assert_eq!(states.take_blocking(), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn watch(&self) -> Taker<S> {
        self.core.watchers.add()
    }

    /// Whether all actions sent are over.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(async_dsl::agent::agent(0).is_idle());
    /// ```
    pub fn is_idle(&self) -> bool {
        self.core.is_idle()
    }

    /// Returns how many actions wait for their turn, without the running one.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(async_dsl::agent::agent(0).queued(), 0);
    /// ```
    pub fn queued(&self) -> usize {
        self.core.queued()
    }
}

impl<S> Clone for Agent<S> {
    fn clone(&self) -> Self {
        Self {
            core: Arc::clone(&self.core),
        }
    }
}

impl<S> fmt::Debug for Agent<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent")
            .field("made_at", &format_args!("{}", self.core.made_at))
            .field("queued", &self.core.queued())
            .field("error", &self.core.error())
            .finish_non_exhaustive()
    }
}
