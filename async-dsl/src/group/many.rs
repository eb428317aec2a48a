//! The group itself.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::core::Core;
use super::ended::{Shared, outcome};
use super::inspected::Kind;
use super::start::Start;
use super::take::Take;
use super::token::CancelToken;
use super::waiters::Place;
use crate::chan::Source;
use crate::runtime::id::Name;
use crate::runtime::place::{At, Line};
use crate::runtime::task::TaskError;

/// Tasks that belong together: `JoinSet` of tokio, `errgroup` and `sync.WaitGroup` of Go.
///
/// `go!(group = g, { … })` starts a task of the group, and returns a [`Canceller`](crate::task::Canceller) of it.
/// `take!(g)` returns how the next task ended, in the order in which they do: `Some(Ok(value))`, or `Some(Err(error))`
/// if it panicked or was cancelled; `None` if no task of the group is left. It is an arm of [`alt!`](crate::alt!), too.
/// An outcome that is not taken stays in the group. So a panic reaches whoever takes; if the group is dropped first, the hook
/// of [`on_unobserved_panic`](crate::task::on_unobserved_panic).
///
/// **Dropping the group cancels its tasks**, each at its next parking point, and does not wait for them:
/// [`cancel`](Self::cancel) does.
///
/// Several tasks may start and take: share the group in an [`Arc`].
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async_block!({
///     let squares = Group::new();
///     for n in 1..=3 {
///         go!(group = squares, { n * n });
///     }
///     let mut sum = 0;
///     while let Some(square) = take!(squares) {
///         sum += square.unwrap();
///     }
///     assert_eq!(sum, 14);
/// }));
/// ```
pub struct Group<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Group<T> {
    /// Returns a group without tasks. It shows in [`dump!`](crate::dump!) with this line.
    #[track_caller]
    pub fn new() -> Self {
        Self::of(Kind::Group)
    }

    #[track_caller]
    pub(crate) fn of(kind: Kind) -> Self {
        let core = Core::new(kind, Location::caller());
        let shared = Arc::new(Shared::new(core));
        Self { shared }
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.shared.core
    }

    pub(super) fn take_all(&self) -> Vec<Result<T, TaskError>> {
        self.shared.take_all()
    }

    /// Gives the group a name, by which [`inspect`](crate::inspect) shows it.
    ///
    /// ```
    /// let workers = async_dsl::task::Group::<()>::new().named("workers");
    /// assert!(async_dsl::inspect::snapshot().to_string().contains("workers"));
    /// # drop(workers);
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.shared.core.name(name.into());
        self
    }

    /// From now on a start parks while `limit` tasks of the group run. Those that have ended do not count, taken or not.
    /// Tasks that run already go on, even if they are more.
    ///
    /// With a limit of 0 every start parks, until a higher one is set.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async_block!({
    ///     let g = Group::new();
    ///     g.limit(2);
    ///     let begun = async_dsl::time::now();
    ///     for _ in 0..6 {
    ///         go!(group = g, { sleep!(2ms) });
    ///     }
    ///     while let Some(Ok(())) = take!(g) {}
    ///     assert!(begun.elapsed() >= 6ms); // two at a time
    /// }));
    /// ```
    pub fn limit(&self, limit: usize) {
        self.shared.core.set_limit(limit);
    }

    /// Returns how many tasks of the group run, or have ended and were not taken.
    ///
    /// ```
    /// assert_eq!(async_dsl::task::Group::<()>::new().len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.shared.core.len()
    }

    /// Returns whether no task of the group is left, so that a take would return `None`.
    ///
    /// ```
    /// assert!(async_dsl::task::Group::<()>::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many tasks of the group run.
    ///
    /// ```
    /// assert_eq!(async_dsl::task::Group::<()>::new().running(), 0);
    /// ```
    pub fn running(&self) -> usize {
        self.shared.core.running()
    }

    /// Cancels the tasks of the group that run now, each at its next parking point. This takes effect at once; awaiting the
    /// result parks until all of them have ended and dropped what they held.
    ///
    /// Nothing is lost: the outcomes can be taken as before, `Err(Cancelled)` of those that were stopped. Tasks that are
    /// started later run. Dropping the future undoes nothing.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::task::TaskError;
    ///
    /// async_dsl::block_on(async_block!({
    ///     let g = Group::new();
    ///     let lines = chan::fixed::<()>(0);
    ///     go!(group = g, |lines| { take!(lines) });
    ///     g.cancel().await;
    ///     assert!(matches!(take!(g), Some(Err(TaskError::Cancelled { .. }))));
    ///     assert!(take!(g).is_none());
    /// }));
    /// ```
    pub fn cancel(&self) -> CancelAll<'_> {
        CancelAll::new(&self.shared.core)
    }

    /// Takes how the next task ended; this is what `take!` calls. Returns `None` if no task of the group is left.
    ///
    /// Parks until a task has ended. Dropping the future loses nothing.
    ///
    /// ```
    /// use async_dsl::task::Group;
    ///
    /// async_dsl::block_on(async {
    ///     let g = Group::new();
    ///     g.spawn(async { 42 }).await;
    ///     assert_eq!(g.take().await.unwrap().unwrap(), 42);
    ///     assert!(g.take().await.is_none());
    /// });
    /// ```
    #[track_caller]
    pub fn take(&self) -> Take<'_, T> {
        Take::new(&self.shared, At::caller())
    }

    /// Takes how a task ended, if one has. It never parks. Returns `None` if none has ended that was not taken.
    ///
    /// ```
    /// assert!(async_dsl::task::Group::<()>::new().try_take().is_none());
    /// ```
    pub fn try_take(&self) -> Option<Result<T, TaskError>> {
        match self.shared.try_take() {
            Poll::Ready(taken) => taken.map(|(_, at, finished)| outcome(at, finished)),
            Poll::Pending => None,
        }
    }
}

impl<T: Send + 'static> Group<T> {
    /// Starts a future as a task of the group; this is what `go!(group = g, …)` calls. Returns a
    /// [`Canceller`](crate::task::Canceller) of the task.
    ///
    /// Parks while the [limit](Self::limit) is reached. Dropped before it is done, it has started nothing. The task runs on
    /// the scheduler of the running task or, outside tasks, on the one that was entered or the global one.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Start<'_, F>
    where
        F: Future<Output = T> + Send + 'static,
    {
        self.start(future, (None, None), Location::caller())
    }

    pub(crate) fn start<F>(
        &self,
        future: F,
        options: (Option<Name>, Option<CancelToken>),
        at: Line,
    ) -> Start<'_, F>
    where
        F: Future<Output = T> + Send + 'static,
    {
        Start::new(&self.shared, future, options, at)
    }
}

impl<T> Source for Group<T> {
    type Item = Result<T, TaskError>;
    type Take<'a>
        = Take<'a, T>
    where
        Self: 'a;

    fn take_operation(&self, at: At) -> Take<'_, T> {
        Take::new(&self.shared, at)
    }
}

impl<T> Default for Group<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for Group<T> {
    fn drop(&mut self) {
        self.shared.core.cancel();
        self.shared.clear();
    }
}

impl<T> fmt::Debug for Group<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("running", &self.running())
            .field("made_at", &format_args!("{}", self.shared.core.made_at()))
            .finish_non_exhaustive()
    }
}

/// The future of [`Group::cancel`] and [`Scope::cancel`](super::Scope::cancel). The tasks are cancelled whether or not this is awaited.
pub struct CancelAll<'a> {
    core: &'a Core,
    up_to: u64,
    place: Place,
}

impl<'a> CancelAll<'a> {
    pub(super) fn new(core: &'a Core) -> Self {
        let up_to = core.cancel();
        let place = Place::new();
        Self { core, up_to, place }
    }
}

impl Future for CancelAll<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { core, up_to, place } = &mut *self;
        core.poll_over(*up_to, place, cx)
    }
}

impl Drop for CancelAll<'_> {
    fn drop(&mut self) {
        self.core.leave_waits(&mut self.place);
    }
}

impl fmt::Debug for CancelAll<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelAll").finish_non_exhaustive()
    }
}
