//! The table of live tasks: what an orderly shutdown drops, and what an inspector will read.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use slab::Slab;

use super::context::Line;
use super::lock;

#[derive(Debug)]
struct Entry {
    waker: Waker,
    spawned_at: Line,
}

/// One slab for each worker and one for foreign threads, so that spawning touches nothing shared.
#[derive(Debug)]
pub(super) struct TaskTable {
    shards: Box<[Mutex<Slab<Entry>>]>,
    /// No task enters any more.
    closing: AtomicBool,
}

/// Where a task is in the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key(usize);

impl TaskTable {
    pub(super) fn new(shards: usize) -> Self {
        Self {
            shards: (0..shards.max(1)).map(|_| Mutex::default()).collect(),
            closing: AtomicBool::new(false),
        }
    }

    /// Makes a task and enters it; or, when the table is closing, makes it with no key. `make` runs under
    /// the shard's lock, since it needs the key and gives the waker.
    pub(super) fn insert<R>(
        &self,
        shard: usize,
        spawned_at: Line,
        make: impl FnOnce(Option<Key>) -> (R, Waker),
    ) -> (R, bool) {
        let shard = shard % self.shards.len();
        let mut slab = lock(&self.shards[shard]);
        if self.closing.load(Ordering::Acquire) {
            drop(slab);
            return (make(None).0, false);
        }
        let vacant = slab.vacant_entry();
        let key = Key(vacant.key() * self.shards.len() + shard);
        let (task, waker) = make(Some(key));
        vacant.insert(Entry { waker, spawned_at });
        (task, true)
    }

    pub(super) fn remove(&self, key: Key) {
        let (index, shard) = (key.0 / self.shards.len(), key.0 % self.shards.len());
        let entry = lock(&self.shards[shard]).try_remove(index);
        drop(entry);
    }

    /// Closes the table, so that whoever sees a shard afterwards sees all that will ever be in it.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for shard in &self.shards {
            lines.extend(lock(shard).iter().map(|(_, entry)| entry.spawned_at));
        }
        lines
    }

    /// Wakes every task, the oldest entry of each shard first.
    pub(super) fn wake_all(&self) {
        for shard in &self.shards {
            // These are wakers of our own tasks: cloning one counts a reference and runs nobody's code.
            let wakers: Vec<Waker> = lock(shard)
                .iter()
                .map(|(_, entry)| entry.waker.clone())
                .collect();
            for waker in wakers {
                waker.wake();
            }
        }
    }
}
