//! One action: its future, and one attempt at running it.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::error::AgentError;
use super::report;
use crate::runtime::held::{HeldSend, Scope};
use crate::runtime::poll_end::PollEnds;
use crate::runtime::running::within_action;

/// What an action may return: the new state, or a `Result` of it.
///
/// On an error the last good state stays, and the agent does what its [`ErrorMode`](super::ErrorMode) says. The error
/// is anything that `?` turns into a boxed error: an error type, a string.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let total = agent(0_u32);
/// send!(total, |n| n + 1)?;
/// send!(total, |n| -> Result<u32, std::num::ParseIntError> { Ok(n + "2".parse::<u32>()?) })?;
/// total.settled_blocking()?;
/// assert_eq!(total.get()?, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "an action on `Agent<{S}>` gives the new state, not `{Self}`",
    label = "gives neither `{S}` nor a `Result` of it"
)]
pub trait ActionOutput<S> {
    /// Returns the new state, or the action's error.
    fn into_state(self) -> Result<S, Box<dyn Error + Send + Sync>>;
}

impl<S> ActionOutput<S> for S {
    fn into_state(self) -> Result<S, Box<dyn Error + Send + Sync>> {
        Ok(self)
    }
}

impl<S, E> ActionOutput<S> for Result<S, E>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    fn into_state(self) -> Result<S, Box<dyn Error + Send + Sync>> {
        self.map_err(Into::into)
    }
}

type Given<S> = Result<S, Box<dyn Error + Send + Sync>>;
type Body<S> = Pin<Box<dyn Future<Output = Given<S>> + Send>>;

/// A queued action.
pub(super) struct Action<S> {
    pub(super) sent_at: &'static Location<'static>,
    start: Box<dyn FnOnce(Arc<S>) -> Body<S> + Send>,
}

impl<S: Clone + Send + Sync + 'static> Action<S> {
    pub(super) fn new<F, Fut>(action: F, sent_at: &'static Location<'static>) -> Self
    where
        F: FnOnce(S) -> Fut + Send + 'static,
        Fut: Future<Output: ActionOutput<S>> + Send,
    {
        let start = move |state: Arc<S>| -> Body<S> {
            Box::pin(async move {
                // Cloned in here, so that a panic of `Clone` counts as the action's.
                let copy = S::clone(&state);
                drop(state);
                action(copy).await.into_state()
            })
        };
        Self {
            sent_at,
            start: Box::new(start),
        }
    }

    /// Returns an attempt to run it on `state`. Nothing happens before the first poll.
    pub(super) fn attempt(self, agent: usize, state: Arc<S>) -> Attempt<S> {
        Attempt {
            scope: Some(Scope::new(agent, self.sent_at)),
            sent_at: self.sent_at,
            body: Some((self.start)(state)),
        }
    }
}

/// A running action: catches its panics, and holds its sends until it is known to have succeeded.
pub(super) struct Attempt<S> {
    body: Option<Body<S>>,
    /// Lent to the thread during each poll.
    scope: Option<Scope>,
    sent_at: &'static Location<'static>,
}

/// The new state, and the action's held sends.
pub(super) type Success<S> = (S, Vec<Box<dyn HeldSend>>);

impl<S> Attempt<S> {
    /// Drops the future and returns its held sends. The drop is under `catch_unwind`, since it may run any code.
    fn close(&mut self) -> Result<Vec<Box<dyn HeldSend>>, Box<dyn Any + Send>> {
        let body = self.body.take();
        let dropped = within_action(&mut self.scope, || {
            catch_unwind(AssertUnwindSafe(|| drop(body)))
        });
        let held = self.scope.take().map(Scope::into_held).unwrap_or_default();
        dropped.map(|()| held)
    }

    /// Drops what the failed action leaves; resolvers among it then break their promises with the panic's message.
    fn fail(
        &self,
        ends: PollEnds,
        payload: Box<dyn Any + Send>,
        rest: impl FnOnce(),
    ) -> AgentError {
        ends.unwound();
        let rest = catch_unwind(AssertUnwindSafe(rest)).err();
        let message = report::message(payload);
        let others = ends.run(Some(&message));
        report::panics(rest.into_iter().chain(others), self.sent_at);
        AgentError::Panicked {
            message,
            sent_at: self.sent_at,
        }
    }
}

impl<S> Future for Attempt<S> {
    type Output = Result<Success<S>, AgentError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(body) = &mut this.body else {
            unreachable!("an action is not polled again after it is done")
        };
        let ends = PollEnds::new();
        let polled = within_action(&mut this.scope, || {
            catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx)))
        });
        let given = match polled {
            Ok(Poll::Pending) => {
                report::panics(ends.run(None), this.sent_at);
                return Poll::Pending;
            }
            Ok(Poll::Ready(given)) => given,
            Err(payload) => {
                let left = this.close();
                return Poll::Ready(Err(this.fail(ends, payload, || drop(left))));
            }
        };
        let outcome = match (given, this.close()) {
            (Ok(state), Ok(held)) => {
                report::panics(ends.run(None), this.sent_at);
                Ok((state, held))
            }
            (Err(error), Ok(held)) => {
                let dropped = catch_unwind(AssertUnwindSafe(|| drop(held))).err();
                report::panics(dropped.into_iter().chain(ends.run(None)), this.sent_at);
                Err(AgentError::Failed {
                    error: Arc::from(error),
                    sent_at: this.sent_at,
                })
            }
            (given, Err(payload)) => Err(this.fail(ends, payload, || drop(given))),
        };
        Poll::Ready(outcome)
    }
}

impl<S> Drop for Attempt<S> {
    fn drop(&mut self) {
        if self.body.is_some() {
            // Cancelled half-way: neither it nor its sends have an effect. The scheduler reports a panic.
            match self.close() {
                Ok(held) => drop(held),
                Err(payload) => report::panics([payload], self.sent_at),
            }
        }
    }
}

impl<S> fmt::Debug for Attempt<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").finish_non_exhaustive()
    }
}
