//! Running an action: its panics are caught, and its sends held until it is known to have succeeded.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use super::action::Action;
use super::error::AgentError;
use super::keeper::Keeper;
use super::report;
use crate::runtime::held::{Acting, HeldSends};
use crate::runtime::place::Line;
use crate::runtime::poll_end::PollEnds;
use crate::runtime::running::within_action;
use crate::runtime::sync::Arc;

/// Runs the actions of an agent one after the other. Its parts stay where they are from one action to the next.
pub(super) struct Attempt<S> {
    agent: usize,
    keeper: Keeper<Arc<S>>,
    /// `None` between two actions.
    action: Option<Action<S>>,
    /// What it is to be run on, until its first poll has taken that.
    state: Option<Arc<S>>,
    /// What it has sent. The thread has it during each poll.
    held: HeldSends,
}

impl<S> Attempt<S> {
    pub(super) fn new(agent: usize, keeper: Keeper<Arc<S>>) -> Self {
        Self {
            agent,
            keeper,
            action: None,
            state: None,
            held: Vec::new(),
        }
    }

    /// The next action is to be run on `state`. Nothing of it happens before the first poll.
    pub(super) fn begin(&mut self, action: Action<S>, state: Arc<S>) {
        self.action = Some(action);
        self.state = Some(state);
    }

    /// Where the action that was begun was sent, and whether it changes the state in place.
    pub(super) fn begun(&self) -> (Line, bool) {
        let action = self.action.as_ref().expect("it was begun, and not polled");
        (action.sent_at(), action.updates())
    }

    /// What the action has sent, which has succeeded.
    pub(super) fn take_held(&mut self) -> HeldSends {
        mem::take(&mut self.held)
    }

    /// Polls the action, and drops it as soon as it is done. Returns the new state, unless it was changed in place.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<S>, AgentError>> {
        let Some(sent_at) = self.action.as_ref().map(Action::sent_at) else {
            unreachable!("an action is not polled again after it is done")
        };
        let ends = PollEnds::new();
        let (agent, place) = (self.agent, &mut self.action);
        let (state, keeper) = (&mut self.state, &self.keeper);
        let (polled, dropped) = within_action(Acting { agent, sent_at }, &mut self.held, || {
            let polled = catch_unwind(AssertUnwindSafe(|| match place {
                Some(action) => action.poll(state, keeper, cx),
                None => Poll::Pending,
            }));
            let dropped = match polled {
                Ok(Poll::Pending) => Ok(()),
                Ok(Poll::Ready(_)) | Err(_) => discard(place),
            };
            (polled, dropped)
        });
        let given = match (polled, dropped) {
            (Ok(Poll::Pending), _) => {
                report::panics(ends.run(None), sent_at);
                return Poll::Pending;
            }
            (Ok(Poll::Ready(given)), Ok(())) => given,
            (Ok(Poll::Ready(given)), Err(payload)) => {
                return Poll::Ready(Err(self.fail(ends, payload, sent_at, || drop(given))));
            }
            (Err(payload), dropped) => {
                return Poll::Ready(Err(self.fail(ends, payload, sent_at, || drop(dropped))));
            }
        };
        Poll::Ready(match given {
            Ok(state) => {
                report::panics(ends.run(None), sent_at);
                Ok(state)
            }
            Err(error) => {
                let held = self.take_held();
                let dropped = catch_unwind(AssertUnwindSafe(|| drop(held))).err();
                report::panics(dropped.into_iter().chain(ends.run(None)), sent_at);
                let error = error.into();
                Err(AgentError::Failed { error, sent_at })
            }
        })
    }

    /// Drops what the failed action leaves; resolvers among it then break their promises with the panic's message.
    #[cold]
    fn fail(
        &mut self,
        ends: PollEnds,
        payload: Box<dyn Any + Send>,
        sent_at: Line,
        rest: impl FnOnce(),
    ) -> AgentError {
        ends.unwound();
        let held = self.take_held();
        let dropped = [
            catch_unwind(AssertUnwindSafe(rest)).err(),
            catch_unwind(AssertUnwindSafe(|| drop(held))).err(),
        ];
        let message = report::message(payload);
        let others = ends.run(Some(&message));
        report::panics(dropped.into_iter().flatten().chain(others), sent_at);
        AgentError::Panicked { message, sent_at }
    }
}

/// Drops the action, which may run any code.
fn discard<S>(action: &mut Option<Action<S>>) -> Result<(), Box<dyn Any + Send>> {
    let action = action.take();
    catch_unwind(AssertUnwindSafe(|| drop(action)))
}

impl<S> Drop for Attempt<S> {
    /// It is cancelled half-way: neither the action nor its sends have an effect. The scheduler reports a panic.
    fn drop(&mut self) {
        if let Some(state) = self.state.take() {
            self.keeper.give_back(state);
        }
        let Some(sent_at) = self.action.as_ref().map(Action::sent_at) else {
            return;
        };
        let (agent, action) = (self.agent, &mut self.action);
        let acting = Acting { agent, sent_at };
        let dropped = within_action(acting, &mut self.held, || discard(action));
        report::panics(dropped.err(), sent_at);
    }
}
