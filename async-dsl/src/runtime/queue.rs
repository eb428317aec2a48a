//! The run queue: what is ready, and the workers that wait for it. Generic, so that it is model-checked with numbers.
//!
//! 1. An item that was pushed is in one place: in the queue, or with the worker that it was handed to. It is handed out once.
//! 2. While an item is in the queue and a worker is idle, some worker was woken and has not looked since. It is woken alone:
//!    if it finds more than it takes, it wakes the next one.
//! 3. After [`RunQueue::stop`] nothing is handed out, and every worker that was idle is woken. What is in the queue, and what
//!    is pushed later, is [discarded](Item::discard) by the queue, under no lock, by one thread at a time: that which stops it
//!    or pushes, unless another one is at it already and so will find the new item too. An item that pushes others as it is
//!    discarded thereby makes the line longer, not the stack deeper.
//!
//! All that the rest of the scheduler knows of the queue is in the methods below, so that it can be replaced: a [`Worker`] may
//! come to have a part of it to itself. What drives a scheduler by hand is no worker, and [pops](RunQueue::pop) from the part
//! that all share, first in, first out.

use std::collections::VecDeque;
use std::task::Waker;

use super::sync::{Mutex, lock};

/// What waits in a queue.
pub(crate) trait Item {
    /// Ends it, since it will not be handed out any more. This may run foreign code, and push to the same queue; it must
    /// not unwind.
    fn discard(self);
}

#[derive(Debug)]
pub(crate) struct RunQueue<T> {
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    ready: VecDeque<T>,
    idle: Vec<(u64, Waker)>,
    next_id: u64,
    /// An idle worker was woken and has not been here since.
    waking: bool,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    Stopped,
    /// Stopped, and a thread is discarding what is ready.
    Discarding,
}

/// Above this many places an empty queue frees its memory.
const KEEP: usize = 4096;

impl<T> State<T> {
    fn is_stopped(&self) -> bool {
        self.stage != Stage::Open
    }

    fn take_first(&mut self) -> Option<T> {
        let first = self.ready.pop_front();
        if self.ready.is_empty() && self.ready.capacity() > KEEP {
            self.ready = VecDeque::new();
        }
        first
    }

    /// The worker to wake, if one should be.
    fn wake_one(&mut self) -> Option<Waker> {
        if self.waking || self.ready.is_empty() || self.is_stopped() {
            return None;
        }
        let (_, waker) = self.idle.pop()?;
        self.waking = true;
        Some(waker)
    }
}

/// What the queue has for a worker.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<T> {
    Run(T),
    Empty,
    Stopped,
}

impl<T: Item> RunQueue<T> {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                ready: VecDeque::new(),
                idle: Vec::new(),
                next_id: 0,
                waking: false,
                stage: Stage::Open,
            }),
        }
    }

    /// Adds what is ready, and wakes at most one idle worker. In a stopped queue it is discarded, here or by the thread that
    /// is at it.
    pub(crate) fn push(&self, item: T) {
        let wake = {
            let mut state = lock(&self.state);
            state.ready.push_back(item);
            if state.is_stopped() {
                drop(state);
                return self.discard();
            }
            state.wake_one()
        };
        if let Some(waker) = wake {
            waker.wake();
        }
    }

    /// Takes the next item, for a driver that is no worker.
    pub(crate) fn pop(&self) -> Next<T> {
        let mut state = lock(&self.state);
        if state.is_stopped() {
            return Next::Stopped;
        }
        state.take_first().map_or(Next::Empty, Next::Run)
    }

    /// How many items could be handed out.
    pub(crate) fn len(&self) -> usize {
        let state = lock(&self.state);
        if state.is_stopped() {
            0
        } else {
            state.ready.len()
        }
    }

    /// Returns what `look`, which must not run foreign code, sees of the items.
    pub(crate) fn ready<R>(&self, look: impl Fn(&T) -> R) -> Vec<R> {
        lock(&self.state).ready.iter().map(look).collect()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        lock(&self.state).is_stopped()
    }

    /// Stops the queue for good. Once more, it does nothing.
    pub(crate) fn stop(&self) {
        let idle = {
            let mut state = lock(&self.state);
            if !state.is_stopped() {
                state.stage = Stage::Stopped;
            }
            std::mem::take(&mut state.idle)
        };
        for (_, waker) in idle {
            waker.wake();
        }
        self.discard();
    }

    /// Discards what is in the stopped queue, unless another thread does.
    #[cold]
    fn discard(&self) {
        let mut is_mine = false;
        loop {
            let item = {
                let mut state = lock(&self.state);
                if !is_mine && state.stage == Stage::Discarding {
                    return;
                }
                is_mine = true;
                let item = state.take_first();
                state.stage = match item {
                    Some(_) => Stage::Discarding,
                    None => Stage::Stopped,
                };
                item
            };
            match item {
                Some(item) => item.discard(),
                None => return,
            }
        }
    }

    /// A place for one more worker.
    pub(crate) fn worker(&self) -> Worker<'_, T> {
        let mut state = lock(&self.state);
        state.next_id += 1;
        Worker {
            queue: self,
            id: state.next_id,
            idle: false,
        }
    }
}

/// A worker: what is ready is handed to it, or wakes it.
#[derive(Debug)]
pub(crate) struct Worker<'a, T> {
    queue: &'a RunQueue<T>,
    id: u64,
    /// It is in the list of idle ones, or was woken from there and has not looked since.
    idle: bool,
}

impl<T> Worker<'_, T> {
    /// The next item. A worker that comes because it was woken, and finds more than it takes, wakes the next one.
    pub(crate) fn next(&mut self) -> Next<T> {
        let (next, own, wake) = {
            let mut state = lock(&self.queue.state);
            if state.is_stopped() {
                return Next::Stopped;
            }
            let (own, woken) = self.leave(&mut state);
            let next = state.take_first().map_or(Next::Empty, Next::Run);
            let wake = if woken { state.wake_one() } else { None };
            (next, own, wake)
        };
        drop(own);
        if let Some(waker) = wake {
            waker.wake();
        }
        next
    }

    /// Registers as idle: `waker` is woken when there is something to do. If there is already, it says `false`.
    #[must_use]
    pub(crate) fn park(&mut self, waker: &Waker) -> bool {
        let waker = waker.clone();
        let (own, wake, parks) = {
            let mut state = lock(&self.queue.state);
            let (own, woken) = self.leave(&mut state);
            let parks = !state.is_stopped() && state.ready.is_empty();
            if parks {
                state.idle.push((self.id, waker));
                self.idle = true;
            }
            // This one need not look, though it was woken for what is there.
            let wake = if woken { state.wake_one() } else { None };
            (own, wake, parks)
        };
        drop(own);
        if let Some(waker) = wake {
            waker.wake();
        }
        parks
    }

    /// Leaves the list of idle workers; returns its waker, and whether it had been woken.
    fn leave(&mut self, state: &mut State<T>) -> (Option<Waker>, bool) {
        if !std::mem::take(&mut self.idle) {
            return (None, false);
        }
        if let Some(at) = state.idle.iter().position(|(id, _)| *id == self.id) {
            return (Some(state.idle.swap_remove(at).1), false);
        }
        state.waking = false;
        (None, true)
    }
}

impl<T> Drop for Worker<'_, T> {
    fn drop(&mut self) {
        let (own, wake) = {
            let mut state = lock(&self.queue.state);
            let (own, woken) = self.leave(&mut state);
            (own, if woken { state.wake_one() } else { None })
        };
        drop(own);
        if let Some(waker) = wake {
            waker.wake();
        }
    }
}

#[cfg(all(test, async_dsl_loom))]
mod models;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::scheduler::Scheduler;

    #[test]
    fn the_memory_of_a_burst_is_given_back() {
        let scheduler = Scheduler::manual();
        let capacity = || {
            let handle = scheduler.handle();
            lock(&handle.queue.state).ready.capacity()
        };
        for _ in 0..3 * KEEP {
            scheduler.spawn(async {}).detach();
        }
        assert!(capacity() >= 3 * KEEP);
        assert_eq!(scheduler.run_until_parked(), 3 * KEEP);
        assert!(capacity() <= KEEP);
    }

    /// As it is discarded it pushes one less.
    struct Pushes {
        left: usize,
        discarded: Arc<AtomicUsize>,
        queue: Arc<RunQueue<Self>>,
    }

    impl Item for Pushes {
        fn discard(mut self) {
            self.discarded.fetch_add(1, Ordering::Relaxed);
            if self.left > 0 {
                self.left -= 1;
                Arc::clone(&self.queue).push(self);
            }
        }
    }

    #[test]
    fn what_pushes_as_it_is_discarded_does_not_deepen_the_stack() {
        let queue = Arc::new(RunQueue::new());
        queue.stop();
        let discarded = Arc::new(AtomicUsize::new(0));
        queue.push(Pushes {
            left: 1_000_000,
            discarded: Arc::clone(&discarded),
            queue: Arc::clone(&queue),
        });
        assert_eq!(discarded.load(Ordering::Relaxed), 1_000_001);
    }
}
