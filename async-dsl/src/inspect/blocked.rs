//! The threads that wait in a `block_on`.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

use slab::Slab;

use super::id::TaskId;
use super::note::{Change, Note, ON, end_poll};
use crate::scheduler::{Handle, Line};

/// A thread in a `block_on`, as others see it.
#[derive(Clone)]
pub(crate) struct Waiting {
    pub(crate) id: TaskId,
    pub(crate) called_at: Line,
    pub(crate) thread: Thread,
    /// The scheduler it drives; the global one drives itself.
    pub(crate) drives: Option<u16>,
    pub(crate) note: Option<Note>,
    /// It waits: the future was polled and was not ready.
    pub(crate) parked: bool,
}

static WAITING: Mutex<Slab<Waiting>> = Mutex::new(Slab::new());

fn lock() -> MutexGuard<'static, Slab<Waiting>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All of them.
pub(crate) fn all() -> Vec<Waiting> {
    lock().iter().map(|(_, waiting)| waiting.clone()).collect()
}

/// This thread is in a `block_on` until the value is dropped.
#[derive(Debug)]
pub(crate) struct Blocked {
    key: usize,
    id: TaskId,
    /// What the list says of it, so that it is touched only when that changes.
    parked: Cell<bool>,
    noted: Cell<bool>,
}

impl Blocked {
    pub(crate) fn new(called_at: Line, drives: Option<&Handle>) -> Self {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        if !ON {
            return Self::listed(0, TaskId::NONE);
        }
        let id = TaskId::root(CALLS.fetch_add(1, Ordering::Relaxed) + 1);
        let waiting = Waiting {
            id,
            called_at,
            thread: thread::current(),
            drives: drives.map(Handle::number),
            note: None,
            parked: false,
        };
        let key = lock().insert(waiting);
        Self::listed(key, id)
    }

    const fn listed(key: usize, id: TaskId) -> Self {
        Self {
            key,
            id,
            parked: Cell::new(false),
            noted: Cell::new(false),
        }
    }

    pub(crate) fn id(&self) -> TaskId {
        self.id
    }

    /// The future was polled and is not ready.
    #[inline]
    pub(crate) fn parked(&self) {
        if !ON {
            return;
        }
        let change = end_poll(self.noted.get());
        if !(self.parked.get() && matches!(change, Change::None)) {
            self.list(&change);
        }
    }

    #[cold]
    fn list(&self, change: &Change) {
        self.parked.set(true);
        if let Some(waiting) = lock().get_mut(self.key) {
            waiting.parked = true;
            match change {
                Change::None => {}
                Change::Store(note) => waiting.note = Some(*note),
                Change::Clear => waiting.note = None,
            }
            self.noted.set(waiting.note.is_some());
        }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if ON {
            let waiting = lock().try_remove(self.key);
            drop(waiting);
        }
    }
}
