//! The record of a simulated run, choice by choice.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use crate::runtime::place::{At, Line};

/// One event of a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Event {
    /// The turn of a task begins.
    Turn(u32),
    /// The task of this turn started another one.
    Started(u32),
    /// It reached a word.
    Word(Spot),
    /// It made a random choice of a number below `bound`.
    Choice { bound: u32, value: u32 },
    /// The turn is over.
    End(End),
    /// Everything was parked, and the clock moved on to this time since the start.
    Time(Duration),
}

/// The place of a word. Equal for equal places.
#[derive(Clone, Copy)]
pub(crate) struct Spot(pub(crate) At);

impl PartialEq for Spot {
    fn eq(&self, other: &Self) -> bool {
        self.0.place() == other.0.place()
    }
}

impl Eq for Spot {}

impl Hash for Spot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.place().hash(state);
    }
}

impl fmt::Debug for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a task waits for, other than a channel: a task by its number, a promise or agent by the line that made it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Waits {
    Timer,
    Task(u32),
    Promise(Line),
    Agent(Line),
    Else,
}

/// How a turn of a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum End {
    /// It parked: for this, or on a channel.
    Parked(Option<Waits>),
    /// It could have gone on, but another one was chosen.
    Switched,
    /// It yielded, or had to, because its budget was used up.
    Yielded,
    Finished,
    Panicked,
}

/// The recorded schedule of one simulated run: which task ran when, up to where, and what was chosen at random.
///
/// Two runs of the same program under the same [`Seed`](super::Seed) have equal traces, wherever they were called from.
/// `Display` shows a table of the turns: which task ran, over which lines, and why it stopped.
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::sim::{self, Seed};
///
/// let program = || async_block!({
///     let numbers = chan::fixed(1);
///     go!(|numbers| { put!(numbers, 1).ok(); });
///     go!(|numbers| { put!(numbers, 2).ok(); });
///     take!(numbers)
/// });
/// let one = sim::trace(&Seed::from(1), program);
/// assert_eq!(one, sim::trace(&Seed::from(1), program));
/// assert!(one.switches() > 0);
/// println!("{one}");
/// ```
#[derive(Clone)]
pub struct Trace {
    pub(crate) events: Vec<Event>,
    /// The lines that started the tasks. The first is the future that was given to the simulation.
    pub(crate) tasks: Vec<Line>,
}

impl Trace {
    /// Returns how often the running task changed: the length of a schedule for a reader.
    pub fn switches(&self) -> usize {
        let turns = self.events.iter().filter_map(|event| match event {
            Event::Turn(task) => Some(task),
            _ => None,
        });
        turns
            .clone()
            .zip(turns.skip(1))
            .filter(|(a, b)| a != b)
            .count()
    }

    /// Returns the number of tasks that took part, including the future that was given to the simulation.
    pub fn task_count(&self) -> usize {
        self.tasks.len()
    }

    /// Returns the choices alone, without the lines of the program: equal for equal schedules, even if the program was
    /// moved in its file. Each turn is the number of a task, followed by `=n` for each of its random choices; `+n` is the
    /// clock when it moved, in nanoseconds since the start.
    pub fn choices(&self) -> String {
        use fmt::Write;
        let mut text = String::new();
        for event in &self.events {
            let space = if text.is_empty() { "" } else { " " };
            // Writing to a string does not fail.
            let _ = match event {
                Event::Turn(task) => write!(text, "{space}{task}"),
                Event::Choice { value, .. } => write!(text, "={value}"),
                Event::Time(time) => write!(text, "{space}+{}", time.as_nanos()),
                _ => Ok(()),
            };
        }
        text
    }
}

impl Trace {
    /// Returns what is compared: everything but the line that called the simulation.
    fn compared(&self) -> (&[Event], &[Line]) {
        (&self.events, self.tasks.get(1..).unwrap_or_default())
    }
}

impl PartialEq for Trace {
    fn eq(&self, other: &Self) -> bool {
        self.compared() == other.compared()
    }
}

impl Eq for Trace {}

impl Hash for Trace {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.compared().hash(state);
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("tasks", &self.task_count())
            .field("switches", &self.switches())
            .field("choices", &self.choices())
            .finish()
    }
}
