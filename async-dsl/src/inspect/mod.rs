//! Seeing what a program does: every task, channel and agent that is alive, at any moment, in any build.
//!
//! [`dump!`](crate::dump) writes it to standard error from anywhere, [`snapshot`] gives it as a value. A task is
//! shown with the line that started it, whether it runs, is ready or is parked, and where it is parked: the line and
//! the text of the word, since when, and of an `alt!` every arm. A channel is shown with the line that made it, what
//! is in it, who waits and what it has counted.
//!
//! In linear code a plain `.await` is shown as a word is, with its line and its text (`orders.await`), whatever it awaits: a
//! task, a promise, the future of another library. What is awaited knows better where it waits if it is a word, a
//! method such as `orders.take()`, or linear code itself: then that is shown. An `.await` among the arguments of somebody
//! else's macro (`println!("{}", task.await)`) is left alone, and shown without a line.
//!
//! ```
//! use async_dsl::prelude::*;
//! use async_dsl::scheduler::Scheduler;
//!
//! let scheduler = Scheduler::manual();
//! let orders = chan::fixed::<u32>(8).named("orders");
//! scheduler.enter(|| go!(name = "cook", |orders| { take!(orders) }));
//! scheduler.run_until_parked();
//!
//! let snapshot = scheduler.snapshot();
//! let cook = &snapshot.tasks[0];
//! assert_eq!(cook.name.as_deref(), Some("cook"));
//! assert_eq!(cook.parked[0].text, "take!(orders)");
//! println!("{snapshot}");
//! ```
//!
//! # What it costs
//!
//! It is always on. A task carries its number; a waiter in a channel carries the number of its task and the time;
//! a worker says what it polls with three stores of its own. Where a task is parked is not recorded at all, but found
//! in the channels when somebody looks; only what no channel knows of (a sleep, the wait for a task) is noted when a
//! poll ends unready. An `.await` carries a reference to its place beside the future.
//!
//! # What a snapshot is
//!
//! Nobody stops for it. Each entry is as it was at one moment, but not all of them at the same moment: a task that
//! moves on meanwhile may be shown in a channel's line and as ready. Times come from a coarse clock: on the global
//! scheduler it moves every tenth of a second, on the others once every 64 turns; a task is shown as parked for up to so
//! much too long.

mod deadlock;
mod graph;
mod lost;
mod places;
mod quiet;
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
mod signal;
mod snapshot;
mod text;
mod threads;
mod view;
mod watch;

pub(crate) use deadlock::waiting;
pub use deadlock::{Deadlock, OtherThreads, on_deadlock};
pub use graph::Graph;
pub(crate) use quiet::Quiet;
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
pub use signal::{Signal, on_signal};
pub use view::{
    AgentInfo, AgentState, BlockOnInfo, ChannelInfo, ChannelUser, Parked, Snapshot, TaskInfo,
    TaskState, Waiter, WaitsFor,
};
pub(crate) use watch::start as start_watch;
pub use watch::{LongPoll, long_polls, on_long_poll};

pub use crate::chan::Kind;
pub use crate::runtime::place::Place;
#[doc(hidden)]
pub use crate::runtime::place::{Arms, At, Word};
#[doc(hidden)]
pub use crate::runtime::word::{Awaiting, InWord, NoFuture, awaiting};

/// What the program is doing: on the scheduler of this thread, or, on a thread of no scheduler, on all of them.
///
/// It waits for nobody but a channel's lock, and for that no longer than some ten milliseconds.
///
/// # Examples
///
/// ```
/// let snapshot = async_dsl::inspect::snapshot();
/// println!("{snapshot}");   // what fits a terminal
/// println!("{snapshot:#}"); // everything
/// println!("{snapshot:160}"); // for a wide terminal
/// ```
pub fn snapshot() -> Snapshot {
    snapshot::take(&snapshot::Scope::here())
}

/// The process network of a [`snapshot`]: who puts where, and who takes.
///
/// # Examples
///
/// ```
/// println!("{}", async_dsl::inspect::graph().to_dot());
/// ```
pub fn graph() -> Graph {
    snapshot().graph()
}

/// Writes a [`snapshot`] to standard error: [`dump!`](crate::dump).
///
/// # Examples
///
/// ```
/// async_dsl::inspect::dump();
/// ```
pub fn dump() {
    use std::io::Write;
    // One write, so that the lines of two dumps don't mix; and nobody to tell if it fails.
    let text = format!("{}\n", snapshot());
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// A snapshot of one scheduler.
pub(crate) fn snapshot_of(handle: crate::runtime::handle::Handle) -> Snapshot {
    snapshot::take(&snapshot::Scope::Of(handle))
}
