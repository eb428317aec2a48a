//! A task that spins: it looks, and yields, until it likes what it sees.

use super::access::{Access, Kind};
use super::steps::touches;
use crate::runtime::place::At;

/// So many times a task that has only looked may come to the same `yield_now!()` before it has to wait for a change.
const FREE: u32 = 2;

/// How a task spins.
#[derive(Debug, Default)]
pub(super) struct Spin {
    /// The `yield_now!()` that it came to last, if it has come to no word since.
    at: Option<At>,
    rounds: u32,
    waits: bool,
    /// It has looked once more although nothing had changed.
    in_vain: bool,
    looked: Vec<Access>,
}

impl Spin {
    /// It comes to a `yield_now!()`, and has touched this since it was chosen. Returns whether it has to wait.
    pub(super) fn yields(&mut self, at: At, accesses: &[Access]) -> bool {
        let looks = |access: &Access| {
            matches!(
                access.kind,
                Kind::TryTake | Kind::TryPut | Kind::Len | Kind::IsClosed | Kind::Looks
            )
        };
        let same = self.at.is_some_and(|before| before.place() == at.place());
        if accesses.is_empty() || !accesses.iter().all(looks) {
            self.free();
        } else if same {
            self.rounds += 1;
        } else {
            self.free();
            self.rounds = 1;
        }
        self.at = Some(at);
        self.waits = self.rounds >= FREE;
        if self.waits {
            self.looked.clear();
            self.looked.extend_from_slice(accesses);
        }
        self.waits
    }

    /// It does something else, or the time has changed.
    pub(super) fn free(&mut self) {
        self.at = None;
        self.rounds = 0;
        self.waits = false;
        self.in_vain = false;
    }

    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    /// Another task made a step.
    pub(super) fn changed(&mut self, mine: u32, other: u32, accesses: &[Access]) {
        if self.waits && touches(mine, &self.looked, other, accesses) {
            self.waits = false;
            self.in_vain = false;
        }
    }

    /// Nothing else is ready. Returns whether it looks once more.
    pub(super) fn look_again(&mut self) -> bool {
        let looks = self.waits && !self.in_vain;
        if looks {
            self.waits = false;
            self.in_vain = true;
        }
        looks
    }
}
