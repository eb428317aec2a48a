//! Sleeps by the real clock, in slots: all that end in the same slot are woken by one alarm. Generic over that, so that it is
//! model-checked.
//!
//! A slot is known by the number of the tick at its end; it has the sleeps that end after the tick before, up to its own. It is
//! over once that tick has come, so no sleep ends early. A sleep keeps its [`Key`]; one that is dropped takes its entry
//! out at once, and with the last of its slot goes the slot.
//!
//! 1. `over` only grows, and under the lock of the state. What has a slot that is over is in no slot, and nothing is
//!    registered there any more: whoever comes too late sees that its time has come. So a key says whether it is still
//!    good by its slot alone, and a sleep that was woken sees without a lock that it is over.
//! 2. The alarm is set under a lock of its own, by one who reads there, under the lock of the state, which slot is the first
//!    *now*. Whoever makes another slot the first, or takes the last one out, comes to the alarm after that. So whoever
//!    comes to it last has seen all of them, and the alarm is set to the first slot or earlier. An alarm that is too early,
//!    because the first sleep was dropped, is left: it goes off for nothing once, where setting another would cost as
//!    much for each drop. With no sleep left, none is set.
//! 3. An alarm that goes off is set no more, which the alarm's lock does not know until the thread that it calls has come to
//!    [`go_off`](Slots::go_off). Until then a new first slot may look as if an alarm were set for it. But that thread takes what
//!    is over first, and then sets the alarm whatever it was set to. Who registers before it reads the state is seen there,
//!    and who registers later comes to an alarm that is known to be unset, or set anew.
//! 4. Wakers are cloned, woken and dropped under no lock. The state's lock is the inner one of the two.

use std::collections::BTreeMap;
use std::mem;
use std::task::Waker;

use slab::Slab;

use crate::runtime::sync::atomic::{AtomicU64, Ordering};
use crate::runtime::sync::{Mutex, lock};
use crate::runtime::wake::wake_all;

/// What calls [`Slots::go_off`] once a tick has come.
pub(crate) trait Alarm {
    /// Sets it to this tick, which may be past, instead of what it was set to; or to none.
    fn set(&mut self, tick: Option<u64>);
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Slots<A> {
    /// All slots up to this one are over.
    over: AtomicU64,
    state: Mutex<State>,
    alarm: Mutex<Set<A>>,
}

#[derive(Debug, Default)]
struct State {
    slots: BTreeMap<u64, Slab<Waiting>>,
    registered: u64,
}

#[derive(Debug)]
struct Waiting {
    /// When it ends within its slot, and its turn among those of the same end.
    order: (u32, u64),
    waker: Waker,
}

#[derive(Debug)]
struct Set<A> {
    alarm: A,
    to: Option<u64>,
}

/// When a sleep ends: in which slot, and how far in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) slot: u64,
    pub(crate) within: u32,
}

/// Where a sleep is registered.
#[derive(Debug)]
pub(crate) struct Key {
    slot: u64,
    index: usize,
}

impl State {
    fn first(&self) -> Option<u64> {
        self.slots.first_key_value().map(|(slot, _)| *slot)
    }

    /// The entry of a key whose slot is not over.
    fn waiting(&mut self, key: &Key) -> Option<&mut Waiting> {
        self.slots.get_mut(&key.slot)?.get_mut(key.index)
    }
}

impl<A: Alarm> Slots<A> {
    pub(crate) fn new(alarm: A) -> Self {
        Self {
            over: AtomicU64::new(0),
            state: Mutex::default(),
            alarm: Mutex::new(Set { alarm, to: None }),
        }
    }

    /// Has the waker woken at the end of the slot; `None` if that is over.
    pub(crate) fn register(&self, end: End, waker: &Waker) -> Option<Key> {
        let waker = waker.clone();
        let (key, is_first) = {
            let mut state = lock(&self.state);
            if self.is_over(end.slot) {
                return None;
            }
            let is_first = state.first().is_none_or(|first| end.slot < first);
            state.registered += 1;
            let order = (end.within, state.registered);
            let slot = state.slots.entry(end.slot).or_default();
            let index = slot.insert(Waiting { order, waker });
            let slot = end.slot;
            (Key { slot, index }, is_first)
        };
        if is_first {
            self.set_alarm();
        }
        Some(key)
    }

    /// Whether the slot of the key is over. If not, this waker is woken then, and no other.
    pub(crate) fn poll_over(&self, key: &Key, waker: &Waker) -> bool {
        if self.is_over(key.slot) {
            return true;
        }
        match lock(&self.state).waiting(key) {
            None => return true,
            Some(waiting) if waiting.waker.will_wake(waker) => return false,
            Some(_) => {}
        }
        let mut waker = waker.clone();
        let waits = lock(&self.state)
            .waiting(key)
            .map(|waiting| mem::swap(&mut waiting.waker, &mut waker))
            .is_some();
        drop(waker);
        !waits
    }

    /// Takes the sleep out, if it is not over.
    pub(crate) fn cancel(&self, key: &Key) {
        if self.is_over(key.slot) {
            return;
        }
        let (waiting, is_last) = {
            let mut state = lock(&self.state);
            let Some(slot) = state.slots.get_mut(&key.slot) else {
                return;
            };
            let waiting = slot.try_remove(key.index);
            if slot.is_empty() {
                state.slots.remove(&key.slot);
            }
            (waiting, state.slots.is_empty())
        };
        drop(waiting);
        if is_last {
            self.set_alarm();
        }
    }

    /// The alarm has gone off, and it is `tick` now: wakes what is over, in order of the ends, and sets the next alarm.
    pub(crate) fn go_off(&self, tick: u64) {
        let over = {
            let mut state = lock(&self.state);
            if !self.is_over(tick) {
                self.over.store(tick, Ordering::Release);
            }
            let later = tick.checked_add(1);
            let later = later.map_or_else(BTreeMap::new, |later| state.slots.split_off(&later));
            mem::replace(&mut state.slots, later)
        };
        {
            let mut set = lock(&self.alarm);
            let first = lock(&self.state).first();
            set.set(first);
        }
        for slot in over.into_values() {
            let mut slot: Vec<_> = slot.into_iter().map(|(_, waiting)| waiting).collect();
            slot.sort_unstable_by_key(|waiting| waiting.order);
            wake_all(slot.into_iter().map(|waiting| waiting.waker));
        }
    }

    fn is_over(&self, slot: u64) -> bool {
        slot <= self.over.load(Ordering::Acquire)
    }

    /// Sees to it that the alarm is set early enough.
    fn set_alarm(&self) {
        let mut set = lock(&self.alarm);
        let first = lock(&self.state).first();
        let is_early = match (set.to, first) {
            (Some(to), Some(first)) => to <= first,
            (to, first) => to == first,
        };
        if !is_early {
            set.set(first);
        }
    }
}

impl<A: Alarm> Set<A> {
    fn set(&mut self, tick: Option<u64>) {
        self.alarm.set(tick);
        self.to = tick;
    }
}

#[cfg(all(test, not(async_dsl_loom)))]
mod tests;
