//! The strategies by which schedules are chosen.

use std::collections::HashMap;

use crate::runtime::schedule::plan::{Departure, Place, Plan};
use crate::runtime::schedule::rng::Rng;
use crate::runtime::schedule::seed::{Kind, Seed};

/// The strategy by which the schedules of a [`check`](crate::sim::check) are chosen.
///
/// # Probabilistic concurrency testing
///
/// S. Burckhardt, P. Kothari, M. Musuvathi and S. Nagarakatte, *A Randomized Scheduler with Probabilistic Guarantees of
/// Finding Bugs*, ASPLOS 2010. Every task has a random priority, and of those that are ready the highest runs. At *d* − 1
/// places, drawn at random from the *k* places of a run, the priority of the running task drops below all others. Most bugs
/// have a small *depth*: the number of orderings that must come together for them to show. A bug of depth *d* in a
/// program of *n* tasks is found by one run with a probability of at least 1/(*n*·*k*^(*d*−1)), however rare its order
/// is among random ones. A task that yields, with `yield_now!` or because its budget is used up, drops below all others
/// too, since it may be waiting for them.
///
/// ```
/// use async_dsl::sim::{Config, Strategy};
///
/// let config = Config::new().seeds(1000).strategy(Strategy::Pct { depth: 2 });
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Strategy {
    /// At every place, each of the tasks that could run is equally likely.
    Uniform,
    /// Probabilistic concurrency testing for bugs of this depth.
    Pct {
        /// The number of orderings that must come together: 1 for a bug that shows when one event precedes another.
        depth: u32,
    },
    /// Every second schedule by random choice, the others by probabilistic concurrency testing of the depths 2 and 3 in
    /// turn.
    #[default]
    Mixed,
}

impl Strategy {
    /// Returns the schedule with this number, for a program whose longest run so far had `steps` places.
    pub(crate) fn seed(self, number: u64, steps: u64) -> Seed {
        let pct = |depth| {
            Seed(Kind::Pct {
                seed: number,
                depth,
                steps: steps.max(1),
            })
        };
        match self {
            Self::Uniform => Seed(Kind::Uniform(number)),
            Self::Pct { depth } => pct(depth.max(1)),
            Self::Mixed => match number % 4 {
                1 => pct(2),
                3 => pct(3),
                _ => Seed(Kind::Uniform(number)),
            },
        }
    }
}

/// Makes the choices of one run.
#[derive(Debug)]
pub(crate) enum Chooser {
    Uniform(Rng),
    Pct(Pct),
    Plan(Replay),
}

impl Chooser {
    pub(crate) fn new(seed: &Seed) -> Self {
        match &seed.0 {
            Kind::Uniform(seed) => Self::Uniform(Rng::new(*seed)),
            Kind::Pct { seed, depth, steps } => Self::Pct(Pct::new(*seed, *depth, *steps)),
            Kind::Plan(plan) => Self::Plan(Replay::new(plan)),
        }
    }

    /// Returns the index of the one of `options` that runs next. The first is the plain choice; there are at least two.
    pub(crate) fn switch(&mut self, place: Place, options: &[u32]) -> usize {
        match self {
            Self::Uniform(rng) => rng.index(options.len()),
            Self::Pct(pct) => pct.switch(options),
            Self::Plan(replay) => replay.switch(place, options),
        }
    }

    /// Returns a number in `0..bound`.
    pub(crate) fn choose(&mut self, place: Place, bound: u32) -> u32 {
        let below = |rng: &mut Rng| u32::try_from(rng.below(u64::from(bound))).unwrap_or(0);
        match self {
            Self::Uniform(rng) => below(rng),
            Self::Pct(pct) => below(&mut pct.rng),
            Self::Plan(replay) => replay.choose(place, bound),
        }
    }

    /// The same after an operation, where the first option is that its task goes on.
    pub(crate) fn after(&self, place: Place, options: &[u32]) -> usize {
        match self {
            Self::Uniform(_) | Self::Pct(_) => 0,
            Self::Plan(replay) => find(&replay.after, place, options),
        }
    }

    /// To be called when a task yields.
    pub(crate) fn yielded(&mut self, task: u32) {
        if let Self::Pct(pct) = self {
            pct.yielded(task);
        }
    }
}

#[derive(Debug)]
pub(crate) struct Pct {
    rng: Rng,
    /// By the task's number. Initial ones are positive, those of tasks that yielded or were lowered negative.
    priorities: Vec<Option<i64>>,
    /// No priority is lower.
    lowest: i64,
    depth: i64,
    /// A change sets a priority to the sum of this and its own number, which is less than the depth: so it is below all
    /// that have yielded, and those of several changes are in the order of their numbers.
    floor: i64,
    /// The steps at which a priority changes, the next one last, with the number of the change.
    changes: Vec<(u64, i64)>,
    step: u64,
}

impl Pct {
    fn new(seed: u64, depth: u32, steps: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut changes: Vec<(u64, i64)> = (1..i64::from(depth))
            .map(|priority| (1 + rng.below(steps), priority))
            .collect();
        changes.sort_unstable_by(|a, b| b.cmp(a));
        Self {
            rng,
            priorities: Vec::new(),
            lowest: 0,
            depth: i64::from(depth),
            floor: -i64::from(depth),
            changes,
            step: 0,
        }
    }

    fn priority(&mut self, task: u32) -> &mut i64 {
        let index = task as usize;
        if self.priorities.len() <= index {
            self.priorities.resize(index + 1, None);
        }
        let rng = &mut self.rng;
        self.priorities[index].get_or_insert_with(|| i64::try_from(rng.next() >> 2).unwrap_or(0))
    }

    fn yielded(&mut self, task: u32) {
        self.lowest -= 1;
        let lowest = self.lowest;
        self.floor = lowest - self.depth;
        *self.priority(task) = lowest;
    }

    fn highest(&mut self, options: &[u32]) -> usize {
        let mut best = (0, i64::MIN);
        for (index, task) in options.iter().enumerate() {
            let priority = *self.priority(*task);
            if priority > best.1 {
                best = (index, priority);
            }
        }
        best.0
    }

    fn switch(&mut self, options: &[u32]) -> usize {
        self.step += 1;
        let mut chosen = self.highest(options);
        while let Some((_, number)) = self.changes.last().filter(|(step, _)| *step <= self.step) {
            let to = self.floor + number;
            self.changes.pop();
            self.lowest = self.lowest.min(self.floor);
            *self.priority(options[chosen]) = to;
            chosen = self.highest(options);
        }
        chosen
    }
}

/// Follows a plan, and the plain schedule where the plan has no entry or an impossible one.
#[derive(Debug)]
pub(crate) struct Replay {
    after: HashMap<Place, u32>,
    switches: HashMap<Place, u32>,
    choices: HashMap<Place, u32>,
}

impl Replay {
    fn new(plan: &Plan) -> Self {
        let mut replay = Self {
            after: HashMap::new(),
            switches: HashMap::new(),
            choices: HashMap::new(),
        };
        for departure in &plan.departures {
            match *departure {
                Departure::After(place, to) => replay.after.insert(place, to),
                Departure::Switch(place, to) => replay.switches.insert(place, to),
                Departure::Choice(place, value) => replay.choices.insert(place, value),
            };
        }
        replay
    }

    fn switch(&self, place: Place, options: &[u32]) -> usize {
        find(&self.switches, place, options)
    }

    fn choose(&self, place: Place, bound: u32) -> u32 {
        self.choices
            .get(&place)
            .copied()
            .filter(|value| *value < bound)
            .unwrap_or(0)
    }
}

fn find(switches: &HashMap<Place, u32>, place: Place, options: &[u32]) -> usize {
    let to = switches.get(&place);
    let index = to.and_then(|to| options.iter().position(|task| task == to));
    index.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Place = Place {
        task: 0,
        word: 0,
        sub: 0,
    };

    #[test]
    fn random_choice_takes_every_option() {
        let mut chooser = Chooser::new(&Seed::from(1));
        let mut taken = [0; 3];
        for _ in 0..300 {
            taken[chooser.switch(ANY, &[7, 8, 9])] += 1;
        }
        assert!(
            taken.iter().all(|times| (50..150).contains(times)),
            "{taken:?}"
        );
    }

    #[test]
    fn the_highest_priority_runs_until_it_is_lowered() {
        let mut pct = Pct::new(3, 2, 10);
        let (at, number) = pct.changes[0];
        assert!((1..=10).contains(&at) && number == 1);
        let options = [0, 1, 2];
        let first = pct.switch(&options);
        for step in 2..=20 {
            let chosen = pct.switch(&options);
            assert_eq!(chosen == first, step < at, "step {step}, change at {at}");
        }
    }

    #[test]
    fn a_change_lowers_below_those_that_yielded() {
        let mut pct = Pct::new(3, 2, 1);
        pct.yielded(1);
        // The change comes at the first step.
        assert_eq!(pct.switch(&[0, 1]), 1);
        pct.yielded(1);
        assert_eq!(pct.switch(&[0, 1]), 0);
    }

    #[test]
    fn who_yields_is_last() {
        let mut chooser = Chooser::new(&Seed(Kind::Pct {
            seed: 5,
            depth: 1,
            steps: 1,
        }));
        let first = chooser.switch(ANY, &[0, 1]);
        chooser.yielded(u32::try_from(first).unwrap());
        let second = chooser.switch(ANY, &[0, 1]);
        assert_ne!(first, second);
        chooser.yielded(u32::try_from(second).unwrap());
        assert_eq!(chooser.switch(ANY, &[0, 1]), first);
    }

    #[test]
    fn a_plan_is_followed_where_it_can_be() {
        let mut chooser = Chooser::new(&"plan:1.2-5,1.2=3,1.3-9,1.3.1-4".parse().unwrap());
        let place = |word| Place {
            task: 1,
            word,
            sub: 0,
        };
        assert_eq!(chooser.switch(place(2), &[1, 4, 5]), 2);
        assert_eq!(chooser.switch(place(3), &[1, 4, 5]), 0);
        assert_eq!(chooser.choose(place(2), 4), 3);
        assert_eq!(chooser.choose(place(2), 2), 0);
    }
}
