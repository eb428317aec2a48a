//! What is known of a program that no schedule has made fail.

use std::fmt;
use std::time::Duration;

/// The result of a check without a failure.
///
/// ```
/// use async_dsl::sim::{self, Config};
///
/// let report = sim::check(&Config::new().seeds(10), || async {}).unwrap();
/// assert_eq!((report.schedules, report.distinct), (10, 1));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// How many schedules were tried.
    pub schedules: u64,
    /// How many of them were different.
    pub distinct: usize,
    /// The most steps that one run took.
    pub longest: u64,
    /// What else is known if every schedule was tried.
    pub exhaustive: Option<Exhausted>,
}

/// What is known of a program of which every schedule was tried. Part of a [`Report`](super::Report).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Exhausted {
    /// How many steps all runs made together. A word is two of them.
    pub steps: u64,
    /// How many runs were cut, because what would have followed was tried before.
    pub redundant: u64,
    /// How often a task that only looked and yielded was made to wait for a change: so many times more rounds of looking were
    /// not tried.
    pub waits: u64,
    /// Whether memory that tasks share was [declared](super::touch).
    pub touched: bool,
    /// How long it took.
    pub time: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(all) = &self.exhaustive else {
            return write!(
                f,
                "{} schedules, {} of them different, of {} steps at most",
                self.schedules, self.distinct, self.longest
            );
        };
        let schedules = match self.schedules {
            1 => "the only schedule that can differ".to_owned(),
            n => format!("all {n} schedules that can differ"),
        };
        write!(
            f,
            "{schedules}: {} steps, {} of them at most in one run, in {:.1?}",
            all.steps, self.longest, all.time
        )?;
        if all.redundant > 0 {
            write!(f, "; {} runs were cut as redundant", all.redundant)?;
        }
        if all.waits > 0 {
            write!(
                f,
                "; {} times a task that only looked waited for a change",
                all.waits
            )?;
        }
        f.write_str(if all.touched {
            "; shared memory was declared"
        } else {
            "; no shared memory was declared"
        })
    }
}
