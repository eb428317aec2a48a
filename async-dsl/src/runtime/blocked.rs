//! The threads that wait, in a `block_on` or in a blocking twin.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, Thread};

use slab::Slab;

use super::INSPECTS;
use super::forked::assert_not_forked;
use super::handle::Handle;
use super::id::TaskId;
use super::left::{Change, Note};
use super::note::{end_poll, is_in_line};
use super::place::Line;
use super::running::{self, PollScope, Polling};
use super::sync::lock_std;

/// A thread that waits, as others see it.
#[derive(Clone)]
pub(crate) struct Waiting {
    pub(crate) id: TaskId,
    /// What it called.
    pub(crate) call: &'static str,
    pub(crate) called_at: Line,
    pub(crate) thread: Thread,
    /// The scheduler it drives; the global one drives itself.
    pub(crate) drives: Option<u16>,
    pub(crate) note: Option<Note>,
    /// The future was polled and was not ready.
    parked: bool,
    /// It is polled now, so that what is known of it is over.
    polled: Arc<AtomicBool>,
    /// It does not wait for ever.
    pub(crate) is_timed: bool,
}

impl Waiting {
    /// This thread, before it was found unready.
    fn new(id: TaskId, call: &'static str, called_at: Line) -> Self {
        Self {
            id,
            call,
            called_at,
            thread: thread::current(),
            drives: None,
            note: None,
            parked: false,
            polled: Arc::default(),
            is_timed: false,
        }
    }

    /// Whether it waits.
    pub(crate) fn is_parked(&self) -> bool {
        self.parked && !self.polled.load(Ordering::Acquire)
    }
}

/// What a thread calls that runs a future, and not only waits.
pub(crate) const BLOCK_ON: &str = "block_on";

static WAITING: Mutex<Slab<Waiting>> = Mutex::new(Slab::new());

fn lock() -> MutexGuard<'static, Slab<Waiting>> {
    lock_std(&WAITING)
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
    called_at: Line,
    polled: Arc<AtomicBool>,
    /// The list says that it is parked in the line of a channel: so the list is touched only when something changes.
    settled: Cell<bool>,
    noted: Cell<bool>,
    has_waited: Cell<bool>,
}

impl Blocked {
    pub(crate) fn new(called_at: Line, drives: Option<&Handle>) -> Self {
        if !INSPECTS {
            return Self::listed(0, TaskId::NONE, called_at, Arc::default());
        }
        Self::list_as(Waiting {
            drives: drives.map(Handle::number),
            ..Waiting::new(new_id(), BLOCK_ON, called_at)
        })
    }

    /// The same of a blocking twin, whose waiters carry `id`.
    pub(super) fn in_twin(id: TaskId, call: &'static str, called_at: Line, is_timed: bool) -> Self {
        Self::list_as(Waiting {
            is_timed,
            ..Waiting::new(id, call, called_at)
        })
    }

    fn list_as(waiting: Waiting) -> Self {
        let (id, called_at, polled) = (waiting.id, waiting.called_at, Arc::clone(&waiting.polled));
        let key = lock().insert(waiting);
        Self::listed(key, id, called_at, polled)
    }

    const fn listed(key: usize, id: TaskId, called_at: Line, polled: Arc<AtomicBool>) -> Self {
        Self {
            key,
            id,
            called_at,
            polled,
            settled: Cell::new(false),
            noted: Cell::new(false),
            has_waited: Cell::new(false),
        }
    }

    /// The future of the `block_on` is polled until the value is dropped.
    #[inline]
    pub(crate) fn begin_poll(&self, budget: u32) -> PollScope {
        self.is_polled(true);
        PollScope::new(Polling::BlockOn(self.called_at), self.id, budget)
    }

    /// What is waited for is polled, or no more.
    #[inline]
    pub(super) fn is_polled(&self, is: bool) {
        if INSPECTS {
            self.polled.store(is, Ordering::Release);
        }
    }

    /// The future was polled and is not ready.
    #[inline]
    pub(crate) fn parked(&self) {
        if !INSPECTS {
            return;
        }
        if !(self.settled.get() && is_in_line()) {
            self.change_list();
        }
        self.is_polled(false);
    }

    /// The thread is about to wait.
    ///
    /// # Panics
    /// In a process that [was forked](assert_not_forked).
    pub(crate) fn waits(&self) {
        if !self.has_waited.replace(true) {
            assert_not_forked();
        }
    }

    #[cold]
    fn change_list(&self) {
        let change = end_poll(self.noted.get());
        if let Some(waiting) = lock().get_mut(self.key) {
            waiting.parked = true;
            match change {
                Change::None => {}
                Change::Store(note) => waiting.note = Some(note),
                Change::Clear => waiting.note = None,
            }
            self.noted.set(waiting.note.is_some());
            self.settled.set(waiting.note.is_none());
        }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if INSPECTS {
            let waiting = lock().try_remove(self.key);
            drop(waiting);
        }
    }
}

fn new_id() -> TaskId {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    TaskId::root(CALLS.fetch_add(1, Ordering::Relaxed) + 1)
}

/// What the waiters of this thread carry when it is in a blocking twin.
pub(super) fn thread_id() -> TaskId {
    running::with(|here| {
        if INSPECTS && here.as_thread.get() == TaskId::NONE {
            here.as_thread.set(new_id());
        }
        here.as_thread.get()
    })
}
