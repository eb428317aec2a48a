//! One run of a program under one schedule.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::config::Config;
use super::failure::Cause;
use super::quiet::{self, Quiet};
use super::verdict::Verdict;
use crate::runtime::explore::Explorer;
use crate::runtime::place::Line;
use crate::runtime::schedule::Simulation;
use crate::runtime::schedule::plan::{Departure, Plan};
use crate::runtime::schedule::seed::{Kind, Seed};
use crate::runtime::schedule::trace::Trace;
use crate::scheduler::{Scheduler, Why};

pub(super) type Payload = Box<dyn Any + Send>;

/// The result of a run.
pub(super) struct Run<T> {
    pub(super) trace: Trace,
    pub(super) plan: Plan,
    /// The choices that were not made, if the configuration asks for them.
    pub(super) alternatives: Vec<Departure>,
    /// How often there was more than one task to choose from.
    pub(super) choices: u64,
    pub(super) steps: u64,
    /// `None` if it panicked or got stuck.
    pub(super) output: Option<T>,
    pub(super) fault: Option<Fault>,
    /// It was cut, because what follows was tried before.
    pub(super) is_redundant: bool,
}

/// How a run failed.
pub(super) struct Fault {
    pub(super) cause: Cause,
    /// The tasks that were alive then.
    pub(super) alive: String,
    pub(super) payload: Option<Payload>,
}

impl Fault {
    pub(super) fn new(cause: Cause, alive: String) -> Self {
        Self {
            cause,
            alive,
            payload: None,
        }
    }
}

/// Runs the program once. It does not check whether the output is a failure.
pub(super) fn run<F, T>(seed: &Seed, config: &Config, at: Line, program: &F) -> Run<T>
where
    F: AsyncFn() -> T,
{
    let is_explored = matches!(&seed.0, Kind::Plan(plan) if plan.explored);
    let explorer = is_explored.then(|| Box::new(Explorer::following()));
    run_explored(seed, config, at, program, explorer).0
}

/// The same under the choices of the explorer, which is returned.
pub(super) fn run_explored<F, T>(
    seed: &Seed,
    config: &Config,
    at: Line,
    program: &F,
    explorer: Option<Box<Explorer>>,
) -> (Run<T>, Option<Box<Explorer>>)
where
    F: AsyncFn() -> T,
{
    let _quiet = (!config.loud).then(Quiet::new);
    let scheduler = Scheduler::simulating(Simulation::keeping_panics(seed));
    let handle = scheduler.handle().clone();
    let Some(sim) = handle.sim() else {
        unreachable!("it was made with one")
    };
    if config.alternatives {
        sim.note_alternatives();
    }
    if let Some(explorer) = explorer {
        sim.explore(explorer);
    }
    // Called inside, so that tasks which the program starts before its first word are simulated too.
    let driven = catch_unwind(AssertUnwindSafe(|| {
        handle.simulate(sim, config.max_steps, async { program().await }, at)
    }));
    let (trace, plan) = sim.record();
    let (choices, steps) = (sim.choices(), sim.steps());
    let unobserved = || sim.unobserved().filter(|_| !config.allows_unawaited_panics);
    let alive = match (&driven, unobserved()) {
        (Ok(Ok(_)), None) => String::new(),
        _ => handle.dump(),
    };
    // What is dropped now is no part of the run.
    let explorer = sim.explored();
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(scheduler)));
    let panics = quiet::seen();
    let panicked = |payload: Payload, alive| {
        let cause = Cause::panic(quiet::message(&*payload), &panics);
        Fault {
            payload: Some(payload),
            ..Fault::new(cause, alive)
        }
    };
    let mut is_redundant = false;
    let (output, mut fault) = match driven {
        Ok(Ok(output)) => (Some(output), None),
        Ok(Err(stuck)) => {
            let cause = match stuck.why {
                Why::Deadlock => Cause::Deadlock,
                Why::Endless(steps) => Cause::Endless { steps },
                Why::Spins => Cause::Spins,
                Why::Foreign(_) | Why::Astray => Cause::Foreign {
                    message: stuck.why.to_string(),
                },
                Why::Redundant => {
                    is_redundant = true;
                    Cause::Deadlock
                }
            };
            let fault = (!is_redundant).then(|| Fault::new(cause, stuck.report));
            (None, fault)
        }
        Err(payload) => (None, Some(panicked(payload, alive.clone()))),
    };
    if let (None, Some((message, started_at))) = (&fault, unobserved()) {
        let cause = Cause::unobserved(message, started_at, &panics);
        fault = Some(Fault::new(cause, alive.clone()));
    }
    if let (None, Err(payload)) = (&fault, dropped) {
        fault = Some(panicked(payload, alive));
    }
    let run = Run {
        trace,
        plan,
        alternatives: sim.alternatives(),
        choices,
        steps,
        output,
        fault,
        is_redundant,
    };
    (run, explorer)
}

impl<T: Verdict> Run<T> {
    /// Turns an output that is a failure into a fault.
    pub(super) fn judged(mut self) -> Self {
        if self.fault.is_none() {
            let message = self.output.as_ref().and_then(Verdict::failure);
            self.fault = message.map(|message| Fault::new(Cause::Error { message }, String::new()));
        }
        self
    }
}
