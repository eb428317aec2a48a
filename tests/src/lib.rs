//! Behaviour tests of `async-dsl`: one topic per file in `tests/`, one property per test. This crate has what they
//! share, and the bugs that the example `bug_gallery` shows.

pub mod gallery;
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

/// What `waiting()` returns where so many takes are parked, and nobody puts.
pub fn takers_parked(parked: usize) -> Waiting {
    let mut waiting = Waiting::default();
    waiting.takers = parked;
    waiting
}

/// What `waiting()` returns where so many puts are parked, and nobody takes.
pub fn putters_parked(parked: usize) -> Waiting {
    let mut waiting = Waiting::default();
    waiting.putters = parked;
    waiting
}
