//! The threads that wait, in a `block_on` or in a blocking twin.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::thread::{self, Thread};

use slab::Slab;

use super::forked::assert_not_forked;
use super::handle::Handle;
use super::id::TaskId;
use super::note::{Change, Note, ON, Ticking, begin_poll, end_poll, is_in_line};
use super::place::Line;
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
    polled: Arc<AtomicBool>,
    /// The list says that it is parked in the line of a channel: so the list is touched only when something changes.
    settled: Cell<bool>,
    noted: Cell<bool>,
}

impl Blocked {
    pub(crate) fn new(called_at: Line, drives: Option<&Handle>) -> Self {
        if !ON {
            return Self::listed(0, TaskId::NONE, Arc::default());
        }
        Self::list_as(Waiting {
            drives: drives.map(Handle::number),
            ..Waiting::new(new_id(), BLOCK_ON, called_at)
        })
    }

    fn list_as(waiting: Waiting) -> Self {
        let (id, polled) = (waiting.id, Arc::clone(&waiting.polled));
        let key = lock().insert(waiting);
        Self::listed(key, id, polled)
    }

    const fn listed(key: usize, id: TaskId, polled: Arc<AtomicBool>) -> Self {
        Self {
            key,
            id,
            polled,
            settled: Cell::new(false),
            noted: Cell::new(false),
        }
    }

    /// The future is polled from now on.
    #[inline]
    pub(crate) fn begin_poll(&self) {
        begin_poll(self.id);
        self.is_polled(true);
    }

    #[inline]
    fn is_polled(&self, is: bool) {
        if ON {
            self.polled.store(is, Ordering::Release);
        }
    }

    /// The future was polled and is not ready.
    #[inline]
    pub(crate) fn parked(&self) {
        if !ON {
            return;
        }
        if !(self.settled.get() && is_in_line()) {
            self.list();
        }
        self.is_polled(false);
    }

    #[cold]
    fn list(&self) {
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
        if ON {
            let waiting = lock().try_remove(self.key);
            drop(waiting);
        }
    }
}

fn new_id() -> TaskId {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    TaskId::root(CALLS.fetch_add(1, Ordering::Relaxed) + 1)
}

thread_local! {
    /// What the waiters of this thread carry when it is in a blocking twin.
    static THREAD: Cell<TaskId> = const { Cell::new(TaskId::NONE) };
}

/// This thread is in a blocking twin until the value is dropped. Others see it only once it really waits.
#[derive(Debug)]
pub(crate) struct Blocking {
    id: TaskId,
    call: &'static str,
    called_at: Line,
    is_timed: bool,
    is_seen: bool,
    has_waited: bool,
    listed: Option<Blocked>,
    _polls: Ticking,
}

impl Blocking {
    pub(crate) fn new(call: &'static str, called_at: Line) -> Self {
        let id = THREAD.with(|thread| {
            if ON && thread.get() == TaskId::NONE {
                thread.set(new_id());
            }
            thread.get()
        });
        Self {
            id,
            call,
            called_at,
            is_timed: false,
            is_seen: ON,
            has_waited: false,
            listed: None,
            _polls: Ticking::start(),
        }
    }

    /// The same, for no longer than some time.
    pub(crate) fn timed(call: &'static str, called_at: Line) -> Self {
        Self {
            is_timed: true,
            ..Self::new(call, called_at)
        }
    }

    /// For what waits at no line of the program: nobody sees it.
    #[cfg_attr(any(not(feature = "console"), async_dsl_loom), allow(dead_code))]
    pub(crate) fn unseen() -> Self {
        let at = Location::caller();
        Self {
            is_seen: false,
            ..Self::new("", at)
        }
    }

    /// The future, as what it waits for.
    pub(crate) async fn on<F: Future>(mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|cx| self.poll(|| future.as_mut().poll(cx))).await
    }

    /// Polls what it waits for.
    pub(crate) fn poll<T>(&mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        match &self.listed {
            Some(listed) => listed.begin_poll(),
            None => begin_poll(self.id),
        }
        let polled = poll();
        if polled.is_pending() {
            if !std::mem::replace(&mut self.has_waited, true) {
                assert_not_forked();
            }
            if ON && self.is_seen {
                self.listed().parked();
            }
        }
        polled
    }

    fn listed(&mut self) -> &Blocked {
        self.listed.get_or_insert_with(|| {
            Blocked::list_as(Waiting {
                is_timed: self.is_timed,
                ..Waiting::new(self.id, self.call, self.called_at)
            })
        })
    }
}
