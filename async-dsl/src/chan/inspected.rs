//! A channel as [`inspect`](crate::inspect) sees it, whatever the type of its values.

use std::time::Duration;

use super::buffer::Kind;
use super::shared::Shared;
use super::state::{Got, Stage, State, Stats, Who};
use crate::alt::selection::Phase;
use crate::inspect::{At, Record, Stamp};
use crate::scheduler::Line;

/// A channel that can be looked at.
pub(crate) trait Inspected: Send + Sync {
    /// `None` if others use it all the time, or the caller does: a user's buffer may be what looks.
    fn look(&self) -> Option<Seen>;

    fn made_at(&self) -> Line;

    /// How many handles can put, and how many can take.
    fn handles(&self) -> (usize, usize);
}

/// What was seen of a channel at one moment.
pub(crate) struct Seen {
    pub(crate) kind: Kind,
    pub(crate) len: usize,
    pub(crate) capacity: Option<usize>,
    pub(crate) closed: bool,
    pub(crate) stats: Stats,
    /// In milliseconds: of those who were served.
    pub(crate) longest_wait: u32,
    /// Who has put and taken.
    pub(crate) users: Record,
    pub(crate) takers: Vec<SeenWaiter>,
    pub(crate) putters: Vec<SeenWaiter>,
}

/// A waiter in line.
pub(crate) struct SeenWaiter {
    pub(crate) at: At,
    pub(crate) stamp: Stamp,
}

/// The lock is never held for long. A thread that was stopped while it held it gets some ten milliseconds; after
/// that the lock is held by whoever looks.
const ATTEMPTS: u32 = 300;

impl<T: Send> Inspected for Shared<T> {
    fn look(&self) -> Option<Seen> {
        for attempt in 0..ATTEMPTS {
            if let Some(state) = self.try_lock() {
                return Some(state.seen());
            }
            if attempt < ATTEMPTS / 3 {
                std::thread::yield_now();
            } else {
                std::thread::sleep(Duration::from_micros(50));
            }
        }
        None
    }

    fn made_at(&self) -> Line {
        self.made_at()
    }

    fn handles(&self) -> (usize, usize) {
        self.handles()
    }
}

impl<T> State<T> {
    fn seen(&self) -> Seen {
        let takers = self.takers.iter().filter_map(|taking| match taking.got {
            Got::Waiting(stamp) if waits(&taking.who) => Some((taking.at, stamp)),
            _ => None,
        });
        let putters = self
            .putters
            .iter()
            .filter_map(|putting| match putting.stage {
                Stage::Waiting(stamp) if waits(&putting.who) => Some((putting.at, stamp)),
                _ => None,
            });
        Seen {
            kind: self.kind(),
            len: self.len(),
            capacity: self.capacity(),
            closed: self.is_closed(),
            stats: self.stats,
            longest_wait: self.longest_wait,
            users: self.users.seen(),
            takers: takers.map(|(at, stamp)| SeenWaiter { at, stamp }).collect(),
            putters: putters
                .map(|(at, stamp)| SeenWaiter { at, stamp })
                .collect(),
        }
    }
}

/// An arm of an `alt!` that was won elsewhere stays in line until its task has run.
fn waits(who: &Who) -> bool {
    match who {
        Who::Task(_) | Who::Stream(_) => true,
        Who::Arm(selection, _) => !matches!(selection.status().0, Phase::Won(_)),
    }
}
