//! One action: its future, and one attempt at running it.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::error::AgentError;
use super::keeper::Keeper;
use super::report;
use crate::runtime::held::{HeldSend, Scope};
use crate::runtime::poll_end::PollEnds;
use crate::runtime::running::within_action;
use crate::runtime::sync::Arc;

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

/// What an `update!` may return: nothing, or a `Result` of it.
///
/// On an error the agent does what its [`ErrorMode`](super::ErrorMode) says; the state stays as the action left it.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let total = agent(0_u32);
/// update!(total, |n| { *n += 1 })?;
/// update!(total, |n| -> Result<(), std::num::ParseIntError> { *n += "2".parse::<u32>()?; Ok(()) })?;
/// total.settled_blocking()?;
/// assert_eq!(total.get()?, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "an `update!` changes the state in place and gives nothing, not `{Self}`: `send!` takes the state and gives a new one",
    label = "gives neither `()` nor a `Result` of it"
)]
pub trait UpdateOutput {
    /// Returns the action's error.
    fn into_result(self) -> Result<(), Box<dyn Error + Send + Sync>>;
}

impl UpdateOutput for () {
    fn into_result(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }
}

impl<E> UpdateOutput for Result<(), E>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    fn into_result(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.map_err(Into::into)
    }
}

/// The new state; `None` from an update, which has given its own back.
type Given<S> = Result<Option<S>, Box<dyn Error + Send + Sync>>;
type Body<S> = Pin<Box<dyn Future<Output = Given<S>> + Send>>;
type Start<S> = Box<dyn FnOnce(Keeper<Arc<S>>, Arc<S>) -> Body<S> + Send>;

/// A queued action.
pub(super) struct Action<S> {
    pub(super) sent_at: &'static Location<'static>,
    /// It changes the state in place, and has it to itself meanwhile.
    pub(super) updates: bool,
    start: Start<S>,
}

impl<S: Clone + Send + Sync + 'static> Action<S> {
    pub(super) fn new<F, Fut>(action: F, sent_at: &'static Location<'static>) -> Self
    where
        F: FnOnce(S) -> Fut + Send + 'static,
        Fut: Future<Output: ActionOutput<S>> + Send,
    {
        let start = move |_: Keeper<Arc<S>>, state: Arc<S>| -> Body<S> {
            Box::pin(async move {
                // Cloned in here, so that a panic of `Clone` counts as the action's.
                let copy = S::clone(&state);
                drop(state);
                action(copy).await.into_state().map(Some)
            })
        };
        Self {
            sent_at,
            updates: false,
            start: Box::new(start),
        }
    }

    /// One that changes the state in place.
    pub(super) fn update<F, O>(action: F, sent_at: &'static Location<'static>) -> Self
    where
        F: for<'s> FnOnce(&'s mut S) -> Pin<Box<dyn Future<Output = O> + Send + 's>>,
        F: Send + 'static,
        O: UpdateOutput,
    {
        let start = move |keeper: Keeper<Arc<S>>, state: Arc<S>| -> Body<S> {
            let state = Some(state);
            let mut lent = Lent { keeper, state };
            Box::pin(async move {
                let output = action(lent.get()).await;
                drop(lent);
                output.into_result().map(|()| None)
            })
        };
        Self {
            sent_at,
            updates: true,
            start: Box::new(start),
        }
    }

    /// Returns an attempt to run it on `state`. Nothing happens before the first poll.
    pub(super) fn attempt(self, agent: usize, keeper: Keeper<Arc<S>>, state: Arc<S>) -> Attempt<S> {
        Attempt {
            scope: Some(Scope::new(agent, self.sent_at)),
            sent_at: self.sent_at,
            body: Some((self.start)(keeper, state)),
        }
    }
}

/// A state in the hands of an update. However that ends, the agent has it again.
struct Lent<S> {
    keeper: Keeper<Arc<S>>,
    state: Option<Arc<S>>,
}

impl<S: Clone> Lent<S> {
    /// The state, alone: it is cloned only if somebody still looks at it as it was.
    fn get(&mut self) -> &mut S {
        let Some(state) = &mut self.state else {
            unreachable!("it is given back as this is dropped")
        };
        if Arc::get_mut(state).is_none() {
            *state = Arc::new(S::clone(state));
        }
        match Arc::get_mut(state) {
            Some(alone) => alone,
            None => unreachable!("nobody else has it"),
        }
    }
}

impl<S> Drop for Lent<S> {
    fn drop(&mut self) {
        if let Some(state) = self.state.take() {
            self.keeper.give_back(state);
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

/// The new state, unless it was changed in place, and the action's held sends.
pub(super) type Success<S> = (Option<S>, Vec<Box<dyn HeldSend>>);

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
                    error: error.into(),
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
