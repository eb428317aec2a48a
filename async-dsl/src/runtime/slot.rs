//! The task that a worker is polling: written by the worker alone, read by `inspect`.

use std::sync::atomic::{AtomicU64, Ordering};

use super::INSPECTS;
use super::id::TaskId;

/// Aligned so that no two workers write to the same cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Slot {
    task: AtomicU64,
    /// The number of times that the worker has polled the reactor.
    rounds: AtomicU64,
}

impl Slot {
    /// To be called when a poll begins. Only one thread may write at a time: plain stores, no atomic read-modify-write.
    #[inline]
    pub(crate) fn begin(&self, task: TaskId) {
        if INSPECTS {
            self.task.store(task.get(), Ordering::Release);
        }
    }

    /// To be called when it has ended.
    #[inline]
    pub(crate) fn end(&self) {
        if INSPECTS {
            self.task.store(0, Ordering::Release);
        }
    }

    /// To be called when the worker polls the reactor, between polls of tasks.
    pub(crate) fn round(&self) {
        if INSPECTS {
            let rounds = self.rounds.load(Ordering::Relaxed);
            self.rounds.store(rounds + 1, Ordering::Release);
        }
    }

    /// Returns the task that is being polled (0 is none), and the number of the round. If both stay the same for long, one
    /// poll of the task takes that long, or several in a row.
    pub(crate) fn look(&self) -> (u64, u64) {
        (
            self.task.load(Ordering::Acquire),
            self.rounds.load(Ordering::Acquire),
        )
    }
}
