//! What can lose, and how exactly one wins: the commit flag, who meets at it, and the line they wait in.

use std::sync::Arc;
use std::task::{Context, Poll};

use crate::commit::flag::Selection;
use crate::commit::party::{Asker, Mode, Who};
use crate::runtime::place::At;

use line::Key;

pub(crate) mod flag;
pub(crate) mod line;
pub(crate) mod party;

/// An operation that can be an arm of [`alt!`](crate::alt!) or an element of [`alts`]: one that can lose.
///
/// The contract: dropped before it is done, the operation has not happened, and nothing is lost. Takes and
/// reservations on channels, sleeps, and promises and tasks by reference are such operations. A future of any
/// other kind is not: start it as a task with [`go!`](crate::go!) and let the arm await the task, which runs on
/// if it loses; or, if it loses nothing when it is dropped, write [`cancel_safe`] around it. The trait cannot be
/// implemented outside this crate; [`CanLose`] can.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an arm of `alt!`",
    label = "not an operation that can lose",
    note = "elements of `alts` are `channel.take()`, `channel.reserve()` and the like; in an `alt!` an arm can await a task: \
            `go!` the future, and a task that loses runs on",
    note = "a future that loses nothing when it is dropped is one with `cancel_safe(future)`"
)]
pub trait Operation {
    /// What the operation gives when it wins.
    type Output;

    /// Tries to do the operation, or to get in line for it.
    #[doc(hidden)]
    fn attempt(&mut self, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output>;

    /// Fetches the result after a partner has won the flag for this arm. Pending while the partner has
    /// promised a value that is not there yet.
    #[doc(hidden)]
    fn collect(&mut self) -> Poll<Self::Output>;

    /// Leaves every line. What was handed over already goes back.
    #[doc(hidden)]
    fn withdraw(&mut self);

    /// The same, unless it has happened: then its output, in one step.
    #[doc(hidden)]
    fn end(&mut self) -> Poll<Self::Output> {
        self.withdraw();
        Poll::Pending
    }

    /// Whether this operation is looked at by polling, and consumed by looking.
    #[doc(hidden)]
    fn is_polled(&self) -> bool {
        false
    }

    /// Where it stands in the program.
    #[doc(hidden)]
    fn at(&self) -> At {
        At::Unknown
    }
}

/// How far an attempt goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Only what can be done at once.
    Now,
    /// Also accept a partner's promise.
    Promise,
    /// Also get in line.
    Park,
}

/// One attempt at one arm.
#[doc(hidden)]
#[derive(Debug)]
pub struct Attempt<'a, 'cx> {
    pub(crate) cx: &'a mut Context<'cx>,
    pub(crate) depth: Depth,
    pub(crate) selection: Option<&'a Arc<Selection>>,
    pub(crate) arm: usize,
}

impl Attempt<'_, '_> {
    pub(crate) fn asker(&self) -> Asker<'_> {
        match self.selection {
            Some(selection) => Asker::Arm(selection, self.arm),
            None => Asker::Free,
        }
    }

    pub(crate) fn mode(&self, key: Option<Key>) -> (Mode, Option<Who>) {
        let mode = match (self.depth, key) {
            (Depth::Now, _) => Mode::Now,
            (_, Some(key)) => Mode::Again(key),
            (Depth::Promise, None) => Mode::Promise,
            (Depth::Park, None) => Mode::Park,
        };
        (
            mode,
            self.selection
                .map(|selection| Who::Arm(Arc::clone(selection), self.arm)),
        )
    }
}

/// What came of an attempt.
#[doc(hidden)]
#[derive(Debug)]
pub enum Attempted<O> {
    /// Done: this arm wins.
    Ready(O),
    /// Not ready, or promised; in line if that was asked for.
    Idle,
    /// A partner is there that has still to bring its value.
    Partner,
    /// Another arm was won meanwhile.
    Lost,
}

impl<O> Attempted<O> {
    pub(crate) fn map<P>(self, f: impl FnOnce(O) -> P) -> Attempted<P> {
        match self {
            Self::Ready(output) => Attempted::Ready(f(output)),
            Self::Idle => Attempted::Idle,
            Self::Partner => Attempted::Partner,
            Self::Lost => Attempted::Lost,
        }
    }
}

/// A guarded arm: `None` is never ready.
impl<O: Operation> Operation for Option<O> {
    type Output = O::Output;

    fn attempt(&mut self, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        self.as_mut()
            .map_or(Attempted::Idle, |operation| operation.attempt(attempt))
    }

    fn collect(&mut self) -> Poll<Self::Output> {
        self.as_mut().map_or(Poll::Pending, O::collect)
    }

    fn withdraw(&mut self) {
        if let Some(operation) = self {
            operation.withdraw();
        }
    }

    fn is_polled(&self) -> bool {
        self.as_ref().is_some_and(O::is_polled)
    }

    fn at(&self) -> At {
        self.as_ref().map_or(At::Unknown, O::at)
    }
}

impl<O: Operation + ?Sized> Operation for Box<O> {
    type Output = O::Output;

    fn attempt(&mut self, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        (**self).attempt(attempt)
    }

    fn collect(&mut self) -> Poll<Self::Output> {
        (**self).collect()
    }

    fn withdraw(&mut self) {
        (**self).withdraw();
    }

    fn is_polled(&self) -> bool {
        (**self).is_polled()
    }

    fn at(&self) -> At {
        (**self).at()
    }
}

/// What `await!(x)` accepts as an arm of [`alt!`](crate::alt!): something that can be waited for by reference and
/// loses nothing if the wait is given up.
///
/// # Contract
///
/// The future that [`operation`](Self::operation) gives must have done nothing until it is ready, and dropping it
/// before must leave `self` as it was, so that it can be waited for again.
///
/// # Examples
///
/// ```
/// use async_dsl::alt::CanLose;
/// use async_dsl::chan::{Chan, Take};
///
/// /// A bell that rings once for everybody who waits.
/// struct Bell(Chan<()>);
///
/// impl CanLose for Bell {
///     type Output = Option<()>;
///     type Op<'a> = Take<'a, ()>;
///     fn operation(&self) -> Take<'_, ()> {
///         self.0.take()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be awaited in an arm of `alt!`: losing could lose its work",
    label = "not a promise or a task",
    note = "start it with `go!({{ … }})` before the `alt!` and await the task here: a task that loses runs on",
    note = "if dropping it before it is ready loses nothing, say so: `await!(cancel_safe(future))`"
)]
pub trait CanLose {
    /// What waiting gives.
    type Output;
    /// The wait.
    type Op<'a>: Future<Output = Self::Output> + Unpin
    where
        Self: 'a;

    /// Starts to wait. Nothing happens to `self` before the wait is over.
    fn operation(&self) -> Self::Op<'_>;
}

impl<O: CanLose + ?Sized> CanLose for &O {
    type Output = O::Output;
    type Op<'a>
        = O::Op<'a>
    where
        Self: 'a;

    fn operation(&self) -> Self::Op<'_> {
        (**self).operation()
    }
}

impl<O: CanLose + ?Sized> CanLose for &mut O {
    type Output = O::Output;
    type Op<'a>
        = O::Op<'a>
    where
        Self: 'a;

    fn operation(&self) -> Self::Op<'_> {
        (**self).operation()
    }
}
