//! How many connections a server has, and how many it may have.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::server::counters::Tally;
use super::server::failure::Failures;
use crate::runtime::place::Line;
use crate::runtime::sync::lock;
use crate::runtime::wake::wake_all;

/// The places of one server's connections.
#[derive(Debug)]
pub(crate) struct Slots {
    limit: usize,
    pub(super) tally: Tally,
    pub(super) failures: Failures,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Places that are taken.
    taken: usize,
    /// Those of them with an open connection.
    open: usize,
    /// The tasks that wait for a place, or for the last connection to close.
    waiting: Vec<Waker>,
}

/// One place. It is given back when the connection's socket is closed.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    open: bool,
}

impl Slot {
    pub(super) fn tally(&self) -> &Tally {
        &self.slots.tally
    }

    pub(super) fn failures(&self) -> &Failures {
        &self.slots.failures
    }

    /// Marks the place's connection as open.
    pub(super) fn open(mut self) -> Self {
        lock(&self.slots.state).open += 1;
        self.open = true;
        self
    }
}

impl Slots {
    /// Returns the places of the server that was started at this line.
    pub(super) fn new(limit: usize, at: Line) -> Arc<Self> {
        Arc::new(Self {
            limit,
            tally: Tally::default(),
            failures: Failures::new(at),
            state: Mutex::default(),
        })
    }

    pub(super) fn open(&self) -> usize {
        lock(&self.state).open
    }

    pub(super) fn try_acquire(self: &Arc<Self>) -> Option<Slot> {
        let mut state = lock(&self.state);
        let free = state.taken < self.limit;
        state.taken += usize::from(free);
        free.then(|| Slot {
            slots: Arc::clone(self),
            open: false,
        })
    }

    pub(super) fn poll_acquire(self: &Arc<Self>, cx: &mut Context<'_>) -> Poll<Slot> {
        self.wait(cx.waker());
        self.try_acquire().map_or(Poll::Pending, Poll::Ready)
    }

    pub(super) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.wait(cx.waker());
        if lock(&self.state).taken == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Registers the waker before the caller looks, so that a place given back in between wakes it.
    fn wait(&self, waker: &Waker) {
        let waker = waker.clone();
        let mut state = lock(&self.state);
        if !state.waiting.iter().any(|known| known.will_wake(&waker)) {
            state.waiting.push(waker);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let waiting = {
            let mut state = lock(&self.slots.state);
            state.taken -= 1;
            state.open -= usize::from(self.open);
            std::mem::take(&mut state.waiting)
        };
        wake_all(waiting);
    }
}
