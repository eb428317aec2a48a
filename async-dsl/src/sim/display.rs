//! A trace as text: which task ran, over which words, and why it stopped.

use std::fmt;
use std::time::Duration;

use super::source::Source;
use crate::runtime::place::{At, Line};
use crate::runtime::schedule::trace::{End, Event, Spot, Trace, Waits};

/// The most turns shown; of a longer trace, the first few and the last ones.
const MOST_TURNS: usize = 60;
const FIRST_TURNS: usize = 10;

/// The most lines of a turn shown; of a longer turn, the first and the last ones.
const MOST_STEPS: usize = 8;

/// The column at which the remark on a line begins.
const REMARK: usize = 48;

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut source = Source::default();
        let turns = turns(&self.events);
        for (index, turn) in turns.iter().enumerate() {
            match shows(index, turns.len(), FIRST_TURNS, MOST_TURNS) {
                Shows::This => {}
                Shows::Gap(left_out) => {
                    writeln!(f, "    … {left_out} more turns …")?;
                    continue;
                }
                Shows::Nothing => continue,
            }
            match turn {
                Shown::Time(time) => writeln!(f, "    everything waits: the time is now {time:?}")?,
                Shown::Turn { task, steps, end } => {
                    writeln!(f, "{:>3}. {}", index + 1, self.who(*task))?;
                    for line in self.lines(steps, *end, &mut source) {
                        writeln!(f, "{line}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Trace {
    fn started(&self, task: u32) -> String {
        let line = self.tasks.get(task as usize);
        line.map_or_else(String::new, |line| place(line))
    }

    fn who(&self, task: u32) -> String {
        match task {
            0 => format!("the program itself, {}", self.started(0)),
            _ => format!("task {task}, started at {}", self.started(task)),
        }
    }

    /// Returns the lines of a turn, and why it ended: beside its last word, or on a line of its own.
    fn lines(&self, steps: &[Step], end: Option<End>, source: &mut Source) -> Vec<String> {
        let mut lines = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            match shows(index, steps.len(), MOST_STEPS / 2, MOST_STEPS) {
                Shows::This => {}
                Shows::Gap(left_out) => {
                    lines.push(format!("             … {left_out} more …"));
                    continue;
                }
                Shows::Nothing => continue,
            }
            let is_last = index + 1 == steps.len();
            lines.push(match step {
                Step::Word(spot) => {
                    let (line, text) = word(spot.0, source);
                    let remark = end.filter(|_| is_last).map(remark);
                    numbered(line, &text, remark.as_deref())
                }
                Step::Started(task) => {
                    let line = self.tasks.get(*task as usize).map_or(0, |line| line.line());
                    numbered(line, &format!("starts task {task}"), None)
                }
            });
        }
        if let (Some(end), None | Some(Step::Started(_))) = (end, steps.last()) {
            lines.push(format!("             {}", remark(end)));
        }
        lines
    }
}

fn remark(end: End) -> String {
    match end {
        End::Parked(Some(Waits::Task(task))) => format!("waits for task {task}"),
        End::Parked(Some(Waits::Promise(line))) => {
            format!("waits for the promise made at {}", place(line))
        }
        End::Parked(Some(Waits::Agent(line))) => {
            format!("waits for the agent made at {}", place(line))
        }
        End::Parked(Some(Waits::Timer)) => "waits for its time".into(),
        End::Parked(Some(Waits::Else) | None) => "waits".into(),
        End::Switched => "switched away from, before this".into(),
        End::Yielded => "lets the others run".into(),
        End::Finished => "ends after this".into(),
        End::Panicked => "panics after this".into(),
    }
}

fn place(line: Line) -> String {
    format!("{}:{}", line.file(), line.line())
}

fn numbered(line: u32, text: &str, remark: Option<&str>) -> String {
    let Some(remark) = remark else {
        return format!("    {line:>7}  {text}");
    };
    format!(
        "    {line:>7}  {text:<width$}  ← {remark}",
        width = REMARK - 13
    )
}

/// Returns the line and the text of a word; of an `alt!`, the text of every arm.
fn word(at: At, source: &mut Source) -> (u32, String) {
    let line = at.place().map_or(0, |place| place.line);
    let text = match at {
        At::Unknown => String::new(),
        At::Line(line) => source.text(line),
        At::Word(word) => word.text.to_owned(),
        At::Arm(arms, _) => {
            let arms: Vec<_> = arms.iter().filter_map(At::text).collect();
            format!("alt! {{ {} }}", arms.join(", "))
        }
    };
    (line, text)
}

/// What is shown at an index of a list that may be too long.
enum Shows {
    This,
    /// This many elements are left out here.
    Gap(usize),
    Nothing,
}

/// Shows `most` of `len` elements, `first` of them from the front.
fn shows(index: usize, len: usize, first: usize, most: usize) -> Shows {
    let left_out = len.saturating_sub(most);
    match index.checked_sub(first) {
        Some(0) if left_out > 0 => Shows::Gap(left_out),
        Some(later) if later < left_out => Shows::Nothing,
        _ => Shows::This,
    }
}

/// One entry of the text.
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
    Word(Spot),
    Started(u32),
}

/// Returns the turns, with consecutive turns of the same task joined.
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
            (Event::Word(spot), Some(Shown::Turn { steps, .. })) => {
                // A word that parked is polled again when its task goes on.
                if spot.0.place().is_some() && steps.last() != Some(&Step::Word(spot)) {
                    steps.push(Step::Word(spot));
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
