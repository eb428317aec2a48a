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

mod blocked;
mod deadlock;
mod graph;
mod id;
mod lost;
mod note;
mod place;
mod quiet;
mod registry;
mod schedulers;
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
mod signal;
mod slot;
mod snapshot;
mod table;
mod threads;
mod users;
mod view;
mod watch;
mod word;

use std::sync::{Arc, Weak};

pub(crate) use blocked::{Blocked, Blocking};
pub(crate) use deadlock::waiting;
pub use deadlock::{Deadlock, OtherThreads, on_deadlock};
pub use graph::Graph;
pub(crate) use id::TaskId;
pub(crate) use note::{
    Change, Note, ON, On, Stamp, Ticking, Traced, begin_poll, choice, discarding, end_poll,
    foreign, in_line, note, noted, or_word, polled, still, unnoted, within,
};
pub use place::Place;
#[doc(hidden)]
pub use place::{Arms, At, Word};
pub(crate) use quiet::Quiet;
pub(crate) use registry::{Name, Registered};
pub(crate) use schedulers::scheduler_made;
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
pub use signal::{Signal, on_signal};
pub(crate) use slot::Slot;
pub(crate) use users::{Record, Users};
pub use view::{
    AgentInfo, AgentState, BlockOnInfo, ChannelInfo, ChannelUser, Parked, Snapshot, TaskInfo,
    TaskState, Waiter, WaitsFor,
};
pub use watch::{LongPoll, long_polls, on_long_poll};
pub(crate) use watch::{THREAD as WATCH, coarse, start as start_watch, stir};
#[doc(hidden)]
pub use word::{Awaiting, InWord, NoFuture, awaiting};

use crate::{agent, chan};
use registry::Registry;

static CHANNELS: Registry<dyn chan::Inspected> = Registry::new();
static AGENTS: Registry<dyn agent::Inspected> = Registry::new();

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
pub(crate) fn snapshot_of(handle: crate::scheduler::Handle) -> Snapshot {
    snapshot::take(&snapshot::Scope::Of(handle))
}

pub(crate) fn channel_made<C: chan::Inspected + 'static>(channel: &Arc<C>, place: &Registered) {
    CHANNELS.add(place, || {
        let weak: Weak<C> = Arc::downgrade(channel);
        weak
    });
}

pub(crate) fn channel_dropped(place: &mut Registered) {
    CHANNELS.remove(place);
}

pub(crate) fn name_channel(place: &Registered, name: Name) {
    CHANNELS.name(place, name);
}

pub(crate) fn agent_made<A: agent::Inspected + 'static>(agent: &Arc<A>, place: &Registered) {
    AGENTS.add(place, || {
        let weak: Weak<A> = Arc::downgrade(agent);
        weak
    });
}

pub(crate) fn agent_dropped(place: &mut Registered) {
    AGENTS.remove(place);
}

pub(crate) fn name_agent(place: &Registered, name: Name) {
    AGENTS.name(place, name);
}
