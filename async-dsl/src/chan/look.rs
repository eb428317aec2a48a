//! Looking at one's own waiter: is it served, and if not, will it wake the right task?

use std::task::{Context, Poll, Waker};

use super::effects::Effects;
use super::shared::Shared;
use super::state::State;
use crate::commit::party::Who;
use crate::runtime::note;

/// What a look found.
pub(super) enum Look<R> {
    Done(R),
    /// Still waiting. A waker that was replaced is dropped once the lock is released.
    Waiting(#[allow(dead_code, reason = "carried out of the lock to be dropped")] Option<Waker>),
    /// Still waiting, with a waker of another task: look again with a fresh one.
    NeedsWaker,
}

/// Looks until the waiter is served or waits with the waker of `cx`. Without `cx` it keeps its waker.
///
/// Wakers are cloned and dropped outside the lock.
pub(super) fn look<T, R>(
    chan: &Shared<T>,
    cx: Option<&Context<'_>>,
    mut at_waiter: impl FnMut(
        &mut State<T>,
        &mut Effects<T>,
        &mut dyn FnMut(&mut Who) -> Look<R>,
    ) -> Look<R>,
) -> Poll<R> {
    let mut fresh: Option<Waker> = None;
    loop {
        let mut keep = |who: &mut Who| {
            let (Some(cx), Who::Task(waker) | Who::Stream(waker)) = (cx, who) else {
                return Look::Waiting(None);
            };
            if waker.as_ref().is_some_and(|old| old.will_wake(cx.waker())) {
                return Look::Waiting(None);
            }
            match fresh.take() {
                None => Look::NeedsWaker,
                fresh => Look::Waiting(std::mem::replace(waker, fresh)),
            }
        };
        match chan.with(|state, fx| at_waiter(state, fx, &mut keep)) {
            Look::Done(result) => return Poll::Ready(result),
            Look::Waiting(_) => {
                note::in_line();
                return Poll::Pending;
            }
            Look::NeedsWaker => fresh = cx.map(|cx| cx.waker().clone()),
        }
    }
}
