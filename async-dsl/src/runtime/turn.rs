//! One turn of a task: a poll, or its end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::handle::{Handle, Runnable};
use super::queue::Item;
use super::running::{self, PollScope, Polling};
use super::slot::Slot;
use super::task::error::TaskPanic;
use super::{budget, note};

impl Handle {
    /// Stops the queue and drops every task that is not being polled; what is being polled is dropped
    /// where it parks.
    pub(crate) fn cancel_all(&self) {
        self.table.close();
        self.queue.stop();
        self.table.wake_all();
    }
}

/// Gives a task one turn, its last if it is cancelled. What panics here is a waker of whoever awaits it.
///
/// Gives the number of operations it did, at least 1, if it is ready again; else 0.
pub(crate) fn run(runnable: Runnable, slot: &Slot, budget: u32) -> u32 {
    let meta = runnable.metadata();
    let (started_at, id) = (meta.started_at, meta.id);
    let polling = if meta.is_cancelled() {
        Polling::Ending(started_at)
    } else {
        Polling::Task(started_at)
    };
    let _scope = PollScope::new(polling, budget);
    note::begin_poll(id);
    slot.begin(id);
    let is_ready = match catch_unwind(AssertUnwindSafe(|| runnable.run())) {
        Ok(is_ready) => is_ready,
        Err(payload) => {
            TaskPanic::new(payload, started_at).report();
            false
        }
    };
    slot.end();
    if is_ready {
        (budget - running::budget()).max(1)
    } else {
        0
    }
}

impl Item for Runnable {
    /// Ends a ready task instead of running it: it is cancelled.
    fn discard(self) {
        let meta = self.metadata();
        let (started_at, id) = (meta.started_at, meta.id);
        let _entered = running::enter(meta.scheduler.clone());
        let _scope = PollScope::new(Polling::Ending(started_at), budget::PER_POLL);
        let outer = note::discarding(id);
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| self.run())) {
            TaskPanic::new(payload, started_at).report();
        }
        note::discarding(outer);
    }
}
