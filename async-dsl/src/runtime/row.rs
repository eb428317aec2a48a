//! What a row of a table of a dump shows: see [`listing`](super::listing).

use std::fmt;

use super::place::At;

/// What is the same for all rows of a table.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) plural: Option<&'static str>,
    pub(crate) head: &'static str,
    pub(crate) short: &'static str,
    pub(crate) columns: &'static [&'static str],
}

/// Which row of which [`Table`](crate::inspect::Table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RowId {
    /// The name of the table.
    pub kind: &'static str,
    /// The number of the thing, unique in its table.
    pub number: u64,
}

impl RowId {
    pub(crate) const fn new(kind: &'static str, number: u64) -> Self {
        Self { kind, number }
    }
}

/// What a row of a [`Table`](crate::inspect::Table) shows.
///
/// Channels are named by their [number](crate::chan::Chan::number), tasks by [theirs](crate::task::Task::number).
///
/// ```
/// use async_dsl::inspect::Row;
///
/// let (putter, taker) = async_dsl::chan::fixed::<u32>(8).split();
/// let row = Row::new()
///     .named("jobs")
///     .cell("quorum")
///     .cell(9001)
///     .status("256 in flight")
///     .takes_from(taker.number());
/// # drop((putter, row));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a row is returned by `Show::show`"]
pub struct Row {
    pub(crate) name: Option<String>,
    pub(crate) made_at: Option<At>,
    pub(crate) cells: Vec<String>,
    pub(crate) status: Option<String>,
    pub(crate) heading: Option<String>,
    pub(crate) part_of: Option<RowId>,
    pub(crate) takes_from: Vec<u64>,
    pub(crate) puts_into: Vec<u64>,
    pub(crate) stands_for: Vec<u64>,
    pub(crate) tasks: Vec<u64>,
    pub(crate) is_open: bool,
}

impl Row {
    /// Returns a row that shows the thing's number only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the thing's own name.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the line that made the thing, which stands in a last column.
    pub fn made_at(mut self, at: At) -> Self {
        self.made_at = Some(at);
        self
    }

    /// Adds the text of the next column.
    pub fn cell(mut self, cell: impl fmt::Display) -> Self {
        self.cells.push(cell.to_string());
        self
    }

    /// Sets what is to be said beside the name where a task waits for the thing: `256 in flight`.
    pub fn status(mut self, status: impl fmt::Display) -> Self {
        self.status = Some(status.to_string());
        self
    }

    /// Says that it is a part of what another row shows.
    ///
    /// If that row has a [heading](Self::heading), the parts stand in a table of their own below it.
    pub const fn part_of(mut self, whole: RowId) -> Self {
        self.part_of = Some(whole);
        self
    }

    /// Sets the heading of its parts: `amqp://jobs@broker (connected 3min)`. Once there are parts, the row stands nowhere else.
    pub fn heading(mut self, heading: impl fmt::Display) -> Self {
        self.heading = Some(heading.to_string());
        self
    }

    /// Says that it takes from the channel of this number: an edge of the [graph](crate::inspect::graph).
    pub fn takes_from(mut self, channel: u64) -> Self {
        self.takes_from.push(channel);
        self
    }

    /// Says that it puts into the channel of this number: an edge of the graph.
    pub fn puts_into(mut self, channel: u64) -> Self {
        self.puts_into.push(channel);
        self
    }

    /// Says that the channel of this number is a part of the thing that users do not know: a task that is parked on it is
    /// shown as parked for the thing, and the channel itself neither in the text nor in the graph.
    pub fn stands_for(mut self, channel: u64) -> Self {
        self.stands_for.push(channel);
        self
    }

    /// Says that the task of this number does the thing's work: the two are one node of the graph.
    pub fn run_by(mut self, task: u64) -> Self {
        self.tasks.push(task);
        self
    }

    /// Says that whoever waits for the thing may be woken from outside of the program's tasks: by a network, by a thread of
    /// the thing's own. So such a wait is no part of a deadlock.
    pub const fn woken_from_outside(mut self) -> Self {
        self.is_open = true;
        self
    }
}
