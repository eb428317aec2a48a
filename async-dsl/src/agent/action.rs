//! One action: its future, and one attempt at running it.

use std::error::Error;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::keeper::Keeper;
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
pub(super) type Given<S> = Result<Option<S>, Box<dyn Error + Send + Sync>>;

pin_project! {
    /// What is queued: in one place from when it is sent until it is done.
    pub(super) struct Parts<B> where B: ?Sized {
        sent_at: &'static Location<'static>,
        // It changes the state in place, and has it to itself meanwhile.
        updates: bool,
        #[pin]
        body: B,
    }
}

/// A queued action.
pub(super) struct Action<S>(Pin<Box<Parts<dyn Body<S>>>>);

/// What an action is made of.
trait Body<S>: Send {
    /// The first poll takes the state, and calls the user's closure.
    fn poll(
        self: Pin<&mut Self>,
        state: &mut Option<Arc<S>>,
        keeper: &Keeper<Arc<S>>,
        cx: &mut Context<'_>,
    ) -> Poll<Given<S>>;
}

impl<S: Clone + Send + Sync + 'static> Action<S> {
    pub(super) fn new<F, Fut>(action: F, sent_at: &'static Location<'static>) -> Self
    where
        F: FnOnce(S) -> Fut + Send + 'static,
        Fut: Future<Output: ActionOutput<S>> + Send + 'static,
    {
        let action = Some(action);
        Self(Box::pin(Parts {
            sent_at,
            updates: false,
            body: Change::Queued { action },
        }))
    }

    /// One that changes the state in place.
    pub(super) fn update<F, O>(action: F, sent_at: &'static Location<'static>) -> Self
    where
        F: for<'s> FnOnce(&'s mut S) -> Pin<Box<dyn Future<Output = O> + Send + 's>>,
        F: Send + 'static,
        O: UpdateOutput,
    {
        let start = move |keeper: Keeper<Arc<S>>, state: Arc<S>| -> Running<S> {
            let state = Some(state);
            let mut lent = Lent { keeper, state };
            Box::pin(async move {
                let output = action(lent.get()).await;
                drop(lent);
                output.into_result().map(|()| None)
            })
        };
        Self(Box::pin(Parts {
            sent_at,
            updates: true,
            body: Update {
                start: Some(start),
                running: None,
            },
        }))
    }
}

impl<S> Action<S> {
    pub(super) fn sent_at(&self) -> &'static Location<'static> {
        self.0.sent_at
    }

    pub(super) fn updates(&self) -> bool {
        self.0.updates
    }

    /// Polls it on the state, which the first poll takes.
    pub(super) fn poll(
        &mut self,
        state: &mut Option<Arc<S>>,
        keeper: &Keeper<Arc<S>>,
        cx: &mut Context<'_>,
    ) -> Poll<Given<S>> {
        self.0.as_mut().project().body.poll(state, keeper, cx)
    }
}

/// Why the state is there as an action begins.
const FIRST: &str = "the first poll takes the state, which is there";

pin_project! {
    /// An action that gets a clone of the state, and gives the new one.
    #[project = ChangeProjected]
    enum Change<F, Fut> {
        Queued { action: Option<F> },
        Running { #[pin] future: Fut },
    }
}

impl<S, F, Fut> Body<S> for Change<F, Fut>
where
    S: Clone + Send + Sync,
    F: FnOnce(S) -> Fut + Send,
    Fut: Future<Output: ActionOutput<S>> + Send,
{
    fn poll(
        mut self: Pin<&mut Self>,
        state: &mut Option<Arc<S>>,
        _: &Keeper<Arc<S>>,
        cx: &mut Context<'_>,
    ) -> Poll<Given<S>> {
        loop {
            match self.as_mut().project() {
                ChangeProjected::Running { future } => {
                    return future.poll(cx).map(|output| output.into_state().map(Some));
                }
                ChangeProjected::Queued { action } => {
                    let (action, state) = (action.take().expect(FIRST), state.take().expect(FIRST));
                    // In here, so that a panic of `Clone` counts as the action's.
                    let copy = S::clone(&state);
                    drop(state);
                    let future = action(copy);
                    self.set(Self::Running { future });
                }
            }
        }
    }
}

type Running<S> = Pin<Box<dyn Future<Output = Given<S>> + Send>>;

/// One that changes it in place. What runs borrows from itself, so it is a future of its own.
struct Update<S, F> {
    start: Option<F>,
    running: Option<Running<S>>,
}

// Nothing in it is ever pinned in place.
impl<S, F> Unpin for Update<S, F> {}

impl<S, F> Body<S> for Update<S, F>
where
    S: Send + Sync,
    F: FnOnce(Keeper<Arc<S>>, Arc<S>) -> Running<S> + Send,
{
    fn poll(
        mut self: Pin<&mut Self>,
        state: &mut Option<Arc<S>>,
        keeper: &Keeper<Arc<S>>,
        cx: &mut Context<'_>,
    ) -> Poll<Given<S>> {
        let this = &mut *self;
        let running = match &mut this.running {
            Some(running) => running,
            none => {
                let (start, state) = (this.start.take().expect(FIRST), state.take().expect(FIRST));
                none.insert(start(Keeper::clone(keeper), state))
            }
        };
        running.as_mut().poll(cx)
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
