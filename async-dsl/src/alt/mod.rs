//! Waiting for whichever of several operations is ready first.
//!
//! [`alt!`](crate::alt!) commits exactly one operation and leaves every other one untouched; [`alts`] is the same for a list made at
//! run time, and [`cancel_safe`] makes an arm of another crate's future.
//!
//! ```
//! use async_dsl::prelude::*;
//!
//! #[linear]
//! async fn worker(jobs: &Taker<u32>, results: &Putter<u32>, stop: &Promise<()>) -> u32 {
//!     let mut last = 0;
//!     loop {
//!         alt! {
//!             job = take!(jobs), if last == 0 => match job {
//!                 Some(job) => last = job,
//!                 None => return 0,
//!             },
//!             // The value is computed only if this arm wins.
//!             sent = put!(results, last * 2), if last != 0 => {
//!                 sent.expect("a taker is left");
//!                 last = 0;
//!             }
//!             _ = await!(stop) => return last,
//!             sleep!(10s) => {}
//!         }
//!     }
//! }
//!
//! async_dsl::block_on(async {
//!     let (jobs, queue) = chan::fixed(1).split();
//!     let (results, doubled) = chan::fixed(1).split();
//!     let (stop, stopped) = promise();
//!     let task = go!(worker(&queue, &results, &stopped).await);
//!     jobs.put(21).await.unwrap();
//!     assert_eq!(doubled.take().await, Some(42));
//!     stop.deliver(());
//!     assert_eq!(task.await, 0);
//! });
//! ```
//!
//! # What it guarantees
//!
//! - **Exactly one operation happens.** It claims its partner first and moves the value second, under one commit flag that all arms
//!   of the `alt!` share, so no arm can win after another has.
//! - **A loser loses nothing.** A losing take leaves its value where it was. A losing put has evaluated nothing. A promise or task
//!   that loses can be awaited again. Losing arms leave no waiter behind.
//! - **The choice is fair.** Ready arms are chosen uniformly at random, or in order after a first line `biased;`. `default => …`
//!   wins only if at some moment no arm was ready, whatever other threads do meanwhile. Waiters of `alt!` are served first come,
//!   first served, on equal terms with all others.
//! - **Cancellation passes on.** A task that is cancelled after it was woken passes its value to the next waiter, and a partner
//!   that gives up as it is met leaves the `alt!` where it was: in line.
//!
//! These, and [those of channels](crate::chan#what-is-guaranteed), are model-checked with loom (`async-dsl/tests/loom.rs`), swept
//! with shuttle over small programs (`async-dsl/tests/sweep`), and tried with random programs on real threads that account for
//! every value (`tests/tests/stress`). `tests/CASES.md` names the tests.
//!
//! # How it works
//!
//! The protocol is core.async's (a handler with a shared flag, flags locked in a fixed order), with two
//! changes: a put arm evaluates its value only after it has won, and a losing arm leaves its channel's line
//! at once instead of being swept later.

use std::sync::Arc;
use std::task::{Context, Poll};

mod arms;
mod cancel_safe;
mod future;
mod list;
mod order;
mod polled;
pub(crate) mod selection;

pub use arms::{Absent, Arm, Arms, Choice, End, OrDefault};
pub use cancel_safe::{CancelSafe, Lent, cancel_safe};
pub use future::Alt;
pub use list::{Alts, NoOperations, alts};
pub use polled::{CanLose, Polled};

use crate::chan::state::{Asker, Mode, Who};
use crate::chan::waiters::Key;
use crate::inspect::At;
use selection::Selection;

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
