//! The block of a scope: it runs, and then all tasks are waited for.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::core::Core;
use super::waiters::Place;
use crate::runtime::caught::Caught;
use crate::runtime::linger;
use crate::runtime::note;
use crate::runtime::noted::{Noted, lock};
use crate::runtime::place::At;
use crate::runtime::task::TaskPanic;
use crate::runtime::wake::wake_all;

/// What has ended a scope before its block and its tasks have.
pub(super) struct Failure {
    state: Noted<State>,
}

enum State {
    /// With the waker of the scope's own task.
    None(Option<Waker>),
    /// It is kept elsewhere.
    Error,
    Panic(TaskPanic),
}

impl Failure {
    pub(super) fn new() -> Self {
        Self {
            state: Noted::new(State::None(None)),
        }
    }

    /// Keeps a failure, unless something has failed before. Then it is returned.
    fn set(&self, core: &Core, failure: State, keep: impl FnOnce()) -> Option<State> {
        let mut state = lock(&self.state);
        let State::None(waker) = &mut *state else {
            return Some(failure);
        };
        let waker = waker.take();
        *state = failure;
        keep();
        drop(state);
        core.close();
        wake_all(waker);
        None
    }

    /// An error. `keep` stores it, under a lock, unless something has failed before.
    pub(super) fn error(&self, core: &Core, keep: impl FnOnce()) {
        self.set(core, State::Error, keep);
    }

    /// A panic of a task or of the block. One that comes later goes to the hook.
    pub(super) fn panic(&self, core: &Core, panic: TaskPanic) {
        if let Some(State::Panic(panic)) = self.set(core, State::Panic(panic), || {}) {
            panic.report();
        }
    }

    pub(super) fn take_panic(&self) -> Option<TaskPanic> {
        let mut state = lock(&self.state);
        if matches!(*state, State::Panic(_)) {
            if let State::Panic(panic) = std::mem::replace(&mut *state, State::Error) {
                return Some(panic);
            }
        }
        None
    }

    /// Whether something has failed. If not, the waker is woken when something does.
    fn has_failed(&self, waker: &Waker) -> bool {
        let mut fresh = None;
        loop {
            let mut state = lock(&self.state);
            let State::None(known) = &mut *state else {
                return true;
            };
            if known.as_ref().is_some_and(|known| known.will_wake(waker)) {
                return false;
            }
            if fresh.is_some() {
                let old = std::mem::replace(known, fresh);
                drop(state);
                drop(old);
                return false;
            }
            drop(state);
            fresh = Some(waker.clone());
        }
    }
}

pin_project! {
    /// Runs the block, and waits for all tasks. Returns the value of the block, if that has come to its end.
    pub(super) struct Run<'a, F: Future> {
        #[pin]
        block: Caught<F>,
        // Of the block, which has ended.
        value: Option<Option<F::Output>>,
        core: &'a Core,
        failure: &'a Failure,
        place: PlaceIn<'a>,
        at: At,
    }
}

struct PlaceIn<'a>(&'a Core, Place);

impl Drop for PlaceIn<'_> {
    fn drop(&mut self) {
        self.0.leave_waits(&mut self.1);
    }
}

impl<'a, F: Future> Run<'a, F> {
    pub(super) const fn new(block: F, core: &'a Core, failure: &'a Failure, at: At) -> Self {
        Self {
            block: Caught::new(block),
            value: None,
            core,
            failure,
            place: PlaceIn(core, Place::new()),
            at,
        }
    }
}

impl<F: Future> Future for Run<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if this.value.is_none() {
            if this.failure.has_failed(cx.waker()) {
                this.block.as_mut().abandon();
            }
            *this.value = Some(match ready!(this.block.poll(cx)) {
                Some(Ok(value)) => Some(value),
                Some(Err(panic)) => {
                    this.failure.panic(this.core, panic);
                    None
                }
                None => None,
            });
        }
        ready!(note::within(*this.at, || this
            .core
            .poll_end(&mut this.place.1, cx)));
        Poll::Ready(this.value.take().flatten())
    }
}

/// Sees to it that a scope that is dropped before its end has no task left: it cancels them, and leaves the wait for them to
/// whoever can wait.
pub(super) struct Ends(Arc<Core>);

impl Ends {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }
}

impl fmt::Debug for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ends").finish_non_exhaustive()
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").finish_non_exhaustive()
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.close();
        if self.0.running() > 0 {
            linger::leave(|| {
                let (core, place) = (Arc::clone(&self.0), Place::new());
                Box::pin(Over { core, place })
            });
        }
    }
}

/// Parks until no task of a group runs.
struct Over {
    core: Arc<Core>,
    place: Place,
}

impl Future for Over {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { core, place } = &mut *self;
        core.poll_end(place, cx)
    }
}

impl Drop for Over {
    fn drop(&mut self) {
        self.core.leave_waits(&mut self.place);
    }
}
