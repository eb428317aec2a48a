//! Shrinking a failing schedule, so that it can be understood.

use super::config::Config;
use super::failure::{Cause, Shrunk};
use super::run::{Fault, Run, run};
use super::verdict::Verdict;
use crate::runtime::place::Line;
use crate::runtime::schedule::plan::{Departure, Plan};
use crate::runtime::schedule::seed::Seed;
use crate::runtime::schedule::trace::Trace;

/// The most runs for shrinking.
const MOST_RUNS: u64 = 3000;

/// Up to this many departures, each is also tried at other places.
const FEW: usize = 12;

/// The most steps of these runs together.
const MOST_STEPS: u64 = 20_000_000;

/// The best schedule so far, and the means to try others.
struct Shrinking<'a, T> {
    run: &'a dyn Fn(&Seed) -> Run<T>,
    cause: &'a Cause,
    runs: u64,
    steps: u64,
    plan: Plan,
    trace: Trace,
    alive: String,
}

/// Finds a schedule with fewer switches that fails the same way: by delta debugging (A. Zeller, R. Hildebrandt,
/// *Simplifying and Isolating Failure-Inducing Input*, 2002) of the places where the failing one departs from the
/// default.
pub(super) fn shrink<F, T>(
    config: &Config,
    at: Line,
    program: &F,
    fault: &Fault,
    failed: &Run<T>,
) -> Shrunk
where
    F: AsyncFn() -> T,
    T: Verdict,
{
    let config = Config {
        loud: false,
        alternatives: true,
        ..config.clone()
    };
    let mut shrinking = Shrinking {
        run: &|seed| run(seed, &config, at, program).judged(),
        cause: &fault.cause,
        runs: 0,
        steps: 0,
        plan: failed.plan.clone(),
        trace: failed.trace.clone(),
        alive: fault.alive.clone(),
    };
    shrinking.remove_choices();
    shrinking.remove_chunks();
    if shrinking.plan.departures.len() <= FEW {
        while shrinking.replace_one() && !shrinking.is_over() {
            shrinking.remove_chunks();
        }
    }
    Shrunk {
        seed: Seed::from(shrinking.plan),
        trace: shrinking.trace,
        alive: shrinking.alive,
        runs: shrinking.runs,
    }
}

impl<T> Shrinking<'_, T> {
    fn is_over(&self) -> bool {
        self.runs >= MOST_RUNS || self.steps >= MOST_STEPS
    }

    fn run(&mut self, plan: Plan) -> Run<T> {
        self.runs += 1;
        let run = (self.run)(&Seed::from(plan));
        self.steps += run.steps;
        run
    }

    /// Adopts the plan if it fails the same way and is better. Returns whether it did.
    fn try_plan(&mut self, plan: Plan) -> bool {
        let run = self.run(plan);
        let Some(fault) = run.fault.filter(|fault| fault.cause.is_like(self.cause)) else {
            return false;
        };
        if cost(&run.plan, &run.trace) >= cost(&self.plan, &self.trace) {
            return false;
        }
        // The departures that the run made, which may be fewer than the plan's.
        self.plan = run.plan;
        self.trace = run.trace;
        self.alive = fault.alive;
        true
    }

    /// A plan of these, followed as the failing one was.
    fn plan_of(&self, departures: Vec<Departure>) -> Plan {
        let explored = self.plan.explored;
        Plan {
            departures,
            explored,
        }
    }

    fn without(&self, keep: impl Fn(usize) -> bool) -> Plan {
        let kept = self
            .plan
            .departures
            .iter()
            .enumerate()
            .filter(|(index, _)| keep(*index));
        self.plan_of(kept.map(|(_, departure)| *departure).collect())
    }

    /// Removes all random choices at once: often they do not matter.
    fn remove_choices(&mut self) {
        let switches = self
            .plan
            .departures
            .iter()
            .filter(|departure| departure.is_switch());
        let plan = self.plan_of(switches.copied().collect());
        if plan != self.plan {
            self.try_plan(plan);
        }
    }

    /// Replaces one departure by another, or adds one: after removals alone, a plan with fewer switches may still exist
    /// that has one of them at another place.
    fn replace_one(&mut self) -> bool {
        let count = self.plan.departures.len();
        for left_out in (0..count).map(Some).chain([None]) {
            let rest = self.without(|index| Some(index) != left_out);
            let run = self.run(rest.clone());
            for other in run.alternatives {
                if self.is_over() {
                    return false;
                }
                let kept = rest
                    .departures
                    .iter()
                    .filter(|departure| !departure.excludes(other));
                let plan = self.plan_of(kept.copied().chain([other]).collect());
                if self.try_plan(plan) {
                    return true;
                }
            }
        }
        false
    }

    /// Removes smaller and smaller parts, until no single departure can be removed.
    fn remove_chunks(&mut self) {
        let mut size = self.plan.departures.len();
        while size > 0 && !self.is_over() {
            let mut from = 0;
            let mut removed = false;
            while from < self.plan.departures.len() && !self.is_over() {
                let chunk = from..from + size;
                if self.try_plan(self.without(|index| !chunk.contains(&index))) {
                    removed = true;
                } else {
                    from += size;
                }
            }
            if size > 1 {
                size = size.div_ceil(2);
            } else if !removed {
                return;
            }
        }
    }
}

/// Switches count first: they are what a reader has to follow.
fn cost(plan: &Plan, trace: &Trace) -> (usize, usize) {
    (trace.switches(), plan.departures.len())
}
