//! Starting a task of a group.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::ended::{Member, Shared};
use super::held;
use super::token::CancelToken;
use super::waiters::Place;
use crate::runtime::id::Name;
use crate::runtime::place::{At, Line};
use crate::runtime::running::current;
use crate::runtime::task::Canceller;

/// The future of `go!(group = g, …)`, and of [`Group::spawn`](super::Group::spawn). Returns a [`Canceller`] of the task.
///
/// Parks while the group's [limit](super::Group::limit) is reached, first come, first served; without a limit it never
/// does. Dropped before it is done, it has started nothing, and what the task was to own is dropped with it.
#[must_use = "futures do nothing unless awaited"]
pub struct Start<'a, F: Future> {
    shared: &'a Arc<Shared<F::Output>>,
    future: Option<F>,
    name: Option<Name>,
    token: Option<CancelToken>,
    at: Line,
    place: Place,
}

impl<'a, F: Future> Start<'a, F> {
    pub(super) fn new(
        shared: &'a Arc<Shared<F::Output>>,
        future: F,
        (name, token): (Option<Name>, Option<CancelToken>),
        at: Line,
    ) -> Self {
        Self {
            shared,
            future: Some(future),
            name,
            token,
            at,
            place: Place::new(),
        }
    }
}

// The future is polled by its task only.
impl<F: Future> Unpin for Start<'_, F> {}

impl<F> Future for Start<'_, F>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    type Output = Canceller;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Canceller> {
        let this = &mut *self;
        assert!(
            this.future.is_some(),
            "a start was polled after it was done"
        );
        let core = &this.shared.core;
        let number = ready!(core.poll_enter(&mut this.place, At::line(this.at), cx));
        let Some(future) = this.future.take() else {
            unreachable!("it was there a moment ago")
        };
        let name = this.name.take().map(Box::new);
        let shared = Arc::clone(this.shared);
        let task = held::seated(this.token.take(), |seat| {
            let member = Member::new(future, shared, number, this.at, seat);
            current().spawn_named(member, name, this.at)
        });
        let remote = task.remote();
        core.seat(number, remote.clone());
        Poll::Ready(Canceller::of(remote, this.at))
    }
}

impl<F: Future> Drop for Start<'_, F> {
    fn drop(&mut self) {
        self.shared.core.leave_starters(&mut self.place);
    }
}

impl<F: Future> fmt::Debug for Start<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start").finish_non_exhaustive()
    }
}
