//! Finding deadlocks, and which tasks wait for each other in them.
//!
//! A task that is parked on a channel is woken by a user of its other end: another task, or a thread that is not the
//! scheduler's. The tasks are all known, and parked; of the threads it is known whether there are any, on systems that
//! list a process's threads. Only without them is a deadlock certain.

mod actors;
mod find;
mod text;

use super::view::Snapshot;
use crate::runtime::hook::Hook;

pub(crate) use find::{find, waiting};

/// A deadlock: every task is parked, and nothing they wait for is in progress.
///
/// Its text says of each task where it is parked, for what, and which task would have to act.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Deadlock {
    /// The state of the program.
    pub snapshot: Snapshot,
    /// Tasks that wait for each other in a circle, by their numbers; empty if there is none.
    pub circle: Vec<u64>,
    /// The threads that might still act.
    pub others: OtherThreads,
}

/// Threads that are not the scheduler's and might hold what a task waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum OtherThreads {
    /// There are none, or they do not count: the deadlock is certain.
    None,
    /// Threads with these names, and users of a channel that are not the scheduler's tasks.
    Some(Vec<String>),
    /// The system does not list them.
    Unknown,
}

impl Deadlock {
    /// Whether no other thread can end it.
    ///
    /// ```
    /// async_dsl::inspect::on_deadlock(|deadlock| {
    ///     eprintln!("{deadlock}");
    ///     if deadlock.is_certain() {
    ///         std::process::exit(1);
    ///     }
    /// });
    /// ```
    pub fn is_certain(&self) -> bool {
        self.others == OtherThreads::None
    }
}

static HOOK: Hook<Deadlock> = Hook::new();

/// Sets the hook that is called with a deadlock; it replaces the hook set before. Without one a certain deadlock is
/// written to standard error, and one that other threads might end is not reported.
///
/// It is called when all tasks have been parked for a second, with no timer, socket or `thread!` in progress, while a
/// thread waits in `block_on`, or in a blocking twin such as `take_blocking` if no other thread is left that could act;
/// and again only after a task has run. The program goes on waiting. On a
/// [simulated](crate::scheduler::Scheduler::simulated) scheduler it is not called: there a deadlock fails at once.
///
/// # Examples
///
/// ```
/// async_dsl::inspect::on_deadlock(|deadlock| eprintln!("{deadlock}"));
/// ```
pub fn on_deadlock(hook: impl Fn(&Deadlock) + Send + Sync + 'static) {
    HOOK.set(hook);
}

/// Calls the hook.
pub(crate) fn report(deadlock: &Deadlock) {
    let hook = HOOK.get();
    match hook {
        Some(hook) => hook(deadlock),
        None if deadlock.is_certain() => eprint!("{deadlock}"),
        None => {}
    }
}
