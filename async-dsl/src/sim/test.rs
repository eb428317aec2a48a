//! The code that `#[async_dsl::test]` runs.

use std::panic::{Location, resume_unwind};
use std::str::FromStr;

use super::check::explore;
use super::config::Config;
use super::failure::Failed;
use super::verdict::Verdict;
use crate::runtime::schedule::seed::Seed;
use crate::runtime::schedule::strategy::Strategy;

/// The only schedule to run a test under.
const SEED: &str = "ASYNC_DSL_SEED";

/// The least number of schedules to try.
const SEEDS: &str = "ASYNC_DSL_SEEDS";

/// As many schedules as there are.
pub const NO_BOUND: u64 = u64::MAX;

/// How many schedules an exhaustive test may take. What is no such number is rustc's error.
pub const fn most(schedules: u64) -> u64 {
    schedules
}

/// A simulated test. Not for users: the attribute expands to it.
#[derive(Debug, Default)]
pub struct Test {
    seeds: Option<u64>,
    seed: Option<String>,
    strategy: Strategy,
    allows_unawaited_panics: bool,
    most: Option<u64>,
}

impl Test {
    /// Returns a test under one schedule.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of schedules.
    #[must_use]
    pub fn seeds(self, seeds: u64) -> Self {
        Self {
            seeds: Some(seeds),
            ..self
        }
    }

    /// Sets the only schedule.
    #[must_use]
    pub fn seed(self, seed: &impl ToString) -> Self {
        Self {
            seed: Some(seed.to_string()),
            ..self
        }
    }

    /// Sets how the schedules are chosen.
    #[must_use]
    pub fn strategy(self, strategy: Strategy) -> Self {
        Self { strategy, ..self }
    }

    /// Sets that every schedule is tried, but at most so many.
    #[must_use]
    pub fn exhaustive(self, most: u64) -> Self {
        Self {
            most: Some(most),
            ..self
        }
    }

    /// Lets the test pass if a task panics and no task awaits it.
    #[must_use]
    pub fn allow_unawaited_panics(self) -> Self {
        Self {
            allows_unawaited_panics: true,
            ..self
        }
    }

    /// Joins the settings of the environment and of the test.
    fn config(&self) -> Config {
        let config = Config::new()
            .strategy(self.strategy)
            .allow_unawaited_panics(self.allows_unawaited_panics);
        let named = self.seed.as_ref();
        let named = || named.map(|seed| seed.parse().unwrap_or_else(|error| panic!("{error}")));
        if let Some(seed) = variable::<Seed>(SEED).or_else(named) {
            return config.replay(seed).loud(true).shrink(false);
        }
        if let Some(most) = self.most {
            return config.most(most);
        }
        let asked: u64 = variable(SEEDS).unwrap_or(1);
        let seeds = self.seeds.unwrap_or(1).max(asked).max(1);
        config.seeds(seeds).loud(seeds == 1).shrink(seeds > 1)
    }

    /// Runs the test. A failure is printed, and then returned or its panic resumed.
    ///
    /// # Panics
    ///
    /// If the test fails.
    #[track_caller]
    pub fn run<F, T>(self, program: F) -> T
    where
        F: AsyncFn() -> T,
        T: Verdict,
    {
        let config = self.config();
        let at = Location::caller();
        let Failed {
            failure,
            output,
            payload,
        } = match explore(&config, at, &program) {
            Ok((report, Some(output))) => {
                if config.most.is_some() && config.only.is_none() {
                    println!("{report}");
                }
                return output;
            }
            Ok((_, None)) => unreachable!("at least one schedule was tried"),
            Err(failed) => failed,
        };
        if config.loud && config.only.is_none() {
            eprintln!("{}", failure.brief());
        } else {
            eprintln!("{failure}");
        }
        match (payload, output) {
            (Some(payload), _) => resume_unwind(payload),
            (None, Some(output)) if output.failure().is_some() => output,
            (None, _) => panic!("{}", failure.cause()),
        }
    }
}

/// Returns the value of an environment variable, if it is set.
fn variable<T: FromStr<Err: std::fmt::Display>>(name: &str) -> Option<T> {
    let text = std::env::var_os(name)?;
    let text = text.to_string_lossy();
    match text.trim().parse() {
        Ok(value) => Some(value),
        Err(error) => panic!("{name} is {text:?}: {error}"),
    }
}
