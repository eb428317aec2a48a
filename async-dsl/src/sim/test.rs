//! What `#[async_dsl::test]` runs.

use std::panic::{Location, resume_unwind};
use std::str::FromStr;

use super::check::explore;
use super::config::Config;
use super::failure::Failed;
use super::verdict::Verdict;
use crate::runtime::schedule::seed::Seed;
use crate::runtime::schedule::strategy::Strategy;

/// The schedule to run a test under, and no other.
const SEED: &str = "ASYNC_DSL_SEED";

/// How many schedules to try at least.
const SEEDS: &str = "ASYNC_DSL_SEEDS";

/// A simulated test. Not for users: what the attribute expands to.
#[derive(Debug, Default)]
pub struct Test {
    seeds: Option<u64>,
    seed: Option<String>,
    strategy: Strategy,
    allows_unawaited_panics: bool,
}

impl Test {
    /// One schedule.
    pub fn new() -> Self {
        Self::default()
    }

    /// This many schedules.
    #[must_use]
    pub fn seeds(self, seeds: u64) -> Self {
        Self {
            seeds: Some(seeds),
            ..self
        }
    }

    /// This schedule.
    #[must_use]
    pub fn seed(self, seed: &impl ToString) -> Self {
        Self {
            seed: Some(seed.to_string()),
            ..self
        }
    }

    /// Chosen so.
    #[must_use]
    pub fn strategy(self, strategy: Strategy) -> Self {
        Self { strategy, ..self }
    }

    /// A panic of a task that nobody awaits does not fail it.
    #[must_use]
    pub fn allow_unawaited_panics(self) -> Self {
        Self {
            allows_unawaited_panics: true,
            ..self
        }
    }

    /// What the environment and the test itself say.
    fn config(&self) -> Config {
        let config = Config::new()
            .strategy(self.strategy)
            .allow_unawaited_panics(self.allows_unawaited_panics);
        let named = self.seed.as_ref();
        let named = || named.map(|seed| seed.parse().unwrap_or_else(|error| panic!("{error}")));
        if let Some(seed) = variable::<Seed>(SEED).or_else(named) {
            return config.replay(seed).loud(true).shrink(false);
        }
        let asked: u64 = variable(SEEDS).unwrap_or(1);
        let seeds = self.seeds.unwrap_or(1).max(asked).max(1);
        config.seeds(seeds).loud(seeds == 1).shrink(seeds > 1)
    }

    /// Runs the test. A failure is printed; then it fails as it did by itself.
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
            Ok((_, Some(output))) => return output,
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

/// The value of a variable of the environment, if it is set.
fn variable<T: FromStr<Err: std::fmt::Display>>(name: &str) -> Option<T> {
    let text = std::env::var_os(name)?;
    let text = text.to_string_lossy();
    match text.trim().parse() {
        Ok(value) => Some(value),
        Err(error) => panic!("{name} is {text:?}: {error}"),
    }
}
