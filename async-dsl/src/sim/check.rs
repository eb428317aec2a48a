//! Trying schedules until one fails.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::Location;

use super::config::Config;
use super::exhaust::explore_all;
use super::failing::failed;
use super::failure::{Failed, Failure};
use super::report::Report;
use super::run::run;
use super::verdict::Verdict;
use crate::runtime::place::Line;
use crate::runtime::running::assert_may_block;
use crate::runtime::schedule::seed::Seed;
use crate::runtime::schedule::trace::Trace;

/// Runs the program under many schedules, one after the other, until one fails, and then shrinks that one.
///
/// The program is called anew for every schedule. It fails if it panics, if a panic of a task is awaited by no task
/// (unless [allowed](Config::allow_unawaited_panics)), if it returns an error, if it is in a deadlock (a certain one,
/// since nothing outside can act), or if it does not end. Tasks that are left when it ends are dropped. Meanwhile its
/// panics are not printed: the failure contains them. This is what `#[async_dsl::test]` does.
///
/// Tasks are switched at the words only: code between two words happens at once, as far as the other tasks can see. To
/// race such code, put a `yield_now!()` into it. An operation that is switched away from looks as if it were not ready,
/// so a future that is polled once by hand must not be judged by that.
///
/// # Errors
///
/// The first schedule that fails, with its trace.
///
/// # Panics
///
/// Inside a task, naming both lines.
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::sim::{self, Config};
///
/// // Two tasks add 1 to the value in a channel: between one's take and its put, the other finds no value and parks.
/// let right = || async_block!({
///     let sum = chan::fixed(1);
///     put!(sum, 0).unwrap();
///     let tasks = (0..2).map(|_| go!(|sum| {
///         let n = take!(sum).unwrap();
///         put!(sum, n + 1).unwrap();
///     })).collect::<Vec<_>>();
///     join!(each tasks);
///     assert_eq!(take!(sum), Some(2));
/// });
/// let report = sim::check(&Config::new(), right).unwrap();
/// assert_eq!(report.schedules, 100);
/// ```
#[track_caller]
pub fn check<F, T>(config: &Config, program: F) -> Result<Report, Failure>
where
    F: AsyncFn() -> T,
    T: Verdict,
{
    let at = Location::caller();
    assert_may_block("sim::check", at);
    match explore(config, at, &program) {
        Ok((report, _)) => Ok(report),
        Err(failed) => Err(failed.failure),
    }
}

/// Runs the program under one schedule and returns what happened, whether it fails or not.
///
/// # Panics
///
/// Inside a task, naming both lines.
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::sim;
///
/// let trace = sim::trace(&17.into(), || async_block!({
///     go!({ yield_now!() }).await
/// }));
/// assert_eq!(trace.task_count(), 2);
/// ```
#[track_caller]
pub fn trace<F, T>(seed: &Seed, program: F) -> Trace
where
    F: AsyncFn() -> T,
{
    let at = Location::caller();
    assert_may_block("sim::trace", at);
    run(seed, &Config::new(), at, &program).trace
}

/// Returns the report, and the output of the last run.
pub(super) fn explore<F, T>(
    config: &Config,
    at: Line,
    program: &F,
) -> Result<(Report, Option<T>), Failed<T>>
where
    F: AsyncFn() -> T,
    T: Verdict,
{
    if let (Some(most), None) = (config.most, &config.only) {
        return explore_all(config, most, at, program);
    }
    let seeds = if config.only.is_some() {
        1
    } else {
        config.seeds
    };
    let mut report = Report::default();
    let mut traces = HashSet::new();
    let mut choices = 0;
    let mut output = None;
    for number in 0..seeds {
        let seed = match &config.only {
            Some(seed) => seed.clone(),
            None => config
                .strategy
                .seed(config.first.wrapping_add(number), choices),
        };
        let run = run(&seed, config, at, program).judged();
        report.schedules += 1;
        report.longest = report.longest.max(run.steps);
        choices = choices.max(run.choices);
        traces.insert(hash(&run.trace));
        report.distinct = traces.len();
        if run.fault.is_some() {
            return Err(failed(
                config,
                at,
                program,
                (report.schedules, seeds, seed),
                run,
            ));
        }
        output = run.output;
    }
    Ok((report, output))
}

fn hash(trace: &Trace) -> u64 {
    let mut hasher = DefaultHasher::new();
    trace.hash(&mut hasher);
    hasher.finish()
}
