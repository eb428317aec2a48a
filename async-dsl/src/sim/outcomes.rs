//! All values that a program can end with.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;

use super::config::Config;
use super::exhaust::{Searched, search};
use super::failure::Cause;
use crate::runtime::place::Line;
use crate::runtime::running::assert_may_block;
use crate::runtime::schedule::seed::Seed;

/// All values that a program can end with, with a schedule for each. Returned by [`outcomes`].
#[derive(Clone, Debug)]
pub struct Outcomes<T> {
    values: BTreeMap<T, Seed>,
    failures: Vec<(Cause, Seed)>,
    searched: Searched,
}

/// Runs the program under every schedule that can differ, and returns all that it can end with.
#[track_caller]
pub fn outcomes<F, T>(program: F) -> Outcomes<T>
where
    F: AsyncFn() -> T,
    T: Ord,
{
    let at = Location::caller();
    assert_may_block("sim::outcomes", at);
    gather(&Config::new(), at, &program, (u64::MAX, true))
}

/// The same, of so many schedules at most; without `reduces` of every one, also of those that cannot differ.
#[track_caller]
pub fn outcomes_by<F, T>(program: F, most: u64, reduces: bool) -> Outcomes<T>
where
    F: AsyncFn() -> T,
    T: Ord,
{
    gather(
        &Config::new(),
        Location::caller(),
        &program,
        (most, reduces),
    )
}

fn gather<F, T>(config: &Config, at: Line, program: &F, how: (u64, bool)) -> Outcomes<T>
where
    F: AsyncFn() -> T,
    T: Ord,
{
    let mut values = BTreeMap::new();
    let mut failures: Vec<(Cause, Seed)> = Vec::new();
    let searched = search(config, at, program, how, |run| {
        let seed = Seed::from(run.plan);
        match (run.fault, run.output) {
            (Some(fault), _) => {
                if !failures.iter().any(|(cause, _)| *cause == fault.cause) {
                    failures.push((fault.cause, seed));
                }
            }
            (None, Some(value)) => {
                values.entry(value).or_insert(seed);
            }
            (None, None) => {}
        }
        true
    });
    Outcomes {
        values,
        failures,
        searched,
    }
}

impl<T> Outcomes<T> {
    /// Returns how many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns whether there is none: every schedule fails.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns the values, in order, each with a schedule that leads to it.
    pub fn iter(&self) -> impl Iterator<Item = (&T, &Seed)> {
        self.values.iter()
    }

    /// Returns the ways in which it can fail, each with a schedule that leads to it.
    pub fn failures(&self) -> &[(Cause, Seed)] {
        &self.failures
    }

    /// Returns how many schedules were run.
    pub fn schedules(&self) -> u64 {
        self.searched.totals.runs
    }

    /// Returns how many runs were cut because what would follow was tried before.
    pub fn redundant(&self) -> u64 {
        self.searched.totals.cut
    }

    /// Returns how many steps all runs made together.
    pub fn steps(&self) -> u64 {
        self.searched.totals.steps
    }

    /// Returns whether all schedules were run.
    pub fn is_whole(&self) -> bool {
        self.searched.is_whole
    }
}

impl<T: fmt::Debug> fmt::Display for Outcomes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (value, seed) in &self.values {
            writeln!(f, "{:<24} ASYNC_DSL_SEED={seed}", format!("{value:?}"))?;
        }
        for (cause, seed) in &self.failures {
            writeln!(f, "{:<24} ASYNC_DSL_SEED={seed}", cause.to_string())?;
        }
        Ok(())
    }
}
