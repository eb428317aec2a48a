//! Operations that can lose, and how exactly one wins: the commit flag, the parties that claim each other, the line of
//! waiters.

pub(crate) mod flag;
pub(crate) mod line;
pub(crate) mod marks;
pub(crate) mod party;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use flag::Flag;
use party::Party;

use crate::runtime::explore::access::Form;
use crate::runtime::object::Object;
use crate::runtime::place::At;

/// An operation that can be an arm of [`alt!`](crate::alt!) or an element of [`alts`](crate::alt::alts): one that can lose.
///
/// The contract: dropped before it is done, the operation has not happened, and nothing is lost. Takes and
/// reservations on channels, sleeps, and promises and tasks by reference are such operations. A future of any
/// other kind is not: start it as a task with [`go!`](crate::go!) and let the arm await the task, which runs on
/// if it loses; or, if it loses nothing when it is dropped, wrap it in [`cancel_safe`](crate::alt::cancel_safe). The
/// trait cannot be implemented outside this crate; [`CanLose`] can, and [`mapped`](crate::alt::mapped) gives an operation another
/// output.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an arm of `alt!`",
    label = "not an operation that can lose",
    note = "elements of `alts` are `channel.take()`, `channel.reserve()` and the like; in an `alt!` an arm can await a task: \
            `go!` the future, and a task that loses runs on",
    note = "a future that loses nothing when it is dropped is one with `cancel_safe(future)`"
)]
pub trait Operation {
    /// The output of an operation that wins.
    type Output;

    /// Does the operation if it can be done at once, or gets in line for it, as far as the attempt allows.
    #[doc(hidden)]
    fn attempt(self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output>;

    /// As [`attempt`](Self::attempt) by an `alt!` that no partner can see, before this operation is pinned. `None` if it has to
    /// be pinned for that.
    #[doc(hidden)]
    fn attempt_unpinned(&mut self) -> Option<Attempted<Self::Output>> {
        None
    }

    /// Returns the output after a partner has won the flag for this arm. Pending while the partner has only promised it.
    /// No partner wins an arm that is [polled](Self::is_polled).
    #[doc(hidden)]
    fn collect(self: Pin<&mut Self>) -> Poll<Self::Output> {
        Poll::Pending
    }

    /// Leaves the line. A value or a place that it was handed already goes to the next waiter, or back.
    #[doc(hidden)]
    fn withdraw(self: Pin<&mut Self>);

    /// As [`withdraw`](Self::withdraw), unless the operation has happened: then this returns its output. Both in one
    /// critical section.
    #[doc(hidden)]
    fn end(self: Pin<&mut Self>) -> Poll<Self::Output> {
        self.withdraw();
        Poll::Pending
    }

    /// Returns `false` only if an [`attempt`](Self::attempt) at this moment would find nothing: neither an output nor a
    /// partner. It takes no lock. A `true` promises nothing. For attempts that do not wait, and for the order of arms; an arm
    /// that is about to park has to attempt in any case, because what comes after this look would not find it in line.
    #[doc(hidden)]
    fn may_be_ready(&self) -> bool {
        true
    }

    /// Returns whether this operation polls a future, and is consumed by a successful poll.
    #[doc(hidden)]
    fn is_polled(&self) -> bool {
        false
    }

    /// Returns its place in the program.
    #[doc(hidden)]
    fn at(&self) -> At {
        At::UNKNOWN
    }

    /// Returns what is to be seen of its channel, if it has one, where every schedule is explored.
    #[doc(hidden)]
    fn seen(&self) -> Option<Seen> {
        None
    }
}

/// What an `alt!` sees of a channel before it begins, where every schedule is explored.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub(crate) object: Object,
    pub(crate) form: Form,
    /// The arm reserves a place, and takes nothing.
    pub(crate) reserves: bool,
    /// It would find something at once.
    pub(crate) is_ready: bool,
}

/// How far an attempt goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Depth<'a> {
    /// Only what can be done at once, without a flag: no partner can see this `alt!`.
    Now,
    /// Under this flag; a partner's promise is accepted too.
    Promise(&'a Arc<Flag>),
    /// As `Promise`; if nothing is ready, get in line.
    Park(&'a Arc<Flag>),
    /// Where every schedule is explored: get in line, and win the flag there if something is ready. The output is for the next
    /// turn.
    Begin(&'a Arc<Flag>),
}

/// One attempt at one arm.
#[derive(Debug)]
pub struct Attempt<'a, 'cx> {
    pub(crate) cx: &'a mut Context<'cx>,
    depth: Depth<'a>,
    arm: usize,
}

impl<'a, 'cx> Attempt<'a, 'cx> {
    pub(crate) const fn new(cx: &'a mut Context<'cx>, depth: Depth<'a>, arm: usize) -> Self {
        Self { cx, depth, arm }
    }

    pub(crate) const fn depth(&self) -> Depth<'a> {
        self.depth
    }

    /// Returns the party that this arm is for its partners.
    pub(crate) fn party(&self, flag: &Arc<Flag>) -> Party {
        // It fits: 2³² arms would fill hundreds of gigabytes.
        let arm = u32::try_from(self.arm).unwrap_or(u32::MAX);
        Party::Arm(Arc::clone(flag), arm)
    }
}

/// The outcome of an attempt.
#[derive(Debug)]
pub enum Attempted<O> {
    /// Done: this arm wins.
    Ready(O),
    /// Not ready, or promised; in line if that was asked for.
    Idle,
    /// Not ready, but a reservation would promise its value to an attempt that accepts promises.
    Partner,
    /// A partner has won the flag meanwhile, for this arm or another.
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

    fn attempt(self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        self.as_pin_mut()
            .map_or(Attempted::Idle, |operation| operation.attempt(attempt))
    }

    fn attempt_unpinned(&mut self) -> Option<Attempted<Self::Output>> {
        self.as_mut()
            .map_or(Some(Attempted::Idle), O::attempt_unpinned)
    }

    fn collect(self: Pin<&mut Self>) -> Poll<Self::Output> {
        self.as_pin_mut().map_or(Poll::Pending, O::collect)
    }

    fn withdraw(self: Pin<&mut Self>) {
        if let Some(operation) = self.as_pin_mut() {
            operation.withdraw();
        }
    }

    fn may_be_ready(&self) -> bool {
        self.as_ref().is_some_and(O::may_be_ready)
    }

    fn is_polled(&self) -> bool {
        self.as_ref().is_some_and(O::is_polled)
    }

    fn at(&self) -> At {
        self.as_ref().map_or(At::UNKNOWN, O::at)
    }

    fn seen(&self) -> Option<Seen> {
        self.as_ref().and_then(O::seen)
    }
}

impl<O: Operation + ?Sized> Operation for Pin<Box<O>> {
    type Output = O::Output;

    fn attempt(self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        self.get_mut().as_mut().attempt(attempt)
    }

    fn collect(self: Pin<&mut Self>) -> Poll<Self::Output> {
        self.get_mut().as_mut().collect()
    }

    fn withdraw(self: Pin<&mut Self>) {
        self.get_mut().as_mut().withdraw();
    }

    fn end(self: Pin<&mut Self>) -> Poll<Self::Output> {
        self.get_mut().as_mut().end()
    }

    fn may_be_ready(&self) -> bool {
        (**self).may_be_ready()
    }

    fn is_polled(&self) -> bool {
        (**self).is_polled()
    }

    fn at(&self) -> At {
        (**self).at()
    }

    fn seen(&self) -> Option<Seen> {
        (**self).seen()
    }
}

/// What `await!(x)` accepts as an arm of [`alt!`](crate::alt!): a value that can be waited for by reference, and that
/// loses nothing if the wait is dropped.
///
/// # Contract
///
/// The future that [`wait`](Self::wait) returns must have no effect until it is ready, and dropping it before that must
/// leave `self` as it was, so that it can be waited for again.
///
/// # Examples
///
/// ```
/// use async_dsl::alt::CanLose;
/// use async_dsl::chan::{Chan, Take};
///
/// /// A bell: each ring ends one wait.
/// struct Bell(Chan<()>);
///
/// impl CanLose for Bell {
///     type Output = Option<()>;
///     type Wait<'a> = Take<'a, ()>;
///     fn wait(&self) -> Take<'_, ()> {
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
    /// The output of the wait.
    type Output;
    /// The future that waits.
    type Wait<'a>: Future<Output = Self::Output>
    where
        Self: 'a;

    /// Returns a future that waits. Nothing happens to `self` before it is ready.
    fn wait(&self) -> Self::Wait<'_>;
}

impl<O: CanLose + ?Sized> CanLose for &O {
    type Output = O::Output;
    type Wait<'a>
        = O::Wait<'a>
    where
        Self: 'a;

    fn wait(&self) -> Self::Wait<'_> {
        (**self).wait()
    }
}

impl<O: CanLose + ?Sized> CanLose for &mut O {
    type Output = O::Output;
    type Wait<'a>
        = O::Wait<'a>
    where
        Self: 'a;

    fn wait(&self) -> Self::Wait<'_> {
        (**self).wait()
    }
}
