//! The channel's state and its rules, all of them run under the channel's one lock.
//!
//! A waiter is *claimed* first and gets its value second. States of a parked take ([`Got`]):
//!
//! - `Waiting`: in line; anybody with a value may claim it.
//! - `Promised`: claimed by a put arm of an `alt!` that has still to evaluate its value. Out of line; if the
//!   promise is not kept, or the channel closes first, it goes back to where it was.
//! - `Value`: holds its value. A take that is dropped in this state hands it to the next taker in line, or
//!   back to the channel, in front of everything else. `out` counts these.
//! - `Closed`: the channel closed before a value came, and none can come back any more.
//!
//! States of a parked put or reservation ([`Stage`]):
//!
//! - `Waiting`: in line, with its value (a put) or without one (a reservation).
//! - `Accepted`: its value is in the buffer or with a taker.
//! - `Granted`: a reservation that has a place in the buffer, or a `Promised` taker.
//! - `Closed`: the channel closed first; the value, if any, is still in the waiter.
//!
//! While the lock is free: if a taker is in line there is no stored value, and if a putter is in line there
//! is no room, except for waiters of `alt!`s that were just won elsewhere. On a closed channel takers are in line only while
//! `out` is not 0: a value that was handed out may still come back, and then it is theirs.

use std::collections::VecDeque;
use std::task::Waker;

use crate::chan::buffer::{Kind, Store};
use crate::chan::effects::Effects;
use crate::commit::line::{Key, WaitList};
use crate::commit::party::Who;
use crate::runtime::note::Stamp;
use crate::runtime::place::At;
use crate::runtime::users::Users;

mod ask;
mod settle;

pub(crate) struct Taking<T> {
    pub(in crate::chan) who: Who,
    pub(in crate::chan) got: Got<T>,
    pub(in crate::chan) at: At,
}

/// The stamp takes the place of the value that comes, so that a waiter is no larger for it.
pub(crate) enum Got<T> {
    Waiting(Stamp),
    Promised(Stamp),
    /// The number orders values that are handed back by takers that went away.
    Value(u64, T),
    Closed,
}

impl<T> Got<T> {
    /// A value was promised to whoever waits.
    pub(in crate::chan) fn promise(&mut self) {
        if let Self::Waiting(stamp) = *self {
            *self = Self::Promised(stamp);
        }
    }
}

pub(crate) struct Putting<T> {
    pub(in crate::chan) who: Who,
    pub(in crate::chan) value: Option<T>,
    pub(in crate::chan) stage: Stage,
    pub(in crate::chan) at: At,
}

impl<T> Putting<T> {
    /// It waits no longer; gives who is to be told.
    fn serve(&mut self, stage: Stage, longest_wait: &mut u32) -> Option<Waker> {
        if let Stage::Waiting(stamp) = self.stage {
            stamp.raise(longest_wait);
        }
        self.stage = stage;
        self.who.take_waker()
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    Waiting(Stamp),
    Accepted,
    Granted(Grant),
    Closed,
}

/// What a reservation holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Grant {
    /// A place in the buffer.
    Place,
    /// A taker that waits for this value.
    Partner(Key),
}

pub(crate) enum Taken<T> {
    Value(T),
    Closed,
    /// In line, or promised a value: the waiter's key.
    Parked(Key),
    Empty,
    /// Nothing at once, but a reservation waits for a taker that accepts its promise.
    Partner,
    /// The asking `alt!` was won by another arm.
    Lost,
}

pub(crate) enum Given<T> {
    Accepted,
    Closed(T),
    Full(T),
    Parked(Key),
}

pub(crate) enum Reserved {
    Granted(Grant),
    Closed,
    Parked(Key),
    Full,
    Lost,
}

/// What a channel has counted since it was made.
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
    /// the last taker went away before they were taken.
    pub discarded: u64,
    /// The most values that were ever buffered at once.
    pub high_water: usize,
}

/// How many puts and takes are parked on a channel: what [`Chan::waiting`](super::Chan::waiting) returns.
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
    /// Puts and reservations that are parked, until there is room.
    pub putters: usize,
    /// Takes that are parked, until there is a value.
    pub takers: usize,
}

pub(crate) struct State<T> {
    store: Store<T>,
    /// Values that takers handed back; they come before the buffer.
    returned: VecDeque<(u64, T)>,
    /// Places of the buffer that are granted to reservations.
    reserved: usize,
    /// Takers that were handed a value and have not collected it: each of them may still give it back.
    out: usize,
    closed: bool,
    pub(in crate::chan) takers: WaitList<Taking<T>>,
    pub(in crate::chan) putters: WaitList<Putting<T>>,
    fills: u64,
    pub(in crate::chan) stats: Stats,
    /// Who has put and taken.
    pub(in crate::chan) users: Users,
    /// In milliseconds, of those who were served.
    pub(in crate::chan) longest_wait: u32,
    /// An unbounded channel warns at this length.
    pub(in crate::chan) warn_at: usize,
}

impl<T> State<T> {
    pub(in crate::chan) const fn new(store: Store<T>, warn_at: usize) -> Self {
        Self {
            store,
            returned: VecDeque::new(),
            reserved: 0,
            out: 0,
            closed: false,
            takers: WaitList::new(),
            putters: WaitList::new(),
            fills: 0,
            longest_wait: 0,
            users: Users::new(),
            stats: Stats {
                puts: 0,
                takes: 0,
                discarded: 0,
                high_water: 0,
            },
            warn_at,
        }
    }

    pub(in crate::chan) const fn is_closed(&self) -> bool {
        self.closed
    }

    pub(in crate::chan) fn len(&self) -> usize {
        self.returned.len() + self.store.len()
    }

    /// The lines on which takers and putters are parked, in the order they came.
    pub(in crate::chan) fn parked_at(&self) -> (Vec<At>, Vec<At>) {
        let takers = self.takers.iter().map(|taking| taking.at);
        let putters = self.putters.iter().map(|putting| putting.at);
        (takers.collect(), putters.collect())
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
        let mut next = self.putters.first();
        while let Some(key) = next {
            next = self.putters.after(key);
            let Some(putting) = self.putters.get_mut(key) else {
                break;
            };
            if putting.who.claim() {
                putting.stage = Stage::Closed;
                fx.wake(putting.who.take_waker());
                self.putters.unlink(key);
            }
        }
        true
    }

    /// Nobody can ever take what is stored.
    pub(in crate::chan) fn abandon(&mut self, fx: &mut Effects<T>) {
        self.close(fx);
        // Once for each that there was: a user's buffer may give a value again and again.
        for _ in 0..self.len() {
            let Some((_, value)) = self.pop() else { break };
            self.stats.discarded += 1;
            fx.discard(value);
        }
    }
}
