//! The configuration of a check.

use crate::runtime::schedule::seed::Seed;
use crate::runtime::schedule::strategy::Strategy;

/// How many schedules a [`check`](super::check) tries, and which.
///
/// ```
/// use async_dsl::sim::{Config, Strategy};
///
/// let config = Config::new().seeds(500).strategy(Strategy::Uniform).max_steps(10_000);
/// ```
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // each is an independent setting
pub struct Config {
    pub(super) first: u64,
    pub(super) seeds: u64,
    pub(super) strategy: Strategy,
    pub(super) max_steps: u64,
    pub(super) shrink: bool,
    pub(super) only: Option<Seed>,
    pub(super) allows_unawaited_panics: bool,
    /// Panics are printed when they happen, as without simulation.
    pub(super) loud: bool,
    /// Every schedule, but at most so many.
    pub(super) most: Option<u64>,
    /// Notes the choices that were not made.
    pub(super) alternatives: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            first: 0,
            seeds: 100,
            strategy: Strategy::default(),
            max_steps: 1_000_000,
            shrink: true,
            only: None,
            allows_unawaited_panics: false,
            loud: false,
            most: None,
            alternatives: false,
        }
    }
}

impl Config {
    /// Returns 100 schedules by [`Strategy::Mixed`], of a million steps at most; a failing one is shrunk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of the first schedule, instead of 0: to try others than the last time.
    #[must_use]
    pub fn first(self, first: u64) -> Self {
        Self { first, ..self }
    }

    /// Sets how many schedules are tried, those with the numbers from 0 on.
    #[must_use]
    pub fn seeds(self, seeds: u64) -> Self {
        Self { seeds, ..self }
    }

    /// Sets how the schedules are chosen.
    #[must_use]
    pub fn strategy(self, strategy: Strategy) -> Self {
        Self { strategy, ..self }
    }

    /// Sets after how many steps a run that has not ended fails. A step is a turn of a task or an operation.
    #[must_use]
    pub fn max_steps(self, max_steps: u64) -> Self {
        Self { max_steps, ..self }
    }

    /// Sets whether a failing schedule is shrunk, which takes up to some hundred runs more.
    #[must_use]
    pub fn shrink(self, shrink: bool) -> Self {
        Self { shrink, ..self }
    }

    /// Sets whether a run may pass in which a task panics and no task awaits it. Otherwise it fails.
    ///
    /// The hook of [`on_unobserved_panic`](crate::task::on_unobserved_panic) is called either way.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::sim::{self, Config};
    ///
    /// let program = || async_block!({
    ///     go!({ if true { panic!("as expected") } });
    ///     sleep!(1ms);
    /// });
    /// assert!(sim::check(&Config::new(), program).is_err());
    /// assert!(sim::check(&Config::new().allow_unawaited_panics(true), program).is_ok());
    /// ```
    #[must_use]
    pub fn allow_unawaited_panics(self, allow: bool) -> Self {
        Self {
            allows_unawaited_panics: allow,
            ..self
        }
    }

    /// Tries only this schedule.
    ///
    /// ```
    /// use async_dsl::sim::Config;
    ///
    /// let config = Config::new().replay("pct:17:3:240".parse().unwrap());
    /// ```
    #[must_use]
    pub fn replay(self, seed: Seed) -> Self {
        Self {
            only: Some(seed),
            ..self
        }
    }

    /// Tries every schedule that can differ from the others, instead of a number of seeds: see
    /// [`exhaustive`](super::exhaustive).
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::sim::{self, Config};
    ///
    /// let report = sim::check(&Config::new().exhaustive(), || async_block!({
    ///     let c = chan();
    ///     let tasks = [1, 2, 3].map(|n| go!(|c| { put!(c, n).ok(); }));
    ///     for task in tasks {
    ///         task.await;
    ///     }
    ///     assert_eq!(c.drain().iter().sum::<i32>(), 6);
    /// })).unwrap();
    /// assert_eq!(report.schedules, 6, "the orders of three puts");
    /// println!("{report}");
    /// ```
    #[must_use]
    pub fn exhaustive(self) -> Self {
        self.most(u64::MAX)
    }

    /// The same, of so many schedules at most. If these are not all, the check fails.
    #[must_use]
    pub fn most(self, schedules: u64) -> Self {
        Self {
            most: Some(schedules.max(1)),
            ..self
        }
    }

    pub(super) fn loud(self, loud: bool) -> Self {
        Self { loud, ..self }
    }
}
