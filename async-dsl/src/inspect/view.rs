//! The parts of a snapshot.

use std::fmt;
use std::time::Duration;

use super::rows::{RowInfo, TableInfo};
use crate::chan::Kind;
use crate::runtime::place::Place;
use crate::runtime::row::RowId;

/// The state of a program, see [`snapshot`](super::snapshot).
///
/// Its text is a table that fits a terminal of 100 columns, or of the width of the format (`{snapshot:160}`). Tasks
/// that differ only in their number share a row, and of long tables the first rows are shown; `{snapshot:#}` shows
/// everything. With the feature `serde` it can be serialized.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Snapshot {
    /// Every task that has not ended, in the order they were started.
    pub tasks: Vec<TaskInfo>,
    /// Every thread that waits in a `block_on`, or in a blocking twin such as `take_blocking`. A twin belongs to the
    /// global scheduler only.
    pub blocked: Vec<BlockOnInfo>,
    /// Every channel with a handle left, in the order they were made.
    pub channels: Vec<ChannelInfo>,
    /// Every agent with a handle or work left, in the order they were made.
    pub agents: Vec<AgentInfo>,
    /// Every group that is in use, in the order they were made.
    pub groups: Vec<GroupInfo>,
    /// The tables of `flow`, and of other crates, that have a row.
    pub tables: Vec<TableInfo>,
}

impl Snapshot {
    /// Returns a row of its [`tables`](Self::tables); `None` if the thing was gone when they were read.
    pub fn row(&self, id: RowId) -> Option<&RowInfo> {
        let table = self.tables.iter().find(|table| table.kind == id.kind)?;
        let rows = &table.rows; // in the order of their numbers
        let index = rows.binary_search_by_key(&id.number, |row| row.id.number);
        rows.get(index.ok()?)
    }
}

/// A task.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TaskInfo {
    /// Its number, unique in its scheduler.
    pub number: u64,
    /// The number of its scheduler; the global one is 0.
    pub scheduler: u16,
    /// The name given by `go!(name = "…", { … })`.
    pub name: Option<String>,
    /// The line that started it.
    pub started_at: Place,
    /// What it is doing.
    pub state: TaskState,
    /// Where it is parked, if it is: one place for a word, one for each arm of an `alt!`, several for futures that wait
    /// side by side. Empty if it waits for nothing known, for example because its waker was dropped.
    pub parked: Vec<Parked>,
    /// For how long it has been parked.
    pub since: Option<Duration>,
}

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TaskState {
    /// A thread is polling it.
    Running,
    /// It is in a queue, and waits for its turn.
    Ready,
    /// It waits for something.
    Parked,
}

/// Where a task is parked.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Parked {
    /// The line, if it is known: unknown for an `.await` of a task, a promise or a foreign future outside of linear
    /// code.
    pub place: Option<Place>,
    /// The text of the word, `take!(orders)`, or of the `.await`, `task.await`; for a method, its name.
    pub text: String,
    /// What it waits for there.
    pub waits_for: WaitsFor,
    /// Whether this is an arm of an `alt!`.
    pub is_arm: bool,
    /// For how long.
    pub since: Option<Duration>,
}

/// What a parked task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum WaitsFor {
    /// A value from the channel of this number.
    Take(u64),
    /// Room in the channel of this number, or a taker.
    Put(u64),
    /// The end of a task.
    End {
        /// Its number.
        number: u64,
        /// The line that started it.
        started_at: Place,
    },
    /// The answer of the promise that was made here.
    Answer(Place),
    /// The agent that was made here to settle.
    Settling(Place),
    /// The tasks of the group of this number: for one to end, for all to end, or for room for one more.
    Group(u64),
    /// The thing that this [row](Snapshot::row) shows.
    Row(RowId),
    /// A timer.
    Time,
    /// The closure of a `thread!`.
    Closure,
    /// The other side of a connection, or a new connection.
    Socket,
    /// A future of another crate.
    Foreign,
    /// Nothing: an arm of an `alt!` that its condition switched off, or that is being polled just now.
    Nothing,
}

/// A thread in a `block_on`, or in a blocking twin.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BlockOnInfo {
    /// The thread's name.
    pub thread: Option<String>,
    /// The function it called: `block_on`, `take_blocking`, `wait_blocking_for` and so on.
    pub call: &'static str,
    /// The line of the call.
    pub called_at: Place,
    /// Where its future is parked; empty while it runs.
    pub parked: Vec<Parked>,
}

/// A channel.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ChannelInfo {
    /// Its number, unique in the program.
    pub number: u64,
    /// The name given by [`named`](crate::chan::Chan::named).
    pub name: Option<String>,
    /// The line that made it.
    pub made_at: Place,
    /// What it does when it is full.
    pub kind: Option<Kind>,
    /// How many values are in it.
    pub len: usize,
    /// How many values it can hold; `None` is no limit.
    pub capacity: Option<usize>,
    /// Whether it was closed.
    pub closed: bool,
    /// The waiters to put, first come first.
    pub parked_putters: Vec<Waiter>,
    /// The waiters to take, first come first.
    pub parked_takers: Vec<Waiter>,
    /// How many handles can put.
    pub putters: usize,
    /// How many handles can take; a [`Chan`](crate::chan::Chan) can do both.
    pub takers: usize,
    /// The tasks that have put or taken, as far as recorded. The last to put and the last to take are, and of those before
    /// them the first four; of all others one operation in 256 is.
    pub used_by: Vec<ChannelUser>,
    /// The task that put last, if known.
    pub last_put_by: Option<u64>,
    /// The task that took last, if known.
    pub last_taken_by: Option<u64>,
    /// How many values were put.
    pub puts: u64,
    /// How many values were taken.
    pub takes: u64,
    /// How many values were discarded.
    pub discarded: u64,
    /// The most values that were ever in it.
    pub high_water: usize,
    /// The longest that a waiter has waited, or is waiting.
    pub longest_wait: Duration,
    /// The [row](Snapshot::row) that [stands for](super::Row::stands_for) it: what it is a part of.
    pub shown_by: Option<RowId>,
    /// It was in use all the time, so that only its line and its handles could be read.
    pub is_busy: bool,
    /// It has handles, or had, that can only put or only take.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) is_split: bool,
}

/// A waiter in a channel's line.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Waiter {
    /// The number of its task; `None` is a thread, or a task of another executor.
    pub task: Option<u64>,
    /// The name of the waiting thread, in a `block_on` or a blocking twin: `unnamed` if it has none.
    pub thread: Option<String>,
    /// Where it waits.
    pub place: Option<Place>,
    /// For how long.
    pub since: Duration,
}

/// A task that has used a channel, whether or not it has ended.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ChannelUser {
    /// The task's number; `None` is a thread in a `block_on`.
    pub task: Option<u64>,
    /// The line that started it.
    pub started_at: Place,
    /// How many of the recorded operations were puts of this task.
    pub puts: u64,
    /// How many of them were its takes.
    pub takes: u64,
}

/// An agent.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct AgentInfo {
    /// Its number, unique in the program.
    pub number: u64,
    /// The name given by [`named`](crate::agent::Agent::named).
    pub name: Option<String>,
    /// The line that made it.
    pub made_at: Place,
    /// How many actions wait for their turn.
    pub queued: usize,
    /// What it is doing.
    pub state: AgentState,
    /// The error that stopped it.
    pub error: Option<String>,
}

/// What an agent is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum AgentState {
    /// It has no work.
    Idle,
    /// It has an action to run, or runs one.
    Running,
    /// An action failed, or its scheduler ended.
    Failed,
}

/// A group of tasks.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GroupInfo {
    /// Its number, unique in the program.
    pub number: u64,
    /// The name given by [`named`](crate::task::Group::named).
    pub name: Option<String>,
    /// The line that made it.
    pub made_at: Place,
    /// What it is.
    pub kind: GroupKind,
    /// The numbers of its tasks that run.
    pub tasks: Vec<u64>,
    /// How many of its tasks run, with those that are being started.
    pub running: usize,
    /// How many of its tasks have ended and were not taken.
    pub ended: usize,
    /// How many may run at a time; `None` is no limit.
    pub limit: Option<usize>,
}

/// What a group of tasks is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum GroupKind {
    /// A [`Group`](crate::task::Group).
    Group,
    /// A `scope!`.
    Scope,
    /// The closures of a [`pipeline`](crate::flow::pipeline).
    Pipeline,
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Running => "running",
            Self::Ready => "ready",
            Self::Parked => "parked",
        })
    }
}

impl fmt::Display for AgentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Failed => "failed",
        })
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Group => "group",
            Self::Scope => "scope",
            Self::Pipeline => "pipeline",
        })
    }
}

impl GroupInfo {
    /// Returns the group by its name, and the line that made it.
    pub(super) fn label(&self) -> String {
        let Self {
            number,
            name,
            kind,
            made_at,
            ..
        } = self;
        let line = format!("made at {}:{}", made_at.file, made_at.line);
        match name {
            Some(name) => format!("{kind} `{name}`, {line},"),
            None => format!("{kind} {number}, {line},"),
        }
    }
}
