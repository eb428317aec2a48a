//! A scope: a block that ends when all tasks that were started in it have ended.

use std::fmt;
use std::future::Future;
use std::panic::{Location, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::core::Core;
use super::held;
use super::inspected::Kind;
use super::many::CancelAll;
use super::run::{Ends, Failure, Run};
use super::token::CancelToken;
use super::waiters::Place;
use crate::runtime::caught::Caught;
use crate::runtime::id::Name;
use crate::runtime::linger;
use crate::runtime::noted::{Noted, lock};
use crate::runtime::place::{At, Line};
use crate::runtime::running::current;
use crate::runtime::task::Task;

/// The `s` of [`scope!(|s| { … })`](crate::scope!): where its tasks are started. `O` is the type of the block's value.
///
/// `go!(group = s, { … })` starts a task of the scope, and returns its [`Task`], which may be awaited, or dropped: the
/// scope waits for it in any case. A task that starts others, or [fails](Self::fail), has a clone: `go!(group = s, |s| { … })`.
/// The scope is over when its block and its tasks are; a start after that panics.
pub struct Scope<O> {
    inner: Arc<Inner>,
    /// What the scope returns instead of the value of the block.
    failed: Arc<Noted<Option<O>>>,
}

struct Inner {
    core: Arc<Core>,
    failure: Failure,
}

impl<O> Scope<O> {
    /// From now on a start parks while `limit` tasks of the scope run, as in a [`Group`](super::Group::limit).
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async_block!({
    ///     scope!(|s| {
    ///         s.limit(2);
    ///         for n in 0..10 {
    ///             go!(group = s, { n });
    ///         }
    ///     });
    /// }));
    /// ```
    pub fn limit(&self, limit: usize) {
        self.inner.core.set_limit(limit);
    }

    /// Returns how many tasks of the scope run.
    pub fn running(&self) -> usize {
        self.inner.core.running()
    }

    /// Cancels the tasks of the scope that run now, each at its next parking point; the block goes on. This takes effect at
    /// once; awaiting the result parks until all of them have ended and dropped what they held. So a task of the scope
    /// must not await it.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async_block!({
    ///     scope!(|s| {
    ///         go!(group = s, { loop { sleep!(1s) } });
    ///         s.cancel();
    ///     });
    /// }));
    /// ```
    pub fn cancel(&self) -> CancelAll<'_> {
        CancelAll::new(&self.inner.core)
    }

    pub(crate) fn start<F>(
        &self,
        future: F,
        options: (Option<Name>, Option<CancelToken>),
        at: Line,
    ) -> StartInScope<'_, F> {
        let (name, token) = options;
        StartInScope {
            inner: &self.inner,
            future: Some(future),
            name,
            token,
            at,
            place: Place::new(),
        }
    }
}

impl<T, E> Scope<Result<T, E>> {
    /// Makes `Err(error)` the result of the scope, and cancels the block and all tasks, each at its next parking point; also the
    /// one that calls this. The scope returns when they have ended. Returns the error if something has failed before: the
    /// first failure counts.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async_block!({
    ///     let result = scope!(|s| -> Result<u32, String> {
    ///         go!(group = s, |s| {
    ///             s.fail("no luck".to_string());
    ///         });
    ///         sleep!(1h);
    ///         Ok(1)
    ///     });
    ///     assert_eq!(result, Err("no luck".to_string()));
    /// }));
    /// ```
    #[allow(clippy::must_use_candidate)]
    pub fn fail(&self, error: E) -> Option<E> {
        let mut error = Some(error);
        let Inner { core, failure } = &*self.inner;
        failure.error(core, || {
            *lock(&self.failed) = error.take().map(Err);
        });
        error
    }
}

impl<O> Clone for Scope<O> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            failed: Arc::clone(&self.failed),
        }
    }
}

impl<O> fmt::Debug for Scope<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("running", &self.running())
            .field("made_at", &format_args!("{}", self.inner.core.made_at()))
            .finish_non_exhaustive()
    }
}

/// `scope!`.
#[derive(Debug)]
pub struct Scoped<O> {
    scope: Scope<O>,
    _ends: Ends,
    at: At,
}

impl<O> Scoped<O> {
    /// Returns a scope without tasks.
    #[track_caller]
    pub fn new(at: At) -> Self {
        let core = Core::new(Kind::Scope, Location::caller());
        let ends = Ends::new(Arc::clone(&core));
        let failure = Failure::new();
        Self {
            scope: Scope {
                inner: Arc::new(Inner { core, failure }),
                failed: Arc::new(Noted::new(None)),
            },
            _ends: ends,
            at,
        }
    }

    /// Returns what the block has.
    pub fn handle(&self) -> &Scope<O> {
        &self.scope
    }

    /// Runs the block, and waits for the tasks.
    pub async fn run<F: Future<Output = O>>(&self, block: F) -> O {
        let Inner { core, failure } = &*self.scope.inner;
        let value = Run::new(block, core, failure, self.at).await;
        if let Some(panic) = failure.take_panic() {
            resume_unwind(panic.into_panic());
        }
        let failed = lock(&self.scope.failed).take();
        match failed.or(value) {
            Some(value) => value,
            None => unreachable!("a block that has no value has failed"),
        }
    }
}

/// The future of `go!(group = s, …)` in a [`scope!`](crate::scope!). Returns the [`Task`].
///
/// Parks while the scope's [limit](Scope::limit) is reached. Dropped before it is done, it has started nothing.
#[must_use = "futures do nothing unless awaited"]
pub struct StartInScope<'a, F> {
    inner: &'a Arc<Inner>,
    future: Option<F>,
    name: Option<Name>,
    token: Option<CancelToken>,
    at: Line,
    place: Place,
}

// The future is polled by its task only.
impl<F> Unpin for StartInScope<'_, F> {}

impl<F> Future for StartInScope<'_, F>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    type Output = Task<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Task<F::Output>> {
        let this = &mut *self;
        assert!(
            this.future.is_some(),
            "a start was polled after it was done"
        );
        let core = &this.inner.core;
        let number = ready!(core.poll_enter(&mut this.place, At::line(this.at), cx));
        let Some(future) = this.future.take() else {
            unreachable!("it was there a moment ago")
        };
        let name = this.name.take().map(Box::new);
        let inner = Arc::clone(this.inner);
        let task = held::seated(this.token.take(), |token| {
            let seat = Seat {
                inner,
                number,
                _token: token,
            };
            let future = Caught::new(future);
            current().spawn_named(Member { future, seat }, name, this.at)
        });
        core.seat(number, task.remote());
        Poll::Ready(task)
    }
}

impl<F> Drop for StartInScope<'_, F> {
    fn drop(&mut self) {
        self.inner.core.leave_starters(&mut self.place);
    }
}

impl<F> fmt::Debug for StartInScope<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartInScope").finish_non_exhaustive()
    }
}

pin_project! {
    /// A task of a scope: the user's future, and the place that it leaves when it was dropped.
    struct Member<F> {
        // First, so that it is dropped first.
        #[pin]
        future: Caught<F>,
        seat: Seat,
    }
}

struct Seat {
    inner: Arc<Inner>,
    number: u64,
    _token: Option<held::Seat>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let (inner, number) = (Arc::clone(&self.inner), self.number);
        // What the task held may be held by the tasks of a scope of its own.
        linger::after(move || inner.core.left(number));
    }
}

impl<F: Future> Future for Member<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        match ready!(this.future.poll(cx)) {
            Some(Ok(value)) => Poll::Ready(value),
            Some(Err(panic)) => {
                // This cancels the task, too, which so ends without a value.
                let Inner { core, failure } = &*this.seat.inner;
                failure.panic(core, panic);
                Poll::Pending
            }
            None => Poll::Pending,
        }
    }
}
