//! The run queue: the tasks that are ready, and the workers that wait for one.
//!
//! Everything the rest of the scheduler knows of it is in the methods below, so that it can be replaced.

use std::collections::VecDeque;
use std::task::Waker;

use super::sync::runtime::{Mutex, lock};

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
    /// What is ready is dropped from now on, not run.
    stopped: bool,
    /// A thread is dropping what is ready.
    dropping: bool,
}

/// Above this many places an empty queue gives its memory back.
const KEEP: usize = 4096;

impl<T> State<T> {
    fn take_first(&mut self) -> Option<T> {
        let first = self.ready.pop_front();
        if self.ready.is_empty() && self.ready.capacity() > KEEP {
            self.ready = VecDeque::new();
        }
        first
    }

    /// The worker to wake, if one should be.
    fn wake_one(&mut self) -> Option<Waker> {
        if self.waking || self.ready.is_empty() {
            return None;
        }
        let (_, waker) = self.idle.pop()?;
        self.waking = true;
        Some(waker)
    }
}

/// What the queue has for a worker.
#[derive(Debug)]
pub(crate) enum Next<T> {
    Run(T),
    Empty,
    Stopped,
}

impl<T> RunQueue<T> {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                ready: VecDeque::new(),
                idle: Vec::new(),
                next_id: 0,
                waking: false,
                stopped: false,
                dropping: false,
            }),
        }
    }

    /// Adds a ready task and wakes at most one idle worker. `true` says that the queue is stopped and that
    /// the caller is to drop what is in it, by [`RunQueue::next_to_drop`].
    #[must_use]
    pub(crate) fn push(&self, item: T) -> bool {
        let wake = {
            let mut state = lock(&self.state);
            state.ready.push_back(item);
            if state.stopped {
                return !std::mem::replace(&mut state.dropping, true);
            }
            state.wake_one()
        };
        if let Some(waker) = wake {
            waker.wake();
        }
        false
    }

    pub(crate) fn pop(&self) -> Next<T> {
        let mut state = lock(&self.state);
        if state.stopped {
            return Next::Stopped;
        }
        state.take_first().map_or(Next::Empty, Next::Run)
    }

    pub(crate) fn len(&self) -> usize {
        let state = lock(&self.state);
        if state.stopped { 0 } else { state.ready.len() }
    }

    /// The tasks that are ready.
    pub(crate) fn ready<R>(&self, look: impl Fn(&T) -> R) -> Vec<R> {
        lock(&self.state).ready.iter().map(look).collect()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        lock(&self.state).stopped
    }

    /// Stops the queue for good. `true`: the caller is to drop what is in it.
    #[must_use]
    pub(crate) fn stop(&self) -> bool {
        let (idle, drop_them) = {
            let mut state = lock(&self.state);
            state.stopped = true;
            let drop_them = !std::mem::replace(&mut state.dropping, true);
            (std::mem::take(&mut state.idle), drop_them)
        };
        for (_, waker) in idle {
            waker.wake();
        }
        drop_them
    }

    /// The next task to drop of a stopped queue; after `None` another thread may do the dropping.
    pub(crate) fn next_to_drop(&self) -> Option<T> {
        let mut state = lock(&self.state);
        let next = state.take_first();
        if next.is_none() {
            state.dropping = false;
        }
        next
    }

    pub(crate) fn waiter(&self) -> Waiter<'_, T> {
        let mut state = lock(&self.state);
        state.next_id += 1;
        Waiter {
            queue: self,
            id: state.next_id,
            idle: false,
        }
    }
}

/// A worker's place among the idle ones.
#[derive(Debug)]
pub(crate) struct Waiter<'a, T> {
    queue: &'a RunQueue<T>,
    id: u64,
    idle: bool,
}

impl<T> Waiter<'_, T> {
    /// The next ready task. A worker that comes because it was woken, and finds more than it takes, wakes
    /// the next one.
    pub(crate) fn next(&mut self) -> Next<T> {
        let (next, own, wake) = {
            let mut state = lock(&self.queue.state);
            if state.stopped {
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

    /// Registers as idle, unless there is something to do: then it says `false`.
    #[must_use]
    pub(crate) fn wait(&mut self, waker: &Waker) -> bool {
        let waker = waker.clone();
        let mut state = lock(&self.queue.state);
        let (own, _) = self.leave(&mut state);
        let wait = !state.stopped && state.ready.is_empty();
        if wait {
            state.idle.push((self.id, waker));
            self.idle = true;
        }
        drop(state);
        drop(own);
        wait
    }

    /// Leaves the list of idle workers; gives its waker, and whether it had been woken.
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

impl<T> Drop for Waiter<'_, T> {
    fn drop(&mut self) {
        let (own, wake) = {
            let mut state = lock(&self.queue.state);
            let (own, woken) = self.leave(&mut state);
            let wake = if woken && !state.stopped {
                state.wake_one()
            } else {
                None
            };
            (own, wake)
        };
        drop(own);
        if let Some(waker) = wake {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
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
}
