//! Behaviour tests of `async-dsl`: one topic a file in `tests/`, one property a test. Here is what they share, and what
//! the example `bug_gallery` shows.

pub mod gallery;
pub mod warnings;

use async_dsl::chan::Waiting;
use async_dsl::inspect::Snapshot;
use async_dsl::scheduler::Scheduler;

/// The tasks that `start` starts, when all are parked, and the scheduler that they are on.
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
