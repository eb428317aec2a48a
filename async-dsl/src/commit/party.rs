//! Those who meet at a channel: who waits there, and who asks.

use std::sync::Arc;
use std::task::Waker;

use super::flag::{Pair, Selection};
use super::line::Key;

/// Who waits, and how to tell them.
pub(crate) enum Who {
    Task(Option<Waker>),
    /// A taker as a stream, which keeps its place in line while nobody polls it.
    Stream(Option<Waker>),
    /// An arm of an `alt!`.
    Arm(Arc<Selection>, usize),
}

impl Who {
    /// Claims a waiter for somebody who is free to take what comes.
    pub(crate) fn claim(&self) -> bool {
        match self {
            Self::Task(_) | Self::Stream(_) => true,
            Self::Arm(selection, arm) => selection.claim(*arm),
        }
    }

    pub(crate) const fn is_arm(&self) -> bool {
        matches!(self, Self::Arm(..))
    }

    pub(crate) fn take_waker(&mut self) -> Option<Waker> {
        match self {
            Self::Task(waker) | Self::Stream(waker) => waker.take(),
            Self::Arm(selection, _) => selection.take_waker(),
        }
    }
}

/// The one who asks. An arm that is visible to others has to win its own flag as well.
#[derive(Clone, Copy)]
pub(crate) enum Asker<'a> {
    Free,
    Arm(&'a Arc<Selection>, usize),
}

pub(crate) enum Claim {
    Won,
    AskerTaken,
    PartnerTaken,
}

impl Asker<'_> {
    pub(crate) fn commit(self) -> bool {
        match self {
            Self::Free => true,
            Self::Arm(selection, arm) => selection.claim(arm),
        }
    }

    pub(crate) fn commit_with(self, partner: &Who) -> Claim {
        match (self, partner) {
            (Self::Free, partner) if partner.claim() => Claim::Won,
            (Self::Free, _) => Claim::PartnerTaken,
            (Self::Arm(one, arm), Who::Arm(two, other)) => {
                match Selection::claim_pair((one, arm), (two, *other)) {
                    Pair::Both => Claim::Won,
                    Pair::FirstTaken => Claim::AskerTaken,
                    Pair::SecondTaken => Claim::PartnerTaken,
                }
            }
            (Self::Arm(..), Who::Task(_) | Who::Stream(_)) if self.commit() => Claim::Won,
            (Self::Arm(..), Who::Task(_) | Who::Stream(_)) => Claim::AskerTaken,
        }
    }
}

/// How far an attempt may go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    /// Succeed at once or leave no trace; a partner that has still to bring its value does not count.
    Sync,
    /// As `Sync`, but say so if there is such a partner.
    Now,
    /// Accept such a partner's promise, but do not get in line.
    Promise,
    /// Accept a promise, or get in line.
    Park,
    /// As `Park`, for a waiter that is in line already.
    Again(Key),
}
