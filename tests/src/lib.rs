//! Behaviour tests of `async-dsl`: one topic per file in `tests/`, one property per test. This crate has what they
//! share, and the bugs that the example `bug_gallery` shows.

pub mod alive;
pub mod gallery;
#[cfg(unix)]
pub mod part;
pub mod programs;
pub mod warnings;

use async_dsl::chan::Waiting;
use async_dsl::inspect::Snapshot;
use async_dsl::scheduler::Scheduler;

/// Returns the tasks that `start` starts, once all are parked, and their scheduler.
pub fn parked(start: impl FnOnce()) -> (Scheduler, Snapshot) {
    let scheduler = Scheduler::virtual_time();
    scheduler.enter(start);
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    (scheduler, snapshot)
}

/// Returns what `waiting()` does while this many takes are parked, and no puts.
pub fn takers_parked(parked: usize) -> Waiting {
    let mut waiting = Waiting::default();
    waiting.takers = parked;
    waiting
}

/// Returns what `waiting()` does while this many puts are parked, and no takes.
pub fn putters_parked(parked: usize) -> Waiting {
    let mut waiting = Waiting::default();
    waiting.putters = parked;
    waiting
}
