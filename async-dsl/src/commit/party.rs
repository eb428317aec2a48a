//! The parties of an operation on a channel: tasks, and arms of an `alt!`.

use std::sync::Arc;
use std::task::Waker;

use super::flag::{Flag, Met, Phase};
use crate::runtime::note::Stamp;
use crate::runtime::place::At;

/// A waiting party and its waker; or one that asks, before it has to wait.
#[derive(Debug)]
pub(crate) enum Party {
    /// An unconditional operation. Without a waker it only asks, or was woken already.
    Task(Option<Waker>),
    /// A taker that is polled as a stream: unconditional too, and it keeps its place in line between two polls.
    Stream(Option<Waker>),
    /// The arm of this index. It has to win the flag of its `alt!` as well.
    Arm(Arc<Flag>, u32),
}

/// Who asks for an operation, and waits for it if it cannot be done at once.
pub(crate) trait Asks {
    /// The party that is to be claimed.
    fn party(&self) -> &Party;

    /// The party that waits.
    fn into_party(self) -> Party;
}

impl Asks for Party {
    fn party(&self) -> &Party {
        self
    }

    fn into_party(self) -> Party {
        self
    }
}

/// A task. Its party is made where it waits: to move one that was just made stalls the processor, for longer than the
/// rest of a wait takes.
pub(crate) struct Task(pub(crate) Waker);

impl Asks for Task {
    #[inline]
    fn party(&self) -> &Party {
        &Party::ASKS
    }

    #[inline]
    fn into_party(self) -> Party {
        Party::Task(Some(self.0))
    }
}

/// A taker that is polled as a stream, in the same way.
pub(crate) struct Stream(pub(crate) Waker);

impl Asks for Stream {
    #[inline]
    fn party(&self) -> &Party {
        &Party::ASKS
    }

    #[inline]
    fn into_party(self) -> Party {
        Party::Stream(Some(self.0))
    }
}

impl Party {
    /// An unconditional operation that has no waker yet.
    pub(crate) const ASKS: Self = Self::Task(None);

    /// Claims this party, for a value, a place or a partner that needs no claim. `false` if its flag is not open.
    pub(crate) fn claim(&self) -> bool {
        match self {
            Self::Task(_) | Self::Stream(_) => true,
            Self::Arm(flag, arm) => flag.claim(*arm),
        }
    }

    /// Returns whether [`claim`](Self::claim) would succeed.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Task(_) | Self::Stream(_) => true,
            Self::Arm(flag, _) => flag.status().0 == Phase::Open,
        }
    }

    /// Claims both parties, or neither.
    pub(crate) fn meet(first: &Self, second: &Self) -> Met {
        match (first, second) {
            (Self::Arm(one, arm), Self::Arm(two, other)) => {
                Flag::claim_pair((one, *arm), (two, *other))
            }
            (Self::Arm(..), _) if !first.claim() => Met::FirstGone,
            (_, Self::Arm(..)) if !second.claim() => Met::SecondGone,
            _ => Met::Both,
        }
    }

    /// Undoes a claim that came to nothing. Returns the waker of an `alt!`, which has to try every arm again.
    pub(crate) fn release(&self) -> Option<Waker> {
        match self {
            Self::Task(_) | Self::Stream(_) => None,
            Self::Arm(flag, _) => flag.release(),
        }
    }

    /// Leaves itself there, unless it is a task whose waker was taken: then there is nothing to be dropped.
    #[inline]
    pub(crate) fn leave_unless_woken(self, left: &mut Option<Self>) {
        match self {
            Self::Task(None) | Self::Stream(None) => {}
            party => *left = Some(party),
        }
    }

    pub(crate) const fn is_arm(&self) -> bool {
        matches!(self, Self::Arm(..))
    }

    /// Returns where and since when it is parked, if it is: an arm that lost stays in line until its task has run, and one of
    /// a kept choice between two rounds. `at` and `stamp` are those of its waiter.
    pub(crate) fn parked(&self, at: At, stamp: Stamp) -> Option<(At, Stamp)> {
        match self {
            Self::Task(_) | Self::Stream(_) => Some((at, stamp)),
            Self::Arm(flag, _) => flag.parked(at, stamp),
        }
    }

    /// Tells the owner of a kept choice to look at this arm, which is not claimed, before it parks again.
    pub(crate) fn pass_over(&self) {
        if let Self::Arm(flag, arm) = self {
            flag.pass_over(*arm);
        }
    }

    /// Returns since when it was parked, and the waker, to be woken once every lock is released. `stamp` is that of its
    /// waiter.
    pub(crate) fn end_wait(&mut self, stamp: Stamp) -> (Stamp, Option<Waker>) {
        match self {
            Self::Task(waker) | Self::Stream(waker) => (stamp, waker.take()),
            Self::Arm(flag, _) => flag.end_wait(stamp),
        }
    }

    /// Returns the waker, to be woken once every lock is released.
    pub(crate) fn take_waker(&mut self) -> Option<Waker> {
        match self {
            Self::Task(waker) | Self::Stream(waker) => waker.take(),
            Self::Arm(flag, _) => flag.take_waker(),
        }
    }

    /// Returns the waker that this party itself keeps: that of an arm is in the flag, one for all arms of its `alt!`.
    pub(crate) fn waker_mut(&mut self) -> Option<&mut Option<Waker>> {
        match self {
            Self::Task(waker) | Self::Stream(waker) => Some(waker),
            Self::Arm(..) => None,
        }
    }
}
