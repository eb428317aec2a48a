//! What a check is to do.

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
#[allow(clippy::struct_excessive_bools)] // each answers a question of its own
pub struct Config {
    pub(super) first: u64,
    pub(super) seeds: u64,
    pub(super) strategy: Strategy,
    pub(super) max_steps: u64,
    pub(super) shrink: bool,
    pub(super) only: Option<Seed>,
    pub(super) allows_unawaited_panics: bool,
    /// What panics is printed when it panics, as without simulation.
    pub(super) loud: bool,
    /// Notes what else could have been chosen.
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
            alternatives: false,
        }
    }
}

impl Config {
    /// 100 schedules by [`Strategy::Mixed`], of a million steps at most; a failing one is shrunk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins with the schedule of this number, instead of 0: to try others than the last time.
    #[must_use]
    pub fn first(self, first: u64) -> Self {
        Self { first, ..self }
    }

    /// Tries this many schedules, those of the numbers from 0 on.
    #[must_use]
    pub fn seeds(self, seeds: u64) -> Self {
        Self { seeds, ..self }
    }

    /// Chooses the schedules so.
    #[must_use]
    pub fn strategy(self, strategy: Strategy) -> Self {
        Self { strategy, ..self }
    }

    /// A run that has not ended after this many steps fails. A step is a turn of a task or an operation.
    #[must_use]
    pub fn max_steps(self, max_steps: u64) -> Self {
        Self { max_steps, ..self }
    }

    /// Whether a failing schedule is shrunk, which takes up to some hundred runs more.
    #[must_use]
    pub fn shrink(self, shrink: bool) -> Self {
        Self { shrink, ..self }
    }

    /// Whether a run goes well in which a task panics and nobody awaits that. Otherwise it fails.
    ///
    /// The panics are told to the hook of [`on_unobserved_panic`](crate::task::on_unobserved_panic) either way.
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

    /// Tries this one schedule only.
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

    pub(super) fn loud(self, loud: bool) -> Self {
        Self { loud, ..self }
    }
}
