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
//! 2. Whoever changes the state sees to it, under the same lock, that the alarm is set to the first slot or earlier. If it is not,
//!    that thread takes the alarm out of the state, sets it under no lock, puts it back, and looks again: others may
//!    have changed the state meanwhile. Those found the alarm taken, and left it to that thread.
//! 3. An alarm that is too early, because the first sleep was dropped, is left: it goes off once for nothing, where to
//!    set another one would cost as much at each drop. With no sleep left, none is set.
//! 4. An alarm that has gone off is not set, which the state does not know until the thread that it calls comes to
//!    [`go_off`](Slots::go_off). What is registered until then may rely on it. That thread takes out what is over, and has
//!    the alarm set anew, or to none. An alarm that is set to a later tick has not gone off, and stays.
//! 5. Wakers are cloned, woken and dropped under no lock, nor is the alarm set under one: async-io may drop wakers of others
//!    there, and what their drops drop may come back here.

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
    state: Mutex<State<A>>,
}

#[derive(Debug)]
struct State<A> {
    slots: BTreeMap<u64, Slab<Waiting>>,
    /// A slot that has none left, for the next one: one sleep after another that is cancelled need not allocate.
    spare: Slab<Waiting>,
    registered: u64,
    /// `None` while a thread sets it.
    alarm: Option<A>,
    is: Is,
}

/// What the alarm is, or is about to be.
#[derive(Debug)]
enum Is {
    Unset,
    Set(u64),
    /// It has gone off, or was about to as all that it was set for was woken.
    Off,
}

#[derive(Debug)]
struct Waiting {
    /// When it ends within its slot, and its turn among those of the same end.
    order: (u32, u64),
    waker: Waker,
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

impl<A> State<A> {
    /// Takes the alarm, if it must be set, to what is said beside it, and no other thread has it.
    #[must_use]
    fn take_alarm(&mut self) -> Option<(A, Option<u64>)> {
        let first = self.slots.first_key_value().map(|(slot, _)| *slot);
        let is_right = match (&self.is, first) {
            (Is::Unset, None) => true,
            (Is::Set(tick), Some(first)) => *tick <= first,
            _ => false,
        };
        if is_right {
            return None;
        }
        let alarm = self.alarm.take()?;
        self.is = first.map_or(Is::Unset, Is::Set);
        Some((alarm, first))
    }

    /// The entry of a key whose slot is not over.
    fn waiting(&mut self, key: &Key) -> Option<&mut Waiting> {
        self.slots.get_mut(&key.slot)?.get_mut(key.index)
    }
}

fn is_small(slot: &Slab<Waiting>) -> bool {
    slot.capacity() <= 64
}

impl<A: Alarm> Slots<A> {
    pub(crate) fn new(alarm: A) -> Self {
        Self {
            over: AtomicU64::new(0),
            state: Mutex::new(State {
                slots: BTreeMap::new(),
                spare: Slab::new(),
                registered: 0,
                alarm: Some(alarm),
                is: Is::Unset,
            }),
        }
    }

    /// Has the waker woken at the end of the slot; `None` if that is over.
    pub(crate) fn register(&self, end: End, waker: &Waker) -> Option<Key> {
        let waker = waker.clone();
        let (key, alarm) = {
            let mut state = lock(&self.state);
            if self.is_over(end.slot) {
                return None;
            }
            state.registered += 1;
            let order = (end.within, state.registered);
            let State { slots, spare, .. } = &mut *state;
            let slot = slots.entry(end.slot);
            let slot = slot.or_insert_with(|| mem::take(spare));
            let index = slot.insert(Waiting { order, waker });
            let slot = end.slot;
            (Key { slot, index }, state.take_alarm())
        };
        self.set(alarm);
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
        let (waiting, alarm) = {
            let mut state = lock(&self.state);
            let Some(slot) = state.slots.get_mut(&key.slot) else {
                return;
            };
            let waiting = slot.try_remove(key.index);
            if slot.is_empty() {
                let empty = state.slots.remove(&key.slot);
                state.spare = empty.filter(is_small).unwrap_or_default();
            }
            (waiting, state.take_alarm())
        };
        drop(waiting);
        self.set(alarm);
    }

    /// The alarm has gone off, and it is `tick` now: wakes what is over, in order of the ends, and sets the next alarm.
    pub(crate) fn go_off(&self, tick: u64) {
        let (over, alarm) = {
            let mut state = lock(&self.state);
            if !self.is_over(tick) {
                self.over.store(tick, Ordering::Release);
            }
            let later = tick.checked_add(1);
            let later = later.map_or_else(BTreeMap::new, |later| state.slots.split_off(&later));
            let over = mem::replace(&mut state.slots, later);
            if matches!(state.is, Is::Set(set_to) if set_to <= tick) {
                state.is = Is::Off;
            }
            (over, state.take_alarm())
        };
        self.set(alarm);
        for slot in over.into_values() {
            let mut slot: Vec<_> = slot.into_iter().map(|(_, waiting)| waiting).collect();
            slot.sort_unstable_by_key(|waiting| waiting.order);
            wake_all(slot.into_iter().map(|waiting| waiting.waker));
        }
    }

    fn is_over(&self, slot: u64) -> bool {
        slot <= self.over.load(Ordering::Acquire)
    }

    /// Sets an alarm that was [taken](State::take_alarm), until there is no need to.
    fn set(&self, mut taken: Option<(A, Option<u64>)>) {
        while let Some((mut alarm, tick)) = taken {
            alarm.set(tick);
            let mut state = lock(&self.state);
            state.alarm = Some(alarm);
            taken = state.take_alarm();
        }
    }
}

#[cfg(all(test, async_dsl_loom))]
mod models;

#[cfg(all(test, not(async_dsl_loom)))]
mod tests;
