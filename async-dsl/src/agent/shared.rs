//! What the handles of an agent and its runner share: one lock around the state, the queue and the waits.
//!
//! No user code runs under the lock: states, actions and wakers are moved out and dropped outside it.

use std::collections::VecDeque;
use std::panic::Location;
use std::task::Waker;
use std::{mem, ptr};

use super::inspected::{Inspected, Seen};
use super::settling::{SettleKey, Settling};
use crate::agent::action::Action;
use crate::agent::attempt::Attempt;
use crate::agent::error::{AgentError, ErrorMode, SendError};
use crate::agent::inspected;
use crate::agent::keeper::Keeps;
use crate::agent::watch::Watchers;
use crate::runtime::object::Object;
use crate::runtime::registry::Registered;
use crate::runtime::sync::{Arc, Mutex, MutexGuard, lock};
use crate::runtime::wake::wake_all;

/// Why the state is there as an action begins, or ends.
const ONE: &str = "one action runs at a time";

pub(crate) struct Core<S> {
    state: Mutex<State<S>>,
    pub(crate) watchers: Watchers<S>,
    object: Object,
    pub(crate) made_at: &'static Location<'static>,
    pub(crate) registered: Registered,
}

pub(crate) struct State<S> {
    value: Value<S>,
    pub(super) phase: Phase,
    mode: ErrorMode,
    /// How many actions may be unfinished.
    limit: usize,
    queue: VecDeque<Action<S>>,
    /// Actions admitted so far, and those of them that are over.
    sent: u64,
    done: u64,
    /// Held actions of other actions, for which a place is kept.
    pub(super) reserved: usize,
    settling: Settling,
}

enum Value<S> {
    Here(Arc<S>),
    /// The update that was sent there has it in its hands.
    Lent(&'static Location<'static>),
}

/// What is left of an action that is over, to be dropped and woken; and whether the next one was begun.
pub(crate) struct Passed<S> {
    pub(super) old: Option<Old<S>>,
    pub(super) woken: Vec<Waker>,
    pub(super) begun: bool,
}

/// The state that another has replaced, to be dropped: as it is, if nobody looks at it.
#[allow(dead_code)] // what is in it is only dropped
pub(crate) enum Old<S> {
    Alone(S),
    /// Somebody looks at it.
    Shared(Arc<S>),
}

impl<S> Value<S> {
    fn get(&self) -> Result<Arc<S>, AgentError> {
        match self {
            Self::Here(value) => Ok(Arc::clone(value)),
            Self::Lent(sent_at) => Err(AgentError::Updating { sent_at }),
        }
    }
}

pub(crate) enum Phase {
    Idle,
    /// A runner exists, or is about to be started by the caller that set this.
    Running,
    Failed(AgentError),
    /// The runner was dropped half-way.
    Stopped,
}

impl<S> State<S> {
    /// Returns why the state can no longer be read or waited for.
    fn error(&self) -> Option<AgentError> {
        match &self.phase {
            Phase::Idle | Phase::Running => None,
            Phase::Failed(error) => Some(error.clone()),
            Phase::Stopped => Some(AgentError::Stopped),
        }
    }

    fn unfinished(&self) -> usize {
        let taken_in = usize::try_from(self.sent - self.done).unwrap_or(usize::MAX);
        taken_in.saturating_add(self.reserved)
    }

    /// Checks that one more action may be sent.
    pub(super) fn admit(&self) -> Result<(), SendError> {
        match &self.phase {
            Phase::Failed(error) => Err(SendError::Failed(error.clone())),
            Phase::Stopped => Err(SendError::Stopped),
            Phase::Idle | Phase::Running if self.unfinished() < self.limit => Ok(()),
            Phase::Idle | Phase::Running => Err(SendError::Full { limit: self.limit }),
        }
    }

    /// Queues an action. Returns whether the caller must start a runner.
    pub(super) fn push(&mut self, action: Action<S>) -> bool {
        self.queue.push_back(action);
        self.sent += 1;
        let idle = matches!(self.phase, Phase::Idle);
        if idle {
            self.phase = Phase::Running;
        }
        idle
    }

    /// Begins the next action, on the state, which an update has to itself; or leaves the agent without a runner.
    fn begin_next(&mut self, attempt: &mut Attempt<S>) -> bool {
        let Some(action) = self.queue.pop_front() else {
            self.phase = Phase::Idle;
            // Frees the memory of a burst of actions.
            self.queue = VecDeque::new();
            return false;
        };
        let value = self.value.get().expect(ONE);
        if action.updates() {
            self.value = Value::Lent(action.sent_at());
        }
        attempt.begin(action, value);
        true
    }

    /// Makes `value` the state. Returns the old one.
    fn replace(&mut self, value: S) -> Old<S> {
        let Value::Here(here) = &mut self.value else {
            unreachable!("{ONE}")
        };
        match Arc::get_mut(here) {
            Some(alone) => Old::Alone(mem::replace(alone, value)),
            None => Old::Shared(mem::replace(here, Arc::new(value))),
        }
    }

    /// One more action is over. Returns the wakers to wake.
    fn finish(&mut self) -> Vec<Waker> {
        self.done += 1;
        self.settling.finish(self.done)
    }
}

impl<S> Core<S> {
    pub(crate) fn new(value: S, made_at: &'static Location<'static>) -> Self {
        Self {
            state: Mutex::new(State {
                value: Value::Here(Arc::new(value)),
                phase: Phase::Idle,
                mode: ErrorMode::default(),
                limit: usize::MAX,
                queue: VecDeque::new(),
                sent: 0,
                done: 0,
                reserved: 0,
                settling: Settling::default(),
            }),
            watchers: Watchers::default(),
            object: Object::new(),
            made_at,
            registered: Registered::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.object.touch();
        lock(&self.state)
    }

    /// Returns an id that no other living agent has.
    pub(crate) fn id(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    pub(crate) fn set_mode(&self, mode: ErrorMode) {
        self.lock().mode = mode;
    }

    pub(crate) fn set_limit(&self, limit: usize) {
        self.lock().limit = limit;
    }

    /// The state, also of an agent that has stopped. An error only while an update has it in its hands.
    pub(crate) fn last_good(&self) -> Result<Arc<S>, AgentError> {
        self.lock().value.get()
    }

    pub(crate) fn current(&self) -> Result<Arc<S>, AgentError> {
        let state = self.lock();
        match state.error() {
            Some(error) => Err(error),
            None => state.value.get(),
        }
    }

    pub(crate) fn error(&self) -> Option<AgentError> {
        self.lock().error()
    }

    pub(crate) fn queued(&self) -> usize {
        self.lock().queue.len()
    }

    pub(crate) fn is_idle(&self) -> bool {
        let state = self.lock();
        state.sent == state.done
    }

    /// Registers a wait for everything sent so far; `Err` contains the answer if there already is one.
    pub(crate) fn start_settling(&self) -> Result<SettleKey, Result<(), AgentError>> {
        let mut state = self.lock();
        match state.error() {
            Some(error) => Err(Err(error)),
            None if state.sent == state.done => Err(Ok(())),
            None => {
                let sent = state.sent;
                Ok(state.settling.add(sent))
            }
        }
    }

    /// Calls `act` with the waits for the agent to settle.
    pub(crate) fn with_settling<T>(&self, act: impl FnOnce(&mut Settling) -> T) -> T {
        act(&mut self.lock().settling)
    }

    /// Begins the next action. Returns `false` if there is none: the agent no longer has a runner.
    pub(crate) fn next(&self, attempt: &mut Attempt<S>) -> bool {
        self.lock().begin_next(attempt)
    }

    /// Makes `value` the state. Returns the old one, and the new one, if it is to be shown to watchers.
    pub(crate) fn store(&self, value: S) -> (Old<S>, Option<Arc<S>>) {
        let mut state = self.lock();
        let old = state.replace(value);
        drop(state);
        (old, self.shown())
    }

    /// The state that the running action has left, if it is to be shown to watchers.
    pub(crate) fn shown(&self) -> Option<Arc<S>> {
        if !self.watchers.any() {
            return None;
        }
        match self.last_good() {
            Ok(state) => Some(state),
            Err(_) => unreachable!("an update that is over has given the state back"),
        }
    }

    /// To be called when the running action has succeeded. Returns the wakers to wake.
    pub(crate) fn finish_one(&self) -> Vec<Waker> {
        self.lock().finish()
    }

    /// All of that under one lock, where nothing is to be done in between: makes `value`, if there is one, the state, ends
    /// the running action, and begins the next, if there is one.
    pub(crate) fn pass(&self, value: Option<S>, attempt: &mut Attempt<S>) -> Passed<S> {
        let mut state = self.lock();
        Passed {
            old: value.map(|value| state.replace(value)),
            woken: state.finish(),
            begun: state.begin_next(attempt),
        }
    }

    /// To be called when the running action has failed. Returns whether the agent has stopped and so has no runner, and
    /// the wakers to wake. The agent stops if its mode says so, and if it `must`.
    pub(crate) fn fail_one(&self, error: &AgentError, must: bool) -> (bool, Vec<Waker>) {
        let mut state = self.lock();
        state.done += 1;
        let done = state.done;
        match state.mode {
            ErrorMode::Continue if !must => (false, state.settling.finish(done)),
            ErrorMode::Continue | ErrorMode::Fail => {
                state.phase = Phase::Failed(error.clone());
                (true, state.settling.fail(error))
            }
        }
    }

    /// To be called when the runner is dropped with work left.
    pub(crate) fn stop(&self) {
        let mut state = self.lock();
        state.phase = Phase::Stopped;
        state.done = state.sent;
        let lost = mem::take(&mut state.queue);
        let woken = state.settling.fail(&AgentError::Stopped);
        drop(state);
        wake_all(woken);
        drop(lost);
    }

    /// Begins a restart, as the runner: sets the state, and returns it. `None` if the agent has not stopped.
    pub(crate) fn revive(&self, value: S) -> Option<Arc<S>> {
        let value = Arc::new(value);
        let mut state = self.lock();
        match state.phase {
            Phase::Idle | Phase::Running => None,
            Phase::Failed(_) | Phase::Stopped => {
                let error = mem::replace(&mut state.phase, Phase::Running);
                let new = Value::Here(Arc::clone(&value));
                let old = mem::replace(&mut state.value, new);
                drop(state);
                drop((error, old));
                Some(value)
            }
        }
    }

    /// Returns whether there is no work. If so, the agent no longer has a runner.
    pub(crate) fn leave_if_idle(&self) -> bool {
        let mut state = self.lock();
        let idle = state.queue.is_empty();
        if idle {
            state.phase = Phase::Idle;
        }
        idle
    }

    /// Gives up a place kept for a held action.
    pub(super) fn unreserve(&self) {
        self.lock().reserved -= 1;
    }
}

impl<S: Send + Sync> Keeps<Arc<S>> for Core<S> {
    fn give_back(&self, value: Arc<S>) {
        self.lock().value = Value::Here(value);
    }
}

impl<S> Drop for Core<S> {
    fn drop(&mut self) {
        inspected::agent_dropped(&mut self.registered);
    }
}

impl<S: Send + Sync> Inspected for Core<S> {
    fn look(&self) -> Seen {
        let state = self.lock();
        Seen {
            queued: state.queue.len(),
            running: matches!(state.phase, Phase::Running),
            error: state.error(),
        }
    }

    fn made_at(&self) -> &'static Location<'static> {
        self.made_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // N17
    #[test]
    fn memory_returns_after_a_burst_of_actions() {
        let at = Location::caller();
        let core = Arc::new(Core::new(0, at));
        for _ in 0..10_000 {
            let action = Action::new(|n: i32| async move { n }, at);
            core.lock().push(action);
        }
        assert!(core.lock().queue.capacity() >= 10_000);
        let mut attempt = Attempt::new(core.id(), Arc::clone(&core) as _);
        while core.next(&mut attempt) {}
        assert_eq!(core.lock().queue.capacity(), 0);
    }
}
