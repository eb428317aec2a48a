//! The run queue: what is ready, and the workers that wait for it. Generic, so that it is model-checked with numbers.
//!
//! It has a part that all share, behind a lock, and a [part](part) for each worker, which it pushes to and pops from without
//! one. What is woken on a worker goes to its own part, and all else to the shared one.
//!
//! 1. An item that was pushed is in one place: in a part, or with the worker that it was handed to. It is handed out once.
//! 2. While an item is in the shared part and a worker is idle, some worker was woken and has not looked since. It is woken
//!    alone: if it finds more than it takes, it wakes the next one.
//! 3. A worker is idle only if its own part is empty. What is woken on its thread while it is idle, in the reactor, goes to the
//!    shared part, and so does what is left in the part of a worker that goes. So what is in a part needs nobody else to be
//!    run. Others steal it where that pays.
//! 4. While a worker works and others are idle, one of these is the [guard](worker::Worker::guards): it looks from time to
//!    time whether there is something to steal, behind a turn that takes long. If all were idle, so that there is no guard, the first push
//!    to a worker's own part calls one. Nobody is woken for what its own worker comes to soon.
//! 5. After [`RunQueue::stop`] nothing is handed out, and every worker that was idle is woken. What is in the queue, and what
//!    is pushed later, is [discarded](Item::discard) by the queue, under no lock, by one thread at a time: that which stops it
//!    or pushes, unless another one is at it already and so will find the new item too. An item that pushes others as it is
//!    discarded thereby makes the line longer, not the stack deeper. What a worker pushes to its own part at the moment of the
//!    stop it discards itself, after the turn.
//!
//! What drives a scheduler by hand takes the items [in the order](RunQueue::in_order) in which they were pushed.

use std::collections::VecDeque;
use std::mem;
use std::task::Waker;

pub(crate) use guest::Guest;
pub(crate) use part::{How, Item, Local};

use part::{Parts, Signs, parts};

use super::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use super::sync::{Arc, Mutex, lock};

mod deque;
mod guest;
mod part;
mod steal;
mod worker;

#[derive(Debug)]
pub(crate) struct RunQueue<T> {
    state: Mutex<State<T>>,
    /// How many items are in the shared part, for those who look without the lock.
    shared: AtomicUsize,
    signs: Arc<Signs>,
    parts: Parts<T>,
    /// Its one part is for a driver, and is first in, first out.
    in_order: bool,
}

#[derive(Debug)]
struct State<T> {
    ready: VecDeque<T>,
    idle: Vec<(u64, Waker)>,
    next_id: u64,
    /// An idle worker was woken and has not been here since.
    waking: bool,
    stage: Stage,
    /// The workers that have a part, and the guests that are awake.
    workers: usize,
    guard: Option<u64>,
    /// Those who drive a queue that is in order.
    drivers: usize,
    /// The parts that no worker has, and those for guests.
    spare: Vec<Local<T>>,
    spare_of_guests: Vec<Local<T>>,
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

    /// Takes over what an owner leaves behind; returns whether there was anything.
    fn take_all_of(&mut self, local: &Local<T>) -> bool {
        let before = self.ready.len();
        self.ready.extend(std::iter::from_fn(|| local.pop()));
        self.ready.len() > before
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
    /// One for so many workers and [guests](guest) that have parts of their own.
    pub(crate) fn new(workers: usize, guests: usize) -> Self {
        Self::with_parts(workers, guests, false)
    }

    /// One that hands out first what was pushed first. The first who [drives](worker::Worker::round) it has a part of its own,
    /// as long as it is the only one.
    pub(crate) fn in_order() -> Self {
        Self::with_parts(1, 0, true)
    }

    fn with_parts(workers: usize, guests: usize, in_order: bool) -> Self {
        let signs = Arc::new(Signs {
            stopped: AtomicBool::new(false),
            unguarded: AtomicBool::new(false),
            all_shared: AtomicBool::new(false),
        });
        let (parts, mut spare) = parts(workers + guests, in_order, &signs);
        let spare_of_guests = spare.split_off(workers);
        Self {
            state: Mutex::new(State {
                ready: VecDeque::new(),
                idle: Vec::new(),
                next_id: 0,
                waking: false,
                stage: Stage::Open,
                workers: 0,
                guard: None,
                drivers: 0,
                spare,
                spare_of_guests,
            }),
            shared: AtomicUsize::new(0),
            signs,
            parts,
            in_order,
        }
    }

    /// Whether this is a part of it.
    #[inline]
    pub(crate) fn owns(&self, local: &Local<T>) -> bool {
        local.has(&self.signs)
    }

    /// To be called before the lock is released.
    fn publish(&self, state: &State<T>) {
        if self.parts.is_empty() {
            return; // nobody looks
        }
        self.shared.store(state.ready.len(), Ordering::Release);
        let unguarded = state.guard.is_none() && !state.idle.is_empty() && !self.in_order;
        self.signs.unguarded.store(unguarded, Ordering::Release);
    }

    /// Adds what is ready to the shared part, and wakes at most one idle worker. In a stopped queue it is discarded, here or
    /// by the thread that is at it.
    pub(crate) fn push(&self, item: T) {
        match self.add(item) {
            Ok(Some(waker)) => waker.wake(),
            Ok(None) => {}
            Err(item) => {
                lock(&self.state).ready.push_back(item);
                self.discard();
            }
        }
    }

    /// The same without running foreign code: the waker is to be woken. A stopped queue returns the item.
    pub(crate) fn add(&self, item: T) -> Result<Option<Waker>, T> {
        let mut state = lock(&self.state);
        if state.is_stopped() {
            return Err(item);
        }
        state.ready.push_back(item);
        let wake = state.wake_one();
        self.publish(&state);
        Ok(wake)
    }

    /// Takes the next item, for one who has no part. What is in a driver's part is in the shared one from then on.
    pub(crate) fn pop(&self) -> Next<T> {
        let mut state = lock(&self.state);
        if state.is_stopped() {
            return Next::Stopped;
        }
        if state.drivers > 0 {
            self.gather(&mut state);
        }
        let first = state.take_first();
        self.publish(&state);
        first.map_or(Next::Empty, Next::Run)
    }

    /// How many items could be handed out. What a worker has in its own part may be counted while it is stolen or taken.
    pub(crate) fn len(&self) -> usize {
        let state = lock(&self.state);
        if state.is_stopped() {
            return 0;
        }
        let parts = self.parts.iter().map(|part| part.len());
        state.ready.len() + parts.sum::<usize>()
    }

    /// Returns what `look`, which must not run foreign code, sees of the items. Those of the workers' parts are in the shared
    /// part from then on: nobody but their owners can look at them otherwise.
    pub(crate) fn ready<R>(&self, look: impl Fn(&T) -> R) -> Vec<R> {
        let (seen, wake) = {
            let mut state = lock(&self.state);
            self.gather(&mut state);
            let wake = state.wake_one();
            self.publish(&state);
            (state.ready.iter().map(look).collect(), wake)
        };
        if let Some(waker) = wake {
            waker.wake();
        }
        seen
    }

    /// Moves what is in the workers' parts to the shared one. If they are in order, so does what is pushed from now on, until a
    /// driver [takes it in](worker::Worker::round).
    fn gather(&self, state: &mut State<T>) {
        if self.in_order {
            self.signs.all_shared.store(true, Ordering::SeqCst);
        }
        for part in &self.parts {
            state.ready.extend(std::iter::from_fn(|| part.steal()));
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.signs.stopped.load(Ordering::Acquire)
    }

    /// Stops the queue for good. Once more, it does nothing.
    pub(crate) fn stop(&self) {
        let idle = {
            let mut state = lock(&self.state);
            if !state.is_stopped() {
                state.stage = Stage::Stopped;
                self.signs.stopped.store(true, Ordering::SeqCst);
            }
            self.gather(&mut state);
            let idle = mem::take(&mut state.idle);
            self.publish(&state);
            idle
        };
        for (_, waker) in idle {
            waker.wake();
        }
        self.discard();
    }

    /// Discards what is in the shared part of the stopped queue, unless another thread does.
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
                self.publish(&state);
                item
            };
            match item {
                Some(item) => item.discard(),
                None => return,
            }
        }
    }

    /// Wakes an idle worker to be the guard, if there is none.
    #[cold]
    pub(crate) fn call_guard(&self) {
        let waker = {
            let mut state = lock(&self.state);
            if state.guard.is_some() || state.is_stopped() {
                return;
            }
            let Some((id, waker)) = state.idle.pop() else {
                return;
            };
            state.guard = Some(id);
            self.publish(&state);
            waker
        };
        waker.wake();
    }
}

#[cfg(all(test, async_dsl_loom))]
mod models;

#[cfg(test)]
mod tests;
