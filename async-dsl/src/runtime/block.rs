//! Blocking a thread: there is one way for each of two needs.
//!
//! A thread that only waits is unparked by the waker of what it waits for ([`Blocking`]). One on which timers and sockets
//! are to be served meanwhile waits in the reactor ([`in_reactor`]).

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::mem;
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use super::INSPECTS;
use super::blocked::{Blocked, thread_id};
use super::forked::assert_not_forked;
use super::id::TaskId;
use super::note::Ticking;
use super::place::Line;
use super::running::{PollScope, assert_may_block};
use super::sync::atomic::{AtomicBool, Ordering};
use super::sync::thread::{self, Thread};
use super::sync::{self, thread_local};

/// Blocks this thread until the future is ready, and serves timers and sockets meanwhile.
pub(crate) fn in_reactor<F: Future>(future: F) -> F::Output {
    sync::block_on(future)
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
    /// In the twin of this name, which may be that of its type and its own.
    ///
    /// # Panics
    /// Where a thread must not be blocked, naming both lines.
    #[track_caller]
    pub(crate) fn new(what: &'static str) -> Self {
        let at = Location::caller();
        assert_may_block(what, at);
        let call = what.rsplit("::").next().unwrap_or(what);
        Self::seen(call, at, INSPECTS)
    }

    /// Of a wait that belongs to no line of the program: inspection does not list it.
    #[cfg_attr(any(not(feature = "console"), async_dsl_loom), allow(dead_code))]
    pub(crate) fn unseen() -> Self {
        Self::seen("", Location::caller(), false)
    }

    fn seen(call: &'static str, called_at: Line, is_seen: bool) -> Self {
        Self {
            id: thread_id(),
            call,
            called_at,
            is_timed: false,
            is_seen,
            has_waited: false,
            listed: None,
            _polls: Ticking::start(),
        }
    }

    /// Blocks this thread until the future is ready.
    pub(crate) fn on<F: Future>(self, future: F) -> F::Output {
        let mut future = pin!(future);
        self.wait(|cx| future.as_mut().poll(cx))
    }

    /// The same, [in the reactor](in_reactor).
    #[cfg_attr(any(not(feature = "net"), async_dsl_loom), allow(dead_code))]
    pub(crate) fn on_io<F: Future>(mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        in_reactor(poll_fn(|cx| self.poll(|| future.as_mut().poll(cx))))
    }

    /// Blocks this thread until `poll` is ready.
    pub(crate) fn wait<T>(mut self, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        loop {
            if let Some(value) = self.park_until(None, &mut poll) {
                return value;
            }
        }
    }

    /// Blocks this thread until `poll` is ready; returns `None` at the deadline, if there is one. What is ready by then
    /// wins.
    pub(crate) fn wait_until<T>(
        mut self,
        deadline: Option<Instant>,
        poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Option<T> {
        self.is_timed = deadline.is_some();
        self.park_until(deadline, poll)
    }

    fn park_until<T>(
        &mut self,
        deadline: Option<Instant>,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Option<T> {
        let here = Here::take();
        loop {
            let polled = self.poll(|| poll(&mut Context::from_waker(&here.waker)));
            if let Poll::Ready(value) = polled {
                here.keep();
                return Some(value);
            }
            while !here.parked.woken.swap(false, Ordering::AcqRel) {
                match deadline.map(|end| end.saturating_duration_since(Instant::now())) {
                    None => thread::park(),
                    Some(Duration::ZERO) => return None,
                    Some(left) => thread::park_timeout(left),
                }
            }
        }
    }

    /// Polls what it waits for.
    fn poll<T>(&mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        if let Some(listed) = &self.listed {
            listed.is_polled(true);
        }
        let polled = {
            let _scope = PollScope::in_twin(self.id);
            poll()
        };
        if polled.is_pending() {
            if !mem::replace(&mut self.has_waited, true) {
                assert_not_forked();
            }
            if self.is_seen {
                self.listed().parked();
            }
        }
        polled
    }

    fn listed(&mut self) -> &Blocked {
        self.listed.get_or_insert_with(|| {
            Blocked::in_twin(self.id, self.call, self.called_at, self.is_timed)
        })
    }
}

struct Parked {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

/// How this thread is woken.
struct Here {
    parked: Arc<Parked>,
    waker: Waker,
}

thread_local! {
    /// Kept from one wait to the next.
    static SPARE: Cell<Option<Here>> = const { Cell::new(None) };
}

impl Here {
    fn take() -> Self {
        // There is none in a wait inside of another, nor on a thread that is ending.
        let spare = SPARE.try_with(Cell::take);
        spare.ok().flatten().unwrap_or_else(|| {
            let parked = Arc::new(Parked {
                thread: thread::current(),
                woken: AtomicBool::new(false),
            });
            let waker = Waker::from(Arc::clone(&parked));
            Self { parked, waker }
        })
    }

    /// The next wait may be polled once for nothing, if this one's waker is woken late.
    fn keep(self) {
        let _ = SPARE.try_with(|spare| spare.set(Some(self)));
    }
}
