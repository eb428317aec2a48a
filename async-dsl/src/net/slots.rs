//! How many connections a server has, and how many it may have.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use crate::sync::lock;

/// The places of one server's connections.
#[derive(Debug)]
pub(crate) struct Slots {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    open: usize,
    /// Who waits for a place, or for the last connection to go.
    waiting: Vec<Waker>,
}

/// One place. It is given back when the connection's socket is closed.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Slots>);

impl Slots {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            state: Mutex::default(),
        })
    }

    pub(super) fn open(&self) -> usize {
        lock(&self.state).open
    }

    pub(super) fn try_acquire(self: &Arc<Self>) -> Option<Slot> {
        let mut state = lock(&self.state);
        let free = state.open < self.limit;
        state.open += usize::from(free);
        free.then(|| Slot(Arc::clone(self)))
    }

    pub(super) fn poll_acquire(self: &Arc<Self>, cx: &mut Context<'_>) -> Poll<Slot> {
        self.wait(cx.waker());
        self.try_acquire().map_or(Poll::Pending, Poll::Ready)
    }

    pub(super) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.wait(cx.waker());
        if self.open() == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// First the waker, then the look: a place given back in between wakes it.
    fn wait(&self, waker: &Waker) {
        let waker = waker.clone();
        lock(&self.state).waiting.push(waker);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let waiting = {
            let mut state = lock(&self.0.state);
            state.open -= 1;
            std::mem::take(&mut state.waiting)
        };
        for waker in waiting {
            waker.wake();
        }
    }
}
