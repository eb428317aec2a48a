//! What a worker is polling: written by the worker alone, read by whoever inspects.

use std::sync::atomic::{AtomicU64, Ordering};

use super::INSPECTS;
use super::id::TaskId;

/// Of a size that no two workers write to the same line of a cache.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Slot {
    task: AtomicU64,
    /// How many times the worker has looked at the reactor.
    rounds: AtomicU64,
}

impl Slot {
    /// A poll begins. Only one thread may write at a time: plain stores, no locked instruction.
    #[inline]
    pub(crate) fn begin(&self, task: TaskId) {
        if INSPECTS {
            self.task.store(task.get(), Ordering::Release);
        }
    }

    /// It has ended.
    #[inline]
    pub(crate) fn end(&self) {
        if INSPECTS {
            self.task.store(0, Ordering::Release);
        }
    }

    /// The worker looks at the reactor, between polls.
    pub(crate) fn round(&self) {
        if INSPECTS {
            let rounds = self.rounds.load(Ordering::Relaxed);
            self.rounds.store(rounds + 1, Ordering::Release);
        }
    }

    /// The task being polled (0 is none), and the number of the round. While both stay the same for long, the task is
    /// polled for long, or again and again for as long altogether.
    pub(crate) fn look(&self) -> (u64, u64) {
        (
            self.task.load(Ordering::Acquire),
            self.rounds.load(Ordering::Acquire),
        )
    }
}
