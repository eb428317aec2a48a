//! The channel's state and its rules, all of them run under the channel's one lock.
//!
//! A waiter is *claimed* first and served second. States of a parked take ([`Got`]):
//!
//! - `Waiting`: in line; any putter may claim it.
//! - `Promised`: claimed by a reservation whose value is still to come: that of a permit, a sink, or a put arm of an
//!   `alt!`. Out of line; if the promise is not kept, or the channel closes first, it goes back to its position.
//! - `Value`: served with a value. A take that is dropped in this state hands it to the next taker in line, or back to
//!   the channel, where it is taken before all values that came after it. `out` counts the takes in this state.
//! - `Closed`: the channel closed before a value came, and none can come back any more.
//!
//! States of a parked put or reservation ([`Stage`]):
//!
//! - `Put`: in line, with its value. `Reserve`: in line, without one.
//! - `Watches`: neither of them: it waits for the close, beside the line.
//! - `Granted`: a reservation that has a place in the buffer, or a `Promised` taker.
//! - `Refused`: the channel closed before a put was accepted; the waiter still has its value.
//! - `Closed`: the channel closed before a reservation was granted.
//!
//! A put whose value went into the buffer or to a taker has no waiter any more. Puts are accepted in the order of their
//! turns, so one number tells each of them, also without the lock: `accepted` is above the turns of all that were.
//!
//! While the lock is free: if a taker is in line, no value is stored; if a putter is in line, there is no room, and at a
//! rendezvous no taker in line either; on a closed channel no putter is in line, and takers only while `out` is not 0: a
//! value that was handed out may still come back, and then it is theirs. Exceptions are arms whose flag was not open
//! when they could have been claimed: their owner tries every channel again before it parks, or withdraws.
//!
//! A waiter is claimed by a partner and leaves the line in the same critical section. A value is in exactly one place:
//! the buffer, `returned`, a `Got::Value`, a `Stage::Put` or `Stage::Refused`, the hands of the caller; or it is counted
//! as discarded. Foreign code (wakers, drops of values) goes to [`Effects`] and runs after the lock is released; only a
//! user's buffer runs under it.

mod alone;
mod begin;
mod put;
mod returned;
mod settle;
mod take;

use std::mem;
use std::task::Waker;

use super::buffer::{Kind, Store};
use super::effects::Effects;
use super::hint;
use crate::commit::line::{Line, Place, Seat, Ticket};
use crate::commit::party::Party;
use crate::runtime::note::Stamp;
use crate::runtime::place::At;
use crate::runtime::users::Users;

use returned::Returned;

/// The outcome of an operation on the state.
pub(in crate::chan) enum Answer<R> {
    Done(R),
    /// In line, or promised a value.
    Wait(Place),
    /// Not ready. An arm that is in line stays there, or was promised a value.
    NotNow,
    /// Not ready, but this reservation can promise its value; a taker that accepts promises has claimed it.
    Promise(Seat),
    /// The flag of the `alt!` that asks was won by a partner meanwhile.
    Lost,
}

/// A parked take.
pub(in crate::chan) struct Taking<T> {
    pub(in crate::chan) party: Party,
    pub(in crate::chan) got: Got<T>,
    pub(in crate::chan) at: At,
}

/// The stamp is stored where the value will be, so that it makes a waiter no larger.
pub(in crate::chan) enum Got<T> {
    Waiting(Stamp),
    Promised(Stamp),
    /// The number orders values that cancelled takers hand back.
    Value(u64, T),
    Closed,
}

impl<T> Taking<T> {
    pub(in crate::chan) const fn is_served(&self) -> bool {
        matches!(self.got, Got::Value(..) | Got::Closed)
    }

    /// Ends the wait with `got`. Returns the waker.
    #[inline]
    fn serve(&mut self, got: impl FnOnce() -> Got<T>, longest_wait: &mut u32) -> Option<Waker> {
        let (Got::Waiting(stamp) | Got::Promised(stamp)) = self.got else {
            self.got = got();
            return self.party.take_waker();
        };
        self.got = got();
        let (since, waker) = self.party.end_wait(stamp);
        since.raise(longest_wait);
        waker
    }
}

/// A parked put or reservation.
pub(in crate::chan) struct Putting<T> {
    pub(in crate::chan) party: Party,
    pub(in crate::chan) stage: Stage<T>,
    pub(in crate::chan) at: At,
}

pub(in crate::chan) enum Stage<T> {
    /// A waiting put, with its value.
    Put(Stamp, T),
    /// A waiting reservation.
    Reserve(Stamp),
    Granted(Grant),
    /// It waits for the close, and was never in line.
    Watches,
    /// The channel closed before the put was accepted: it gets its value back.
    Refused(T),
    /// The channel closed before the reservation was granted.
    Closed,
}

impl<T> Stage<T> {
    /// Returns since when it waits, if it does.
    pub(in crate::chan) const fn waits(&self) -> Option<Stamp> {
        match self {
            Self::Put(stamp, _) | Self::Reserve(stamp) => Some(*stamp),
            Self::Granted(_) | Self::Watches | Self::Refused(_) | Self::Closed => None,
        }
    }
}

impl<T> Putting<T> {
    const fn is_reservation(&self) -> bool {
        matches!(self.stage, Stage::Reserve(_))
    }

    /// Takes a put apart that was claimed. Returns its value, and the waker.
    #[inline]
    fn accept(mut self, longest_wait: &mut u32) -> (T, Option<Waker>) {
        let Stage::Put(stamp, value) = self.stage else {
            unreachable!("a put that was claimed has its value")
        };
        stamp.raise(longest_wait);
        (value, self.party.take_waker())
    }

    /// Serves a claimed reservation. Returns the waker.
    fn grant(&mut self, grant: Grant, longest_wait: &mut u32) -> Option<Waker> {
        if let Some(stamp) = self.stage.waits() {
            stamp.raise(longest_wait);
        }
        self.stage = Stage::Granted(grant);
        self.party.take_waker()
    }

    /// Ends the wait, because the channel is closed. Returns the waker.
    fn refuse(&mut self) -> Option<Waker> {
        self.stage = match mem::replace(&mut self.stage, Stage::Closed) {
            Stage::Put(_, value) => Stage::Refused(value),
            _ => Stage::Closed,
        };
        self.party.take_waker()
    }
}

/// What a reservation was granted.
#[derive(Clone, Copy, Debug)]
pub(in crate::chan) enum Grant {
    /// A place in the buffer.
    Place,
    /// A taker that is promised this value, unless it has left.
    Partner(Ticket),
}

/// The counters of a channel, from its creation on.
///
/// # Examples
///
/// ```
/// use async_dsl::chan::dropping;
///
/// let c = dropping(1);
/// (1..=3).for_each(|n| c.try_put(n).unwrap());
/// let stats = c.stats();
/// assert_eq!((stats.puts, stats.discarded, stats.high_water), (3, 2, 1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Values that were accepted.
    pub puts: u64,
    /// Values that were taken.
    pub takes: u64,
    /// Values that were accepted and then discarded: by a dropping, a sliding or your own buffer, or because
    /// the last taker was dropped before they were taken.
    pub discarded: u64,
    /// The largest number of values that were buffered at once.
    pub high_water: usize,
}

/// The numbers of puts and takes that are parked on a channel, as [`Chan::waiting`](super::Chan::waiting) returns them.
///
/// # Examples
///
/// ```
/// use async_dsl::chan::{self, Waiting};
///
/// let c = chan::fixed::<u32>(1);
/// let Waiting { putters, takers, .. } = c.waiting();
/// assert_eq!((putters, takers), (0, 0));
/// assert_eq!(c.waiting(), Waiting::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// Puts and reservations that are parked until there is room.
    pub putters: usize,
    /// Takes that are parked until there is a value.
    pub takers: usize,
}

pub(in crate::chan) struct State<T> {
    store: Store<T>,
    /// Values that takers handed back; they are taken before those in the buffer.
    returned: Returned<T>,
    /// Places of the buffer that are granted to reservations.
    reserved: u32,
    /// Takers that were handed a value and have not collected it: each of them may still give it back.
    out: u32,
    closed: bool,
    /// Every put with a turn below this was accepted.
    accepted: u64,
    pub(in crate::chan) takers: Line<Taking<T>>,
    pub(in crate::chan) putters: Line<Putting<T>>,
    fills: u64,
    pub(in crate::chan) stats: Stats,
    /// The tasks that have put and taken.
    pub(in crate::chan) users: Users,
    /// In milliseconds, of the waiters that were served.
    pub(in crate::chan) longest_wait: u32,
}

impl<T> State<T> {
    pub(in crate::chan) const fn new(store: Store<T>) -> Self {
        Self {
            store,
            returned: Returned::new(),
            reserved: 0,
            out: 0,
            closed: false,
            accepted: 1, // turn 0 is that of puts that keep it until the next turn that they were accepted at once
            takers: Line::new(),
            putters: Line::new(),
            fills: 0,
            longest_wait: 0,
            users: Users::new(),
            stats: Stats {
                puts: 0,
                takes: 0,
                discarded: 0,
                high_water: 0,
            },
        }
    }

    /// Returns the [hint](super::hint) for those who come next.
    #[inline]
    pub(in crate::chan) fn hint(&self) -> u8 {
        let due = self.hint_due();
        if self.closed {
            return hint::CLOSED | hint::TAKE | hint::PUT | hint::TRY_PUT | due;
        }
        if !self.store.may_bypass() {
            return hint::TAKE | hint::PUT | hint::TRY_PUT | due;
        }
        let takes = self.len() > 0 || (self.store.is_rendezvous() && self.putters.queued() > 0);
        let has_room = self.has_room();
        let puts = has_room || self.takers.queued() > 0;
        let tries = has_room || self.takers.may_be_claimed();
        (if takes { hint::TAKE } else { 0 })
            | (if puts { hint::PUT } else { 0 })
            | (if tries { hint::TRY_PUT } else { 0 })
            | due
    }

    fn hint_due(&self) -> u8 {
        if self.users.put_is_due(self.stats.puts) {
            hint::PUT_DUE
        } else {
            0
        }
    }

    /// Returns a number that is above the turns of all puts that were accepted, and of no other.
    pub(in crate::chan) const fn accepted(&self) -> u64 {
        self.accepted
    }

    pub(in crate::chan) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether a take would find something at once, a partner among it.
    pub(in crate::chan) fn can_take(&self) -> bool {
        let meets = || {
            let rendezvous = self.store.is_rendezvous() && !self.closed;
            rendezvous && self.putters.iter().any(|putting| putting.party.is_open())
        };
        self.len() > 0
            || (self.closed && self.out == 0)
            || self.with_a_stream().is_some()
            || meets()
    }

    /// The same of a reservation.
    pub(in crate::chan) fn can_reserve(&self) -> bool {
        if self.store.is_rendezvous() {
            return self.closed || self.takers.iter().any(|taking| taking.party.is_open());
        }
        self.closed || self.has_room()
    }

    pub(in crate::chan) fn len(&self) -> usize {
        self.returned.len() + self.store.len()
    }

    /// Returns the lines on which takers and putters are parked, in the order they came.
    pub(in crate::chan) fn parked_at(&self) -> (Vec<At>, Vec<At>) {
        let takers = self.takers.iter().filter_map(|taking| match taking.got {
            Got::Waiting(stamp) => Some(taking.party.parked(taking.at, stamp)?.0),
            _ => None,
        });
        let putters = self.putters.iter().map(|putting| putting.at);
        (takers.collect(), putters.collect())
    }

    /// See [`Store::warn_at`].
    pub(in crate::chan) const fn warn_at(&mut self, len: usize) {
        self.store.warn_at(len);
    }

    pub(in crate::chan) const fn kind(&self) -> Kind {
        self.store.kind()
    }

    pub(in crate::chan) fn capacity(&self) -> Option<usize> {
        self.store.capacity()
    }

    pub(in crate::chan) fn close(&mut self, fx: &mut Effects<T>) -> bool {
        if self.closed {
            return false;
        }
        self.closed = true;
        self.break_promises(fx);
        self.end_takers(fx);
        for taking in self.takers.iter() {
            taking.party.pass_over(); // those that stay: what is out may never come back
        }
        let mut next = self.putters.front();
        while let Some(seat) = next {
            next = self.putters.after(seat);
            let putting = self.putters.at_mut(seat);
            if putting.party.claim() {
                fx.wake(putting.refuse());
                self.putters.unlink(seat);
            }
        }
        self.tell_watchers(fx);
        true
    }

    /// Wakes those who wait for the close.
    fn tell_watchers(&mut self, fx: &mut Effects<T>) {
        let apart = self.putters.apart();
        let watchers = apart.filter(|(_, putting)| matches!(putting.stage, Stage::Watches));
        let watchers: Vec<Seat> = watchers.map(|(seat, _)| seat).collect();
        for seat in watchers {
            fx.wake(self.putters.at_mut(seat).party.take_waker());
        }
    }

    /// Closes a channel that has lost its last taker, and discards what is stored.
    pub(in crate::chan) fn abandon(&mut self, fx: &mut Effects<T>) {
        self.close(fx);
        // At most as many as there were: the `pop` of a user's buffer may never end.
        for _ in 0..self.len() {
            let Some((_, value)) = self.pop() else { break };
            self.stats.discarded += 1;
            fx.discard(value);
        }
    }
}
