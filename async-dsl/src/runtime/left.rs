//! What a poll leaves: where it parked, as a thread gathers it and as a table stores it.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;

use super::id::TaskId;
use super::place::{At, Line};
use super::row::Kind;

/// What is waited for, where it is no channel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum On {
    Timer,
    Task(TaskId, Line),
    /// Made at this line.
    Promise(Line),
    Agent(Line),
    /// The tasks of the group of this number.
    Group(u64),
    /// The thing of this number, of a table of its own.
    Row(&'static Kind, u64),
    /// The closure of a `thread!`.
    Thread,
    /// The network.
    #[cfg_attr(any(not(feature = "net"), async_dsl_loom), allow(dead_code))]
    Socket,
    /// Something that is not ours.
    Foreign,
}

/// Where a task is parked, if no channel knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Note {
    pub(crate) at: At,
    pub(crate) on: On,
    pub(crate) since: u32,
}

impl Note {
    /// Whether it says no more than since when.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self.on, On::Foreign) && self.at.is_unknown()
    }
}

/// Of what is not ours, at no place that is known.
pub(super) const BARE: Note = Note {
    at: At::UNKNOWN,
    on: On::Foreign,
    since: 0,
};

/// What an unready poll leaves to be stored.
#[derive(Debug)]
pub(crate) enum Change {
    /// Nothing is stored, and nothing needs to be.
    None,
    #[allow(dead_code)] // of a build that does not inspect
    Store(Note),
    /// The note that was stored is no longer true.
    #[allow(dead_code)]
    Clear,
}

/// What of ours the poll on this thread found unready so far. One bit each, so that adding one is one instruction; of
/// several the first below counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found(u8);

#[allow(dead_code)] // in a build that does not inspect
impl Found {
    pub(super) const NOTHING: Self = Self(0);
    /// It waits where the note says.
    pub(super) const NOTED: Self = Self(1);
    /// It is in the line of a channel.
    pub(super) const IN_LINE: Self = Self(2);
    /// It waits where it waited before.
    pub(super) const STILL: Self = Self(4);
    /// It waits at an arm that is not ours. The note says so whatever the other arms would say: it alone may end the wait.
    pub(super) const FOREIGN: Self = Self(8);

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What of this is in `other`, too.
    pub(super) const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// What the poll on this thread has left so far.
#[allow(dead_code)] // in a build that does not inspect
pub(super) struct Left {
    pub(super) found: Cell<Found>,
    pub(super) note: Cell<Note>,
    /// The word around the future being polled: an arm of an `alt!`, or on a [traced](super::note::Traced) thread any.
    pub(super) word: Cell<At>,
    pub(super) is_traced: Cell<bool>,
    /// The time of the last look at the clock, for a thread that looks at it regularly, else 0.
    pub(super) coarse: Cell<u32>,
}

impl Left {
    pub(super) const fn new() -> Self {
        Self {
            found: Cell::new(Found::NOTHING),
            note: Cell::new(BARE),
            word: Cell::new(At::UNKNOWN),
            is_traced: Cell::new(false),
            coarse: Cell::new(0),
        }
    }
}

/// What is to be waited for.
pub(super) type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What is to be called after that.
pub(super) type Then = Box<dyn FnOnce() + Send>;

/// What the drops on this thread have left to be waited for: see [`linger`](super::linger).
#[derive(Default)]
pub(super) struct Waits {
    pub(super) waits: Vec<Wait>,
    pub(super) then: Vec<Then>,
}
