//! The task that runs the actions of an agent while it has any.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;

use super::error::AgentError;
use super::report;
use crate::agent::shared::Core;
use crate::runtime::place::At;
use crate::runtime::wake::wake_all;
use crate::runtime::{budget, spawn};

/// Runs the queued actions of an agent. If it is dropped half-way, because its scheduler is shut down, the agent stops.
pub(super) struct Runner<S> {
    core: Arc<Core<S>>,
    /// Whether the runner has left the agent in order, idle or failed.
    over: bool,
}

impl<S: Clone + Send + Sync + 'static> Runner<S> {
    /// Returns the runner of an agent that the caller has marked as running.
    pub(super) fn new(core: Arc<Core<S>>) -> Self {
        Self { core, over: false }
    }

    /// Starts it on the current scheduler. A scheduler that was shut down drops it: the agent stops.
    pub(super) fn start(self, at: &'static Location<'static>) {
        spawn::spawn(self.run(), at).detach();
    }

    /// Shows the state of a restarted agent to its watchers, and starts if there is work.
    pub(super) fn restart(mut self, state: &S, at: &'static Location<'static>) {
        self.core.watchers.show(state);
        if self.core.leave_if_idle() {
            self.over = true;
        } else {
            self.start(at);
        }
    }

    async fn run(mut self) {
        while let Some((action, state)) = self.core.next() {
            let (sent_at, updates) = (action.sent_at, action.updates);
            let attempt = action.attempt(self.core.id(), Arc::clone(&self.core) as _, state);
            // One unit per action, so that actions that never park let other tasks run.
            poll_fn(|cx| budget::poll_proceed_at(cx, || At::line(sent_at))).await;
            match attempt.await {
                Ok((state, held)) => {
                    self.publish(state, sent_at);
                    for send in held {
                        survive(sent_at, || send.release());
                    }
                    let woken = self.core.finish_one();
                    wake_all(woken);
                }
                Err(error) => {
                    report::failure(&error);
                    // What an update leaves when it panics may be half of something.
                    let must = updates && matches!(error, AgentError::Panicked { .. });
                    let (stopped, woken) = self.core.fail_one(&error, must);
                    self.over = stopped;
                    wake_all(woken);
                    if stopped {
                        return;
                    }
                }
            }
        }
        self.over = true;
    }

    /// Makes `state`, unless the action has changed that in place, the agent's state, and shows it to the watchers.
    fn publish(&self, state: Option<S>, sent_at: &'static Location<'static>) {
        let state = match state {
            Some(state) => {
                let (state, old) = self.core.store(state);
                survive(sent_at, || drop(old));
                state
            }
            None => match self.core.last_good() {
                Ok(state) => state,
                Err(_) => unreachable!("an update that is over has given the state back"),
            },
        };
        survive(sent_at, || self.core.watchers.show(&state));
    }
}

/// Runs foreign code, such as the `Drop` or `Clone` of a state. Its panic is reported and does not stop the agent.
fn survive(sent_at: &'static Location<'static>, run: impl FnOnce()) {
    report::panics(catch_unwind(AssertUnwindSafe(run)).err(), sent_at);
}

impl<S> Drop for Runner<S> {
    fn drop(&mut self) {
        if !self.over {
            self.core.stop();
        }
    }
}
