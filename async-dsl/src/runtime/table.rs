//! The table of live tasks: an orderly shutdown drops them, `inspect` reads them.

use std::num::NonZeroU32;
use std::sync::atomic::AtomicUsize;
use std::task::Waker;

use slab::Slab;

use super::INSPECTS;
use super::id::{Name, TaskId};
use super::left::{BARE, Change, Note};
use super::place::Line;
use super::sync::atomic::{AtomicBool, Ordering};
use super::sync::{Mutex, MutexGuard, lock};
use super::wake::wake_all;

#[derive(Debug)]
struct Entry {
    waker: Waker,
    started_at: Line,
    id: TaskId,
    /// Its index among the shard's remarks.
    remark: u32,
    /// Since when it waits for something that is not ours, at a place that is not known. 0 if it does not.
    foreign: u32,
}

#[cfg(all(test, not(any(async_dsl_loom, async_dsl_shuttle))))]
pub(super) const ENTRY: usize = size_of::<Entry>();

/// What is to be said of a few tasks only.
#[derive(Debug, Default)]
struct Remark {
    name: Option<Box<Name>>,
    /// Where it is parked, in no channel's line.
    note: Option<Note>,
    /// Its next turn drops it.
    cancelled: bool,
}

impl Remark {
    fn is_empty(&self) -> bool {
        self.name.is_none() && self.note.is_none() && !self.cancelled
    }
}

/// The number of cancelled tasks that have not been dropped, on all schedulers: a turn checks its own only if it is not 0.
static CANCELLED: AtomicUsize = AtomicUsize::new(0);

const NO_REMARK: u32 = u32::MAX;

#[derive(Debug, Default)]
struct Shard {
    tasks: Slab<Entry>,
    remarks: Slab<Remark>,
    /// The number of the next task that is inserted.
    next: u64,
}

impl Entry {
    fn remark<'a>(&mut self, remarks: &'a mut Slab<Remark>) -> &'a mut Remark {
        if self.remark == NO_REMARK {
            self.remark = insert(remarks, Remark::default());
        }
        &mut remarks[self.remark as usize]
    }

    fn foreign(&self) -> Option<Note> {
        let since = self.foreign;
        (since != 0).then_some(Note { since, ..BARE })
    }
}

fn insert(remarks: &mut Slab<Remark>, remark: Remark) -> u32 {
    // There are no more of them than tasks, whose keys are as small.
    u32::try_from(remarks.insert(remark)).unwrap_or(NO_REMARK)
}

/// One shard for each worker and one for foreign threads, so that workers do not contend when they spawn.
#[derive(Debug)]
pub(crate) struct TaskTable {
    shards: Box<[Mutex<Shard>]>,
    /// The tasks of other shards that each worker has ended, and not removed yet: see [`leave`](Self::leave).
    left: Box<[Mutex<Vec<Key>>]>,
    /// The number of this scheduler, a part of its tasks' ids.
    scheduler: u16,
    /// No task is inserted any more.
    closing: AtomicBool,
}

/// The place of a task in the table, counted from 1. Small, because every task carries it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key(NonZeroU32);

impl Key {
    fn new(place: usize) -> Self {
        let key = place.checked_add(1).and_then(|key| u32::try_from(key).ok());
        Self(
            key.and_then(NonZeroU32::new)
                .expect("fewer than 4 294 967 295 tasks are alive"),
        )
    }
}

/// A task of the table, for `inspect`.
pub(crate) struct Listed {
    pub(crate) id: TaskId,
    pub(crate) started_at: Line,
    pub(crate) name: Option<Name>,
    pub(crate) note: Option<Note>,
}

/// The shard of the threads that are no workers.
const FOREIGN: usize = 0;

/// A worker that has ended so many tasks of other shards removes them,
const MOST_LEFT: usize = 64;
/// in sections of so many, which do not keep who spawns there for long.
const PER_SECTION: usize = 16;

/// Tasks copied per lock, so that others can enter and leave in between.
const AT_ONCE: usize = 1024;

/// Returns whether any cancelled task has not been dropped yet.
pub(crate) fn any_cancelled() -> bool {
    // Models that run at a time share the count: by it one would go another way the second time.
    cfg!(async_dsl_loom) || CANCELLED.load(Ordering::Acquire) > 0
}

impl TaskTable {
    pub(crate) fn new(shards: usize, scheduler: u16) -> Self {
        Self {
            shards: (1..=shards.max(1) as u64)
                .map(|next| {
                    Mutex::new(Shard {
                        next,
                        ..Shard::default()
                    })
                })
                .collect(),
            left: (0..shards.max(1)).map(|_| Mutex::default()).collect(),
            scheduler,
            closing: AtomicBool::new(false),
        }
    }

    /// Makes a task and inserts it, or, when the table is closing, makes it without a key. Returns whether it was inserted.
    /// `make` runs under the shard's lock, since it needs the key and returns the waker.
    pub(crate) fn insert<R>(
        &self,
        shard: usize,
        started_at: Line,
        name: Option<Box<Name>>,
        make: impl FnOnce(Option<Key>, TaskId) -> (R, Waker),
    ) -> (R, bool) {
        let count = self.shards.len();
        let shard = shard % count;
        let mut guard = lock(&self.shards[shard]);
        if self.closing.load(Ordering::Acquire) {
            drop(guard);
            return (make(None, TaskId::NONE).0, false);
        }
        let entries = &mut *guard;
        let id = TaskId::new(self.scheduler, entries.next);
        entries.next += count as u64;
        let vacant = entries.tasks.vacant_entry();
        let key = Key::new(vacant.key() * count + shard);
        let (task, waker) = make(Some(key), id);
        let remark = match name {
            None => NO_REMARK,
            Some(_) => insert(
                &mut entries.remarks,
                Remark {
                    name,
                    ..Remark::default()
                },
            ),
        };
        vacant.insert(Entry {
            waker,
            started_at,
            id,
            remark,
            foreign: 0,
        });
        (task, true)
    }

    fn place(&self, key: Key) -> (&Mutex<Shard>, usize) {
        let place = key.0.get() as usize - 1;
        (
            &self.shards[place % self.shards.len()],
            place / self.shards.len(),
        )
    }

    /// Removes a task, at once or soon: who ends tasks that another worker spawns would lock that one's shard for each. A worker
    /// of this scheduler, which is `worker`, keeps them until they are a few, or its round ends; whoever looks at the
    /// table [removes](Self::sweep) them first.
    pub(crate) fn leave(&self, key: Key, worker: Option<usize>) {
        let worker = worker.map(|worker| worker % self.shards.len());
        // Nobody has rounds for those of the foreign threads.
        match worker.filter(|worker| *worker != FOREIGN && *worker != self.shard(key)) {
            None => self.remove(&[key]),
            Some(worker) => {
                let mut left = lock(&self.left[worker]);
                left.push(key);
                if left.len() == MOST_LEFT {
                    self.remove_left(left);
                }
            }
        }
    }

    /// Removes what this worker has ended.
    pub(crate) fn end_round(&self, worker: usize) {
        let left = lock(&self.left[worker]);
        if !left.is_empty() {
            self.remove_left(left);
        }
    }

    /// Removes what all workers have ended.
    fn sweep(&self) {
        (0..self.left.len()).for_each(|worker| self.end_round(worker));
    }

    /// The list is locked meanwhile: whoever sweeps finds them removed.
    #[cold]
    fn remove_left(&self, mut left: MutexGuard<'_, Vec<Key>>) {
        left.sort_unstable_by_key(|key| self.shard(*key));
        for keys in left.chunk_by(|one, other| self.shard(*one) == self.shard(*other)) {
            keys.chunks(PER_SECTION).for_each(|keys| self.remove(keys));
        }
        left.clear();
    }

    fn shard(&self, key: Key) -> usize {
        (key.0.get() as usize - 1) % self.shards.len()
    }

    /// Removes tasks of one shard.
    fn remove(&self, keys: &[Key]) {
        // Dropped after the lock is released.
        let mut removed = [const { None }; PER_SECTION];
        let Some((shard, _)) = keys.first().map(|key| self.place(*key)) else {
            return;
        };
        let mut guard = lock(shard);
        for (key, removed) in keys.iter().zip(&mut removed) {
            let entry = guard.tasks.try_remove(self.place(*key).1);
            let remark = match &entry {
                Some(entry) if entry.remark != NO_REMARK => {
                    guard.remarks.try_remove(entry.remark as usize)
                }
                _ => None,
            };
            if remark.as_ref().is_some_and(|remark| remark.cancelled) {
                CANCELLED.fetch_sub(1, Ordering::Relaxed);
            }
            *removed = Some((entry, remark));
        }
        drop(guard);
    }

    /// Cancels a task and returns its waker, unless it has ended: then its place is empty, or another task's.
    pub(crate) fn cancel(&self, key: Key, id: TaskId) -> Option<Waker> {
        let (shard, index) = self.place(key);
        let mut shard = lock(shard);
        let Shard { tasks, remarks, .. } = &mut *shard;
        let entry = tasks.get_mut(index).filter(|entry| entry.id == id)?;
        let remark = entry.remark(remarks);
        if !std::mem::replace(&mut remark.cancelled, true) {
            CANCELLED.fetch_add(1, Ordering::Release);
        }
        // The waker of a task of our own: cloning it counts a reference and runs no foreign code.
        Some(entry.waker.clone())
    }

    /// Returns whether the task that asks, in its turn, is cancelled.
    #[cold]
    pub(crate) fn is_cancelled(&self, key: Key) -> bool {
        let (shard, index) = self.place(key);
        let shard = lock(shard);
        let entry = shard.tasks.get(index);
        let remark = entry.and_then(|entry| shard.remarks.get(entry.remark as usize));
        remark.is_some_and(|remark| remark.cancelled)
    }

    /// Stores where a task is parked, or clears that, if the lines of channels show it.
    pub(crate) fn note(&self, key: Key, change: &Change) {
        let (shard, index) = self.place(key);
        let mut guard = lock(shard);
        let Shard { tasks, remarks, .. } = &mut *guard;
        let Some(entry) = tasks.get_mut(index) else {
            return;
        };
        let note = match change {
            Change::None => return,
            Change::Clear => None,
            Change::Store(note) => Some(*note),
        };
        // What is all there is to say of many tasks needs no remark.
        entry.foreign = match note {
            Some(note) if note.is_bare() => note.since.max(1),
            _ => 0,
        };
        let note = note.filter(|note| !note.is_bare());
        if note.is_some() || entry.remark != NO_REMARK {
            let remark = entry.remark(remarks);
            remark.note = note;
            if remark.is_empty() {
                remarks.try_remove(std::mem::replace(&mut entry.remark, NO_REMARK) as usize);
            }
        }
    }

    /// Closes the table: a thread that locks a shard after this sees all tasks that will ever be in it.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    pub(crate) fn len(&self) -> usize {
        self.sweep();
        self.shards
            .iter()
            .map(|shard| lock(shard).tasks.len())
            .sum()
    }

    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        self.sweep();
        for shard in &self.shards {
            lines.extend(lock(shard).tasks.iter().map(|(_, entry)| entry.started_at));
        }
        lines
    }

    /// Returns all tasks that are in the table during the whole call; others may be missing.
    pub(crate) fn list(&self) -> Vec<Listed> {
        let mut list = Vec::new();
        if !INSPECTS {
            return list;
        }
        self.sweep();
        for shard in &self.shards {
            let mut from = 0;
            loop {
                let shard = lock(shard);
                let to = shard.tasks.capacity().min(from + AT_ONCE);
                list.extend((from..to).filter_map(|index| {
                    let entry = shard.tasks.get(index)?;
                    let remark = shard.remarks.get(entry.remark as usize);
                    Some(Listed {
                        id: entry.id,
                        started_at: entry.started_at,
                        name: remark.and_then(|remark| remark.name.as_deref().cloned()),
                        note: entry.foreign().or(remark.and_then(|remark| remark.note)),
                    })
                }));
                if to == shard.tasks.capacity() {
                    break;
                }
                from = to;
            }
        }
        list
    }

    /// Wakes every task, the oldest entry of each shard first.
    pub(crate) fn wake_all(&self) {
        for shard in &self.shards {
            // These are wakers of our own tasks: cloning one counts a reference and runs no foreign code.
            let wakers: Vec<Waker> = lock(shard)
                .tasks
                .iter()
                .map(|(_, entry)| entry.waker.clone())
                .collect();
            wake_all(wakers);
        }
    }
}

#[cfg(all(test, not(any(async_dsl_loom, async_dsl_shuttle))))]
mod tests;
