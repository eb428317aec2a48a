//! One turn of a task: a poll, or its end.

use super::budget;
use super::handle::{Handle, Runnable};
use super::queue::Item;
use super::running::{self, PollScope, Polling};
use super::slot::Slot;

impl Handle {
    /// Stops the queue and drops every task that is not being polled; what is being polled is dropped
    /// where it parks.
    pub(crate) fn cancel_all(&self) {
        self.table.close();
        self.queue.stop();
        self.table.wake_all();
    }
}

/// Runs one turn of a task, its last if it is cancelled. No panic of the user's code can unwind out of it: what is polled and what
/// is dropped is caught where that is done, and so is [what is woken](super::wake::wake).
///
/// Returns the number of operations it did, at least 1, if it is ready again; else 0.
pub(crate) fn run(runnable: Runnable, slot: &Slot, budget: u32) -> u32 {
    let meta = runnable.metadata();
    let (started_at, id) = (meta.started_at, meta.id);
    let _scope = PollScope::new(Polling::Task(started_at), id, budget);
    slot.begin(id);
    let is_ready = runnable.run();
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
        let (started_at, id, scheduler) = (meta.started_at, meta.id, meta.scheduler.clone());
        let _entered = running::enter(&scheduler);
        let _scope = PollScope::ending(started_at, id, budget::PER_POLL);
        self.run();
    }
}
