//! What happened in a simulated run, choice by choice.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use super::source::Source;
use crate::scheduler::Line;

/// One event of a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Event {
    /// The turn of a task begins.
    Turn(u32),
    /// The task of this turn started another one.
    Started(u32),
    /// It came to a word: the line of that, if it is known.
    Word(Option<Line>),
    /// It made a random choice, the number of which is below `bound`.
    Choice { bound: u32, value: u32 },
    /// The turn is over.
    End(End),
    /// Everything was parked, and the clock moved on to this time since the start.
    Time(Duration),
}

/// How a turn of a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum End {
    /// It waits for something.
    Parked,
    /// It could have gone on, but another one was chosen.
    Switched,
    /// It let the others run, or had to, because its budget was used up.
    Yielded,
    Finished,
    Panicked,
}

/// The recorded schedule of one simulated run: who ran when, up to where, and what was chosen at random.
///
/// Two runs of the same program under the same [`Seed`](super::Seed) have equal traces, wherever they were called from. Shown, it is a table of the turns:
/// which task ran, over which lines, and why it stopped.
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
    pub(super) events: Vec<Event>,
    /// The lines that started the tasks. The first is the future that was given to the simulation.
    pub(super) tasks: Vec<Line>,
}

impl Trace {
    /// How often another task ran than before: the length of a schedule as one has to think about it.
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

    /// How many tasks took part, the one that was given to the simulation among them.
    pub fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// The choices alone, without the lines of the program: equal for equal schedules, even if the program was moved
    /// about in its file. Each turn is the number of a task, followed by `=n` for its random choices, and `+` and the
    /// nanoseconds when the clock moved.
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

    fn task(&self, task: u32) -> String {
        let line = self.tasks.get(task as usize);
        let place = line.map_or_else(String::new, |line| {
            format!("{}:{}", line.file(), line.line())
        });
        if task == 0 {
            format!("the test itself, {place}")
        } else {
            format!("task {task}, started at {place}")
        }
    }
}

impl Trace {
    /// What is compared: not the line that called the simulation.
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
            .field("tasks", &self.tasks())
            .field("switches", &self.switches())
            .field("choices", &self.choices())
            .finish()
    }
}

/// Turns that are shown; of a longer trace the first few and the last ones are.
const MOST_TURNS: usize = 60;
const FIRST_TURNS: usize = 10;

/// Lines of a turn that are shown; of a longer one the first and the last are.
const SHOWN: usize = 8;

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut source = Source::default();
        let turns = turns(&self.events);
        let left_out = turns.len().saturating_sub(MOST_TURNS);
        for (index, turn) in turns.iter().enumerate() {
            if left_out > 0 && index == FIRST_TURNS {
                write!(f, "\n    … {left_out} more …")?;
            }
            if left_out > 0 && (FIRST_TURNS..FIRST_TURNS + left_out).contains(&index) {
                continue;
            }
            if index > 0 {
                writeln!(f)?;
            }
            match turn {
                Shown::Time(time) => {
                    write!(f, "   — everything waits: the clock moves on to {time:?} —")?;
                }
                Shown::Turn { task, steps, end } => {
                    write!(f, "{:>2}. {}", index + 1, self.task(*task))?;
                    let left_out = steps.len().saturating_sub(SHOWN);
                    for (number, step) in steps.iter().enumerate() {
                        if left_out > 0 && number == SHOWN / 2 {
                            write!(f, "\n        … {left_out} more …")?;
                        }
                        if left_out > 0 && (SHOWN / 2..SHOWN / 2 + left_out).contains(&number) {
                            continue;
                        }
                        let is_last = number + 1 == steps.len() && matches!(step, Step::Word(_));
                        self.show(f, *step, end.filter(|_| is_last), &mut source)?;
                    }
                    if let (Some(end), None | Some(Step::Started(_))) = (end, steps.last()) {
                        write!(f, "\n             {}", end.alone())?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Trace {
    fn show(
        &self,
        f: &mut fmt::Formatter<'_>,
        step: Step,
        end: Option<End>,
        source: &mut Source,
    ) -> fmt::Result {
        let (line, text) = match step {
            Step::Word(line) => (line, source.text(line)),
            Step::Started(task) => {
                let Some(line) = self.tasks.get(task as usize) else {
                    return Ok(());
                };
                (*line, format!("starts task {task}"))
            }
        };
        let end = end.map_or("", |end| end.after());
        write!(f, "\n      {:>5}  {text}{end}", line.line())
    }
}

impl End {
    fn alone(self) -> &'static str {
        match self {
            Self::Parked => "waits",
            Self::Switched => "is switched away from",
            Self::Yielded => "lets the others run",
            Self::Finished => "ends",
            Self::Panicked => "panics",
        }
    }

    fn after(self) -> &'static str {
        match self {
            Self::Parked => "   ← waits here",
            Self::Switched => "   ← switched away before this",
            Self::Yielded => "   ← lets the others run",
            Self::Finished => "   and ends",
            Self::Panicked => "   and panics",
        }
    }
}

/// What a turn shows.
enum Shown {
    Turn {
        task: u32,
        steps: Vec<Step>,
        end: Option<End>,
    },
    Time(Duration),
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Word(Line),
    Started(u32),
}

/// The turns, those of the same task one after the other as one.
fn turns(events: &[Event]) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    for event in events {
        match (*event, all.last_mut()) {
            (Event::Turn(next), Some(Shown::Turn { task, end, .. })) if *task == next => {
                *end = None;
            }
            (Event::Turn(task), _) => all.push(Shown::Turn {
                task,
                steps: Vec::new(),
                end: None,
            }),
            (Event::Time(time), Some(Shown::Time(last))) => *last = time,
            (Event::Time(time), _) => all.push(Shown::Time(time)),
            (Event::Word(Some(line)), Some(Shown::Turn { steps, .. })) => {
                // A word that parked is polled again when it goes on.
                if steps.last() != Some(&Step::Word(line)) {
                    steps.push(Step::Word(line));
                }
            }
            (Event::Started(task), Some(Shown::Turn { steps, .. })) => {
                steps.push(Step::Started(task));
            }
            (Event::End(reason), Some(Shown::Turn { end, .. })) => *end = Some(reason),
            (Event::Word(_) | Event::Choice { .. } | Event::Started(_) | Event::End(_), _) => {}
        }
    }
    all
}
