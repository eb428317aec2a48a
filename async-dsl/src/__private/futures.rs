//! What the words for futures take: `await!`, `join!`, `try_join!`, `race!`.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::runtime::task::{Outcome, Task};

/// What `await!` awaits.
#[diagnostic::on_unimplemented(
    message = "`await!` awaits a task, a promise or another future, not `{Self}`",
    label = "not a future"
)]
pub trait AwaitsOne: Sized {
    #[must_use]
    fn operand(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<F: IntoFuture> AwaitsOne for F {}

/// What `await!(each …)` awaits.
#[diagnostic::on_unimplemented(
    message = "`await!(each …)` awaits a list of tasks or other futures, not `{Self}`",
    label = "not a list of futures"
)]
pub trait AwaitsEach: Sized {
    #[must_use]
    fn operand(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<L: IntoIterator<Item: IntoFuture>> AwaitsEach for L {}

/// What `join!` joins.
#[diagnostic::on_unimplemented(
    message = "`join!` awaits tasks, promises and other futures, not `{Self}`",
    label = "not a future",
    note = "of a list write `join!(each tasks)`"
)]
pub trait JoinsOne: Sized {
    #[must_use]
    fn operand(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<F: IntoFuture> JoinsOne for F {}

/// What `join!(each …)` joins.
#[diagnostic::on_unimplemented(
    message = "`join!(each …)` awaits a list of tasks or other futures, not `{Self}`",
    label = "not a list of futures"
)]
pub trait JoinsEach: Sized {
    #[must_use]
    fn operand(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<L: IntoIterator<Item: IntoFuture>> JoinsEach for L {}

/// What `try_join!` joins.
#[diagnostic::on_unimplemented(
    message = "`try_join!` awaits tasks and other futures of a `Result`, not `{Self}`",
    label = "not a future of a `Result`",
    note = "of a list write `try_join!(each tasks)`"
)]
pub trait TriesOne: Sized {
    fn operand(self) -> Trying<Self> {
        Trying(Other(Some(self)))
    }
}

#[diagnostic::do_not_recommend]
impl<T, E, F: IntoFuture<Output = Result<T, E>>> TriesOne for F {}

/// What `try_join!(each …)` joins.
#[diagnostic::on_unimplemented(
    message = "`try_join!(each …)` awaits a list of tasks or other futures of a `Result`, not `{Self}`",
    label = "not a list of futures of a `Result`"
)]
pub trait TriesEach: Sized {
    fn operand(self) -> Trying<Self> {
        Trying(Other(Some(self)))
    }
}

#[diagnostic::do_not_recommend]
impl<T, E, L: IntoIterator<Item: IntoFuture<Output = Result<T, E>>>> TriesEach for L {}

/// An operand of `try_join!`, or a list of them. What is a task is found by its methods, what is not by those of [`Other`],
/// to which it dereferences.
#[derive(Debug)]
pub struct Trying<T>(Other<T>);

/// An operand that is dropped if another fails.
#[derive(Debug)]
pub struct Other<T>(Option<T>);

impl<F: Cancels> Trying<F> {
    /// The task, to be cancelled if another fails.
    pub fn one(mut self) -> CancelOnDrop<F> {
        CancelOnDrop::new(self.0.one())
    }
}

impl<L: IntoIterator<Item: Cancels>> Trying<L> {
    /// The tasks, to be cancelled if another fails.
    pub fn each(mut self) -> impl Iterator<Item = CancelOnDrop<L::Item>> {
        self.0.one().into_iter().map(CancelOnDrop::new)
    }
}

impl<T> Other<T> {
    pub fn one(&mut self) -> T {
        self.0.take().expect("an operand is taken once")
    }

    pub fn each(&mut self) -> T {
        self.one()
    }
}

impl<T> Deref for Trying<T> {
    type Target = Other<T>;

    fn deref(&self) -> &Other<T> {
        &self.0
    }
}

impl<T> DerefMut for Trying<T> {
    fn deref_mut(&mut self) -> &mut Other<T> {
        &mut self.0
    }
}

/// A task, or its outcome.
pub trait Cancels: Future + Unpin {
    /// Cancels the task, and does not wait for that.
    fn cancel(self);
}

impl<T: Send + 'static> Cancels for Task<T> {
    fn cancel(self) {
        drop(self.cancel());
    }
}

impl<T: Send + 'static> Cancels for Outcome<T> {
    fn cancel(self) {
        drop(self.into_task().cancel());
    }
}

/// A task that is cancelled if this is dropped before it has ended. It knows how, so that it is a future of any task, also
/// where rustc does not see that what the task gives is `'static`: in a future that is sent.
pub struct CancelOnDrop<F> {
    task: Option<F>,
    cancel: fn(F),
}

impl<F: Cancels> CancelOnDrop<F> {
    const fn new(task: F) -> Self {
        Self {
            task: Some(task),
            cancel: F::cancel,
        }
    }
}

impl<F: Future + Unpin> Future for CancelOnDrop<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let task = self.task.as_mut();
        let polled = Pin::new(task.expect("it was awaited before")).poll(cx);
        if polled.is_ready() {
            self.task = None;
        }
        polled
    }
}

impl<F> Drop for CancelOnDrop<F> {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            (self.cancel)(task);
        }
    }
}

impl<F> fmt::Debug for CancelOnDrop<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelOnDrop").finish_non_exhaustive()
    }
}

/// What `race!` races.
#[diagnostic::on_unimplemented(
    message = "`race!` awaits tasks, promises and other futures, not `{Self}`",
    label = "not a future",
    note = "of a list write `race!(each futures)`"
)]
pub trait RacesOne: Sized {
    #[must_use]
    fn operand(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<F: IntoFuture> RacesOne for F {}

/// What `race!(each …)` races.
#[diagnostic::on_unimplemented(
    message = "`race!(each …)` awaits a list of tasks or other futures, not `{Self}`",
    label = "not a list of futures"
)]
pub trait RacesEach: Sized {
    #[must_use]
    fn operand(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<L: IntoIterator<Item: IntoFuture>> RacesEach for L {}
