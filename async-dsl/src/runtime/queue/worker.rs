//! A worker's side of the run queue.

use std::mem;
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

use super::{Item, Local, Next, RunQueue, State, steal};
use crate::runtime::sync::atomic::Ordering;
use crate::runtime::sync::lock;

/// A worker looks at the shared part after so many turns at the latest. A prime number, so that it does not keep step with
/// what the tasks do.
const LOOK_AT_SHARED: u32 = 61;

impl<T: Item> RunQueue<T> {
    /// A place for one more worker. It has a part of its own if one is left.
    pub(crate) fn worker(&self) -> Worker<'_, T> {
        let mut state = lock(&self.state);
        state.next_id += 1;
        let local = state.spare.pop().map(Rc::new);
        state.workers += usize::from(local.is_some());
        if self.in_order {
            state.drivers += 1;
            if state.drivers > 1 {
                self.gather(&mut state);
                self.publish(&state);
            }
        }
        Worker {
            queue: self,
            id: state.next_id,
            idle: false,
            local,
            turn: 0,
            looks: steal::Looks::default(),
        }
    }
}

/// A worker: what is ready is handed to it, or wakes it.
#[derive(Debug)]
pub(crate) struct Worker<'a, T: Item> {
    queue: &'a RunQueue<T>,
    id: u64,
    /// It is in the list of idle ones, or was woken from there and has not looked since.
    idle: bool,
    /// Its own part.
    local: Option<Rc<Local<T>>>,
    turn: u32,
    looks: steal::Looks,
}

impl<T: Item> Worker<'_, T> {
    /// Its own part, if it has one: to be lent to the thread that works.
    pub(crate) fn local(&self) -> Option<Rc<Local<T>>> {
        self.local.clone()
    }

    /// The next item.
    pub(crate) fn next(&mut self) -> Next<T> {
        let Some(local) = &self.local else {
            return self.next_shared();
        };
        if self.queue.signs.stopped.load(Ordering::Acquire) {
            local.discard_all();
            return Next::Stopped;
        }
        self.turn = self.turn.wrapping_add(1);
        if self.idle {
            local.sleeps(false);
            return self.look_around();
        }
        if self.turn % LOOK_AT_SHARED == 0 && self.queue.shared.load(Ordering::Relaxed) > 0 {
            if let Next::Run(item) = self.next_shared() {
                return Next::Run(item);
            }
        } else if let Some(item) = local.pop() {
            return Next::Run(item);
        }
        self.look_around()
    }

    /// For who drives a queue that is [in order](RunQueue::in_order): takes in what others have pushed, and returns how many
    /// items there are to [take](Self::first).
    pub(crate) fn round(&mut self) -> usize {
        let Some(local) = &self.local else {
            return self.queue.len();
        };
        if self.queue.is_stopped() {
            local.discard_all();
            return 0;
        }
        let all_shared = self.queue.signs.all_shared.load(Ordering::Acquire);
        if self.idle || all_shared || self.queue.shared.load(Ordering::Acquire) > 0 {
            return self.take_in();
        }
        local.len_in_order()
    }

    #[cold]
    fn take_in(&mut self) -> usize {
        let mut state = lock(&self.queue.state);
        let (own, woken) = self.leave(&mut state);
        let mut len = 0;
        if let Some(local) = &self.local {
            local.sleeps(false);
            if !state.is_stopped() && state.drivers == 1 {
                local.extend(std::iter::from_fn(|| state.take_first()));
                self.queue.signs.all_shared.store(false, Ordering::Relaxed);
            }
            len += local.len_in_order();
        }
        len += state.ready.len();
        let wake = if woken { state.wake_one() } else { None };
        self.queue.publish(&state);
        drop(state);
        drop(own);
        if let Some(waker) = wake {
            waker.wake();
        }
        len
    }

    /// The first item of a queue that is in order.
    #[inline]
    pub(crate) fn first(&self) -> Next<T> {
        match self.local.as_ref().and_then(|local| local.pop_first()) {
            Some(item) => Next::Run(item),
            None => self.queue.pop(),
        }
    }

    /// Looks at the shared part, its own, and those of others.
    #[cold]
    fn look_around(&mut self) -> Next<T> {
        let was_idle = self.idle;
        match self.next_shared() {
            Next::Empty => {}
            found => return found,
        }
        let own = self.local.as_ref().and_then(|local| local.pop());
        let Some(item) = own.or_else(|| self.steal()) else {
            return Next::Empty;
        };
        if was_idle {
            self.ends_guard();
        }
        Next::Run(item)
    }

    /// The next item of the shared part. A worker that comes because it was woken, and finds more than it takes, wakes the
    /// next one.
    fn next_shared(&mut self) -> Next<T> {
        let (next, own, wake) = {
            let mut state = lock(&self.queue.state);
            if state.is_stopped() {
                return Next::Stopped;
            }
            let (own, woken) = self.leave(&mut state);
            let next = state.take_first().map_or(Next::Empty, Next::Run);
            if matches!(next, Next::Run(_)) && state.guard == Some(self.id) {
                state.guard = None;
            }
            let wake = if woken { state.wake_one() } else { None };
            self.queue.publish(&state);
            (next, own, wake)
        };
        drop(own);
        if let Some(waker) = wake {
            waker.wake();
        }
        next
    }

    fn ends_guard(&self) {
        let mut state = lock(&self.queue.state);
        if state.guard == Some(self.id) {
            state.guard = None;
            self.queue.publish(&state);
        }
    }

    /// Registers as idle: `waker` is woken when there is something to do. If there is already, it says `false`.
    ///
    /// [`next`](Self::next) has found nothing, and this thread has pushed nothing since.
    #[must_use]
    pub(crate) fn park(&mut self, waker: &Waker) -> bool {
        let waker = waker.clone();
        let (own, wake, parks) = {
            let mut state = lock(&self.queue.state);
            let (own, woken) = self.leave(&mut state);
            let left = self.local.as_ref().map_or(0, |local| local.len_in_order());
            let parks = !state.is_stopped() && state.ready.is_empty() && left == 0;
            if parks {
                state.idle.push((self.id, waker));
                self.idle = true;
            }
            if let Some(local) = &self.local {
                local.sleeps(parks);
                let others_work = state.workers > state.idle.len();
                let may = state.guard.is_none_or(|guard| guard == self.id);
                let guards = parks && others_work && may;
                if may {
                    state.guard = guards.then_some(self.id);
                }
                self.looks.guards(guards);
            }
            // This one need not look, though it was woken for what is there.
            let wake = if woken { state.wake_one() } else { None };
            self.queue.publish(&state);
            (own, wake, parks)
        };
        drop(own);
        if let Some(waker) = wake {
            waker.wake();
        }
        parks
    }

    /// For how long a worker that has parked may sleep: for ever, unless it is the guard.
    pub(crate) fn guards(&self) -> Option<Duration> {
        self.looks.period()
    }

    /// Leaves the list of idle workers; returns its waker, and whether it had been woken.
    fn leave(&mut self, state: &mut State<T>) -> (Option<Waker>, bool) {
        if !mem::take(&mut self.idle) {
            return (None, false);
        }
        if let Some(at) = state.idle.iter().position(|(id, _)| *id == self.id) {
            return (Some(state.idle.swap_remove(at).1), false);
        }
        state.waking = false;
        (None, true)
    }

    /// Takes something of another worker's part, if that pays.
    fn steal(&mut self) -> Option<T> {
        let local = self.local.as_ref()?;
        let mut now = None;
        for (index, part) in self.queue.parts.iter().enumerate() {
            let waiting = part.len();
            if waiting == 0 || local.owns(part) {
                continue;
            }
            let now = *now.get_or_insert_with(Instant::now);
            if self.looks.pays(index, part.turns(), waiting, now) {
                if let Some(item) = local.steal_from(part) {
                    self.looks.stole();
                    return Some(item);
                }
            }
        }
        None
    }
}

impl<T: Item> Drop for Worker<'_, T> {
    fn drop(&mut self) {
        let local = self.local.take().and_then(Rc::into_inner);
        debug_assert!(local.is_some() || self.queue.parts.is_empty());
        let (own, wake, stopped) = {
            let mut state = lock(&self.queue.state);
            let (own, woken) = self.leave(&mut state);
            let mut left = false;
            if let Some(local) = local {
                local.sleeps(false);
                left = state.take_all_of(&local);
                state.workers -= 1;
                state.spare.push(local);
            }
            if self.queue.in_order {
                state.drivers -= 1;
            }
            if state.guard == Some(self.id) {
                state.guard = None;
            }
            let wake = if woken || left {
                state.wake_one()
            } else {
                None
            };
            self.queue.publish(&state);
            (own, wake, left && state.is_stopped())
        };
        drop(own);
        if let Some(waker) = wake {
            waker.wake();
        }
        if stopped {
            self.queue.discard();
        }
    }
}
