//! Those who wait until something new is there. Nothing is handed to them: each looks for itself when it is woken, so that
//! one who leaves takes nothing along.

use std::task::{Context, Poll, Waker};

use slab::Slab;

use crate::chan::SeenWaiter;
use crate::runtime::note::{self, Stamp};
use crate::runtime::place::At;
use crate::runtime::sync::{Mutex, lock};

#[derive(Debug, Default)]
pub(in crate::flow) struct Waiters(Slab<Waiter>);

/// Its owner removes it, and nobody else: a key is never that of another waiter.
#[derive(Debug)]
struct Waiter {
    /// `None` once it was woken.
    waker: Option<Waker>,
    at: At,
    stamp: Stamp,
}

/// What is locked while one looks whether something new is there.
pub(in crate::flow) trait Watched {
    fn waiters(&mut self) -> &mut Waiters;
}

impl Waiters {
    /// Returns the wakers of all who wait, to be woken once the lock is released.
    pub(in crate::flow) fn wake(&mut self) -> Vec<Waker> {
        let waiters = self.0.iter_mut();
        waiters
            .filter_map(|(_, waiter)| waiter.waker.take())
            .collect()
    }

    pub(in crate::flow) fn seen(&self) -> Vec<SeenWaiter> {
        let waiters = self.0.iter().map(|(_, waiter)| waiter);
        let parked = waiters.filter(|waiter| waiter.waker.is_some());
        let seen = parked.map(|&Waiter { at, stamp, .. }| SeenWaiter { at, stamp });
        seen.collect()
    }

    fn is_for(&self, key: Option<usize>, waker: &Waker) -> bool {
        let waiter = key.and_then(|key| self.0.get(key));
        let known = waiter.and_then(|waiter| waiter.waker.as_ref());
        known.is_some_and(|known| known.will_wake(waker))
    }

    /// Returns the old waker, to be dropped once the lock is released.
    fn wait(&mut self, key: &mut Option<usize>, waker: Waker, at: At) -> Option<Waker> {
        if let Some(waiter) = key.and_then(|key| self.0.get_mut(key)) {
            let old = waiter.waker.replace(waker);
            if old.is_none() {
                waiter.stamp = Stamp::now();
            }
            return old;
        }
        let stamp = Stamp::now();
        let waker = Some(waker);
        *key = Some(self.0.insert(Waiter { waker, at, stamp }));
        None
    }

    fn leave(&mut self, key: Option<usize>) -> Option<Waker> {
        self.0.try_remove(key?)?.waker
    }
}

/// Returns what `ready` finds, or waits. `ready` runs under the lock: what it returns is taken apart by the caller.
pub(in crate::flow) fn poll<S: Watched, R>(
    state: &Mutex<S>,
    key: &mut Option<usize>,
    at: At,
    cx: &Context<'_>,
    mut ready: impl FnMut(&mut S) -> Poll<R>,
) -> Poll<R> {
    // Declared before every guard: a waker is cloned and dropped under no lock.
    let mut fresh: Option<Waker> = None;
    loop {
        let mut state = lock(state);
        if let Poll::Ready(found) = ready(&mut state) {
            let left = state.waiters().leave(key.take());
            drop(state);
            drop(left);
            return Poll::Ready(found);
        }
        if state.waiters().is_for(*key, cx.waker()) {
            break;
        }
        if let Some(waker) = fresh.take() {
            let old = state.waiters().wait(key, waker, at);
            drop(state);
            drop(old);
            break;
        }
        drop(state);
        fresh = Some(cx.waker().clone());
    }
    note::in_line();
    Poll::Pending
}

/// To be called by one that waits no more.
pub(in crate::flow) fn leave<S: Watched>(state: &Mutex<S>, key: &mut Option<usize>) {
    if key.is_some() {
        // Two statements: the lock is released before the waker is dropped.
        let left = lock(state).waiters().leave(key.take());
        drop(left);
    }
}

#[cfg(all(test, async_dsl_loom))]
mod models;
