//! What is made of a run that failed.

use super::config::Config;
use super::failure::{Failed, Failing};
use super::run::Run;
use super::shrink::shrink;
use super::verdict::Verdict;
use crate::runtime::place::Line;
use crate::runtime::schedule::seed::Seed;

/// Shrinks a schedule that failed, if that is asked for, and says what is to be known of it.
pub(super) fn failed<F, T>(
    config: &Config,
    at: Line,
    program: &F,
    (schedules, of, seed): (u64, u64, Seed),
    mut run: Run<T>,
) -> Failed<T>
where
    F: AsyncFn() -> T,
    T: Verdict,
{
    let Some(fault) = run.fault.take() else {
        unreachable!("only a failed run gets here")
    };
    let shrunk = config
        .shrink
        .then(|| shrink(config, at, program, &fault, &run));
    Failed::new(
        Failing {
            cause: fault.cause,
            seed,
            schedules,
            of,
            trace: run.trace,
            alive: fault.alive,
            shrunk,
        },
        run.output,
        fault.payload,
    )
}
