//! The task that runs the actions of an agent while it has any.

use std::future::poll_fn;
use std::mem::needs_drop;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;

use super::attempt::Attempt;
use super::error::AgentError;
use super::report;
use crate::agent::shared::Core;
use crate::runtime::place::{At, Line};
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
        let mut attempt = Attempt::new(self.core.id(), Arc::clone(&self.core) as _);
        let mut begun = self.core.next(&mut attempt);
        while begun {
            let (sent_at, updates) = attempt.begun();
            // One unit per action, so that actions that never park let other tasks run.
            poll_fn(|cx| budget::poll_proceed_at(cx, || At::line(sent_at))).await;
            begun = match poll_fn(|cx| attempt.poll(cx)).await {
                Ok(state) => self.succeed(state, sent_at, &mut attempt),
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
                    self.core.next(&mut attempt)
                }
            };
        }
        self.over = true;
    }

    /// The action has succeeded, with this new state unless it has changed that in place. Returns whether there is another.
    fn succeed(&self, state: Option<S>, sent_at: Line, attempt: &mut Attempt<S>) -> bool {
        let held = attempt.take_held();
        if held.is_empty() && !self.core.watchers.any() {
            let passed = self.core.pass(state, attempt);
            if needs_drop::<S>() {
                survive(sent_at, || drop(passed.old));
            }
            wake_all(passed.woken);
            return passed.begun;
        }
        self.publish(state, sent_at);
        for send in held {
            survive(sent_at, || send.release());
        }
        wake_all(self.core.finish_one());
        self.core.next(attempt)
    }

    /// Makes `state`, unless the action has changed that in place, the agent's state, and shows it to the watchers.
    fn publish(&self, state: Option<S>, sent_at: Line) {
        let shown = match state {
            Some(state) => {
                let (old, shown) = self.core.store(state);
                survive(sent_at, || drop(old));
                shown
            }
            None => self.core.shown(),
        };
        if let Some(state) = shown {
            survive(sent_at, || self.core.watchers.show(&state));
        }
    }
}

/// Runs foreign code, such as the `Drop` or `Clone` of a state. Its panic is reported and does not stop the agent.
fn survive(sent_at: Line, run: impl FnOnce()) {
    report::panics(catch_unwind(AssertUnwindSafe(run)).err(), sent_at);
}

impl<S> Drop for Runner<S> {
    fn drop(&mut self) {
        if !self.over {
            self.core.stop();
        }
    }
}
