//! Trying every schedule that can differ.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use super::config::Config;
use super::failing::failed;
use super::failure::{Cause, EVERY, Failed};
use super::report::{Exhausted, Report};
use super::run::{Fault, Run, run_explored};
use super::verdict::Verdict;
use crate::runtime::explore::{Explorer, Totals};
use crate::runtime::place::Line;
use crate::runtime::schedule::plan::Plan;
use crate::runtime::schedule::seed::Seed;

/// What a search through all schedules has seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Searched {
    pub(super) totals: Totals,
    /// How many branches are left that are known; 0 if every schedule was tried.
    pub(super) left: u64,
    /// It saw all of them, or was told to stop.
    pub(super) is_whole: bool,
    waits: u64,
    touched: bool,
    time: Duration,
}

impl Searched {
    fn exhausted(&self) -> Exhausted {
        Exhausted {
            steps: self.totals.steps,
            redundant: self.totals.cut,
            waits: self.waits,
            touched: self.touched,
            time: self.time,
        }
    }
}

/// What is said on a terminal while a search goes on.
struct Progress {
    began: Instant,
    said: Instant,
    on_terminal: bool,
}

/// After this time it is said how far a search is, and how often.
const LONG: Duration = Duration::from_secs(2);
const OFTEN: Duration = Duration::from_millis(500);

impl Progress {
    fn new() -> Self {
        let began = Instant::now();
        Self {
            began,
            said: began,
            on_terminal: std::io::stderr().is_terminal(),
        }
    }

    fn say(&mut self, totals: &Totals) {
        if !self.on_terminal || self.began.elapsed() < LONG || self.said.elapsed() < OFTEN {
            return;
        }
        self.said = Instant::now();
        let time = self.began.elapsed().as_secs();
        // Whether it can be written changes nothing.
        let _ = write!(
            std::io::stderr(),
            "\r{} schedules, {} steps, {time} s …",
            totals.runs,
            totals.steps
        );
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.said != self.began {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// Runs the program under every schedule that can differ, or, without `reduces`, under every one, but at most so many. `each`
/// gets each run, and says whether to go on.
pub(super) fn search<F, T>(
    config: &Config,
    at: Line,
    program: &F,
    (most, reduces): (u64, bool),
    mut each: impl FnMut(Run<T>) -> bool,
) -> Searched
where
    F: AsyncFn() -> T,
{
    let plain = Seed::from(Plan {
        departures: Vec::new(),
        explored: true,
    });
    let mut progress = Progress::new();
    let mut explorer = Box::new(Explorer::searching(reduces));
    let mut runs = 0;
    let mut goes_on = true;
    loop {
        let (run, back) = run_explored(&plain, config, at, program, Some(explorer));
        let Some(mut back) = back else {
            unreachable!("the explorer comes back from each run")
        };
        if !run.is_redundant || run.fault.is_some() {
            runs += 1;
            goes_on = each(run);
        }
        let is_next = back.advance();
        let totals = back.totals();
        progress.say(&totals);
        if !is_next || !goes_on || runs >= most {
            return Searched {
                totals,
                left: if is_next { back.left() } else { 0 },
                is_whole: !is_next,
                waits: back.waits(),
                touched: back.has_touched(),
                time: progress.began.elapsed(),
            };
        }
        explorer = back;
    }
}

/// Returns the report, and the output of the last run.
pub(super) fn explore_all<F, T>(
    config: &Config,
    most: u64,
    at: Line,
    program: &F,
) -> Result<(Report, Option<T>), Failed<T>>
where
    F: AsyncFn() -> T,
    T: Verdict,
{
    let mut last = None;
    let mut has_failed = false;
    let searched = search(config, at, program, (most, true), |run| {
        let run = run.judged();
        has_failed = run.fault.is_some();
        last = Some(run);
        !has_failed
    });
    let schedules = searched.totals.runs;
    let Some(mut run) = last else {
        unreachable!("the first run is not cut")
    };
    let seed = Seed::from(run.plan.clone());
    if has_failed {
        return Err(failed(config, at, program, (schedules, EVERY, seed), run));
    }
    if !searched.is_whole {
        let left = searched.left;
        run.fault = Some(Fault::new(
            Cause::Unfinished { schedules, left },
            String::new(),
        ));
        let config = config.clone().shrink(false);
        return Err(failed(&config, at, program, (schedules, EVERY, seed), run));
    }
    let report = Report {
        schedules,
        distinct: usize::try_from(schedules).unwrap_or(usize::MAX),
        longest: searched.totals.depth as u64,
        exhaustive: Some(searched.exhausted()),
    };
    Ok((report, run.output))
}
