//! A schedule under which a program fails, and the failure.

use std::error::Error;
use std::fmt;

use super::run::Payload;
use crate::runtime::place::Line;
use crate::runtime::schedule::seed::Seed;
use crate::runtime::schedule::trace::Trace;

/// The number of schedules where every one is tried.
pub(super) const EVERY: u64 = u64::MAX;

/// How a simulated run failed.
///
/// ```
/// use async_dsl::sim::{self, Cause, Config};
///
/// let failure = sim::check(&Config::new(), || async { if true { panic!("no luck") } }).unwrap_err();
/// match failure.cause() {
///     Cause::Panic { message, .. } => assert_eq!(message, "no luck"),
///     other => println!("{other}"),
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The program panicked, or a task of it did and no task awaited it.
    Panic {
        /// The message.
        message: String,
        /// The line that panicked, if it is known.
        at: Option<String>,
        /// The line that started the task, if no task awaited it.
        unobserved: Option<String>,
    },
    /// A deadlock: no task could run, and no timer was pending.
    Deadlock,
    /// It did not end: see [`max_steps`](super::Config::max_steps).
    Endless {
        /// The number of steps after which it was stopped.
        steps: u64,
    },
    /// It ran for ever: every task that was ready only looked and yielded, and no task was left to change what it looked at.
    Spins,
    /// No schedule has failed, but not all that there are were tried: see [`most`](super::Config::most).
    Unfinished {
        /// How many were tried.
        schedules: u64,
        /// At least so many more are known.
        left: u64,
    },
    /// It returned an error.
    Error {
        /// The error, as `Debug` shows it.
        message: String,
    },
    /// It was woken by something that is not simulated.
    Foreign {
        /// What was woken, and by what.
        message: String,
    },
}

impl Cause {
    pub(super) fn panic(message: String, seen: &[(String, String)]) -> Self {
        let at = seen.iter().rev().find(|(said, _)| *said == message);
        Self::Panic {
            at: at.map(|(_, at)| at.clone()),
            message,
            unobserved: None,
        }
    }

    pub(super) fn unobserved(message: String, started_at: Line, seen: &[(String, String)]) -> Self {
        match Self::panic(message, seen) {
            Self::Panic { message, at, .. } => Self::Panic {
                message,
                at,
                unobserved: Some(started_at.to_string()),
            },
            other => other,
        }
    }

    /// Whether it is the same failure, even if details differ.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Panic { message, at, .. },
                Self::Panic {
                    message: message2,
                    at: at2,
                    ..
                },
            ) => {
                if at.is_some() {
                    at == at2
                } else {
                    message == message2
                }
            }
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic {
                message,
                at,
                unobserved,
            } => {
                match at {
                    Some(at) => write!(f, "panicked at {at}: {message}")?,
                    None => write!(f, "panicked: {message}")?,
                }
                match unobserved {
                    Some(line) => {
                        write!(f, "\n(in the task started at {line}, which nobody awaited)")
                    }
                    None => Ok(()),
                }
            }
            Self::Deadlock => f.write_str("deadlock: nothing can run, and no timer is waited for"),
            Self::Endless { steps } => {
                write!(f, "not done after {steps} steps: does it run for ever?")
            }
            Self::Unfinished { schedules, left } => write!(
                f,
                "{schedules} schedules were tried, and none of them fails; but there are more, at least {left}, and this test \
                 asked for all: make the program smaller, raise `most`, or try many by `seeds = …`"
            ),
            Self::Spins => f.write_str(
                "it runs for ever: every task that is ready looks, and yields, and nobody changes what it looks at",
            ),
            Self::Error { message } => write!(f, "error: {message}"),
            Self::Foreign { message } => f.write_str(message),
        }
    }
}

/// A failing schedule with what is needed to understand it and to run it again. Its `Display` contains all of that; so
/// does its `Debug`, since that is what an `unwrap` prints.
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::sim::{self, Cause, Config};
///
/// // No task ever puts.
/// let program = || async_block!({
///     let never = chan::fixed::<()>(1);
///     take!(never);
/// });
/// let failure = sim::check(&Config::new(), program).unwrap_err();
/// assert_eq!(*failure.cause(), Cause::Deadlock);
/// assert_eq!(failure.schedules(), 1);
/// assert!(failure.trace().to_string().contains("take!(never)"));
/// println!("{failure}");
///
/// // The same run again, by its seed.
/// let (seed, trace) = failure.shrunk();
/// let again = sim::check(&Config::new().replay(seed.clone()), program).unwrap_err();
/// assert_eq!(again.trace(), trace);
/// ```
#[derive(Clone)]
pub struct Failure(pub(super) Box<Failing>);

#[derive(Clone)]
pub(super) struct Failing {
    pub(super) cause: Cause,
    pub(super) seed: Seed,
    pub(super) schedules: u64,
    pub(super) of: u64,
    pub(super) trace: Trace,
    pub(super) alive: String,
    pub(super) shrunk: Option<Shrunk>,
}

/// A shrunk schedule.
#[derive(Clone, Debug)]
pub(super) struct Shrunk {
    pub(super) seed: Seed,
    pub(super) trace: Trace,
    pub(super) alive: String,
    pub(super) runs: u64,
}

impl Failure {
    /// Returns how it failed.
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// Returns the schedule that failed, for [`Config::replay`](super::Config::replay) and `ASYNC_DSL_SEED`.
    pub fn seed(&self) -> &Seed {
        &self.0.seed
    }

    /// Returns how many schedules were tried, including this one.
    pub fn schedules(&self) -> u64 {
        self.0.schedules
    }

    /// Returns what happened under the failing schedule.
    pub fn trace(&self) -> &Trace {
        &self.0.trace
    }

    /// Returns the schedule with the fewest switches that was found to fail the same way, and what happened under it.
    /// Without shrinking it is the one that failed.
    pub fn shrunk(&self) -> (&Seed, &Trace) {
        match &self.0.shrunk {
            Some(shrunk) => (&shrunk.seed, &shrunk.trace),
            None => (&self.0.seed, &self.0.trace),
        }
    }

    /// Returns the tasks that were alive when it failed, with their lines.
    pub fn alive(&self) -> &str {
        match &self.0.shrunk {
            Some(shrunk) => &shrunk.alive,
            None => &self.0.alive,
        }
    }
}

impl Failure {
    /// Returns the text for a test that was run under one schedule only and printed its panic itself: more would be too
    /// much if the schedule is not the cause.
    pub(super) fn brief(&self) -> String {
        let mut text = format!(
            "simulated under the schedule {}, which is the same each time; ASYNC_DSL_SEEDS=1000 tries others",
            self.0.seed
        );
        if !matches!(self.0.cause, Cause::Panic { .. } | Cause::Error { .. }) {
            text = format!("{}\n{}\n{text}", self.0.cause, self.0.alive);
        }
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.of {
            1 => write!(f, "failed under the schedule {}", self.0.seed)?,
            EVERY => write!(f, "failed under schedule {} of all", self.0.schedules)?,
            of => write!(f, "failed under schedule {} of {of}", self.0.schedules)?,
        }
        writeln!(f, ", {}", self.0.cause)?;
        let (seed, trace) = self.shrunk();
        let switches = |n| match n {
            1 => "1 switch".to_owned(),
            n => format!("{n} switches"),
        };
        writeln!(f, "\nto run it again:  ASYNC_DSL_SEED={}", self.0.seed)?;
        if let Some(shrunk) = &self.0.shrunk {
            writeln!(
                f,
                "in short:         ASYNC_DSL_SEED={seed}\n\n{} instead of {}, after {}:",
                switches(trace.switches()),
                self.0.trace.switches(),
                match shrunk.runs {
                    1 => "1 more run".to_owned(),
                    n => format!("{n} more runs"),
                },
            )?;
        } else {
            writeln!(f, "\n{}:", switches(trace.switches()))?;
        }
        write!(f, "{trace}")?;
        if !self.alive().is_empty() {
            write!(f, "\n{}", self.alive().trim_end())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Failure {}

/// A failure, and what the failing run returned.
pub(super) struct Failed<T> {
    pub(super) failure: Failure,
    pub(super) output: Option<T>,
    pub(super) payload: Option<Payload>,
}

impl<T> Failed<T> {
    pub(super) fn new(failing: Failing, output: Option<T>, payload: Option<Payload>) -> Self {
        Self {
            failure: Failure(Box::new(failing)),
            output,
            payload,
        }
    }
}
