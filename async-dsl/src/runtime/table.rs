//! The table of live tasks: an orderly shutdown drops them, `inspect` reads them.

use std::num::NonZeroU32;
use std::sync::atomic::AtomicUsize;
use std::task::Waker;

use slab::Slab;

use super::INSPECTS;
use super::id::{Name, TaskId};
use super::left::{Change, Note};
use super::place::Line;
use super::sync::atomic::{AtomicBool, Ordering};
use super::sync::{Mutex, lock};
use super::wake::wake_all;

#[derive(Debug)]
struct Entry {
    waker: Waker,
    started_at: Line,
    id: TaskId,
    /// In a box, because few tasks have one.
    name: Option<Box<Name>>,
    /// Its index among the shard's notes.
    note: u32,
    /// Its next turn drops it.
    cancelled: bool,
}

/// The number of cancelled tasks that have not been dropped, on all schedulers: a turn checks its own only if it is not 0.
static CANCELLED: AtomicUsize = AtomicUsize::new(0);

const NO_NOTE: u32 = u32::MAX;

#[derive(Debug, Default)]
struct Shard {
    tasks: Slab<Entry>,
    /// Where tasks are parked that are in no channel's line.
    notes: Slab<Note>,
    /// The number of the next task that is inserted.
    next: u64,
}

/// One shard for each worker and one for foreign threads, so that workers do not contend when they spawn.
#[derive(Debug)]
pub(crate) struct TaskTable {
    shards: Box<[Mutex<Shard>]>,
    /// The number of this scheduler, a part of its tasks' ids.
    scheduler: u16,
    /// No task is inserted any more.
    closing: AtomicBool,
}

/// The place of a task in the table, counted from 1. Small, because every task carries it twice.
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

/// Tasks copied per lock, so that others can enter and leave in between.
const AT_ONCE: usize = 1024;

/// Returns whether any cancelled task has not been dropped yet.
pub(crate) fn any_cancelled() -> bool {
    CANCELLED.load(Ordering::Acquire) > 0
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
        vacant.insert(Entry {
            waker,
            started_at,
            id,
            name,
            note: NO_NOTE,
            cancelled: false,
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

    pub(crate) fn remove(&self, key: Key) {
        let (shard, index) = self.place(key);
        let mut guard = lock(shard);
        let entry = guard.tasks.try_remove(index);
        if let Some(entry) = &entry {
            guard.notes.try_remove(entry.note as usize);
            if entry.cancelled {
                CANCELLED.fetch_sub(1, Ordering::Relaxed);
            }
        }
        drop(guard);
        drop(entry);
    }

    /// Cancels a task and returns its waker, unless it has ended: then its place is empty, or another task's.
    pub(crate) fn cancel(&self, key: Key, id: TaskId) -> Option<Waker> {
        let (shard, index) = self.place(key);
        let mut shard = lock(shard);
        let entry = shard.tasks.get_mut(index).filter(|entry| entry.id == id)?;
        if !std::mem::replace(&mut entry.cancelled, true) {
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
        shard.tasks.get(index).is_some_and(|entry| entry.cancelled)
    }

    /// Stores where a task is parked, or clears that, if the lines of channels show it.
    pub(crate) fn note(&self, key: Key, change: &Change) {
        let (shard, index) = self.place(key);
        let mut guard = lock(shard);
        let Shard { tasks, notes, .. } = &mut *guard;
        let Some(entry) = tasks.get_mut(index) else {
            return;
        };
        match change {
            Change::None => {}
            Change::Clear => {
                notes.try_remove(std::mem::replace(&mut entry.note, NO_NOTE) as usize);
            }
            Change::Store(note) => match notes.get_mut(entry.note as usize) {
                Some(old) => *old = *note,
                None => entry.note = u32::try_from(notes.insert(*note)).unwrap_or(NO_NOTE),
            },
        }
    }

    /// Closes the table: a thread that locks a shard after this sees all tasks that will ever be in it.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(crate) fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| lock(shard).tasks.len())
            .sum()
    }

    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
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
        for shard in &self.shards {
            let mut from = 0;
            loop {
                let shard = lock(shard);
                let to = shard.tasks.capacity().min(from + AT_ONCE);
                list.extend((from..to).filter_map(|index| {
                    let entry = shard.tasks.get(index)?;
                    Some(Listed {
                        id: entry.id,
                        started_at: entry.started_at,
                        name: entry.name.as_deref().cloned(),
                        note: shard.notes.get(entry.note as usize).copied(),
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
