//! The choices where every schedule is explored: each of them is the explorer's, in the same places as it was recorded.

use crate::runtime::explore::access::Kind;
use crate::runtime::explore::{Explorer, Go};
use crate::runtime::place::At;
use crate::runtime::schedule::plan::{Departure, Place};
use crate::runtime::schedule::trace::{End, Event, Spot};
use crate::runtime::schedule::{MAIN, Peek, Scheduled, Simulation, State};

/// A draw is a choice of so many branches at most.
const MOST_BRANCHES: u32 = 16;

impl<T: Scheduled> Simulation<T> {
    /// Explores from now on.
    pub(crate) fn explore(&self, mut explorer: Box<Explorer>) {
        explorer.start();
        self.state().explorer = Some(explorer);
    }

    /// Returns the explorer, and explores no more.
    pub(crate) fn explored(&self) -> Option<Box<Explorer>> {
        self.state().explorer.take()
    }

    /// Calls `f` with the explorer and the number of the task that runs, where one explores.
    pub(crate) fn with_explorer<R>(&self, f: impl FnOnce(&mut Explorer, u32) -> R) -> Option<R> {
        let mut state = self.state();
        // What is dropped outside of a turn is no part of the run.
        let task = state.turn.as_ref()?.task;
        state.explorer.as_mut().map(|explorer| f(explorer, task))
    }

    /// The same, with the number of another task.
    pub(crate) fn with_task<R>(
        &self,
        id: crate::runtime::id::TaskId,
        f: impl FnOnce(&mut Explorer, u32) -> R,
    ) -> Option<R> {
        let mut state = self.state();
        state.turn.as_ref()?;
        let task = *state.numbers.get(&id)?;
        state.explorer.as_mut().map(|explorer| f(explorer, task))
    }

    /// Whether every schedule is explored, or one of these is followed.
    pub(crate) fn explores(&self) -> bool {
        self.state().explorer.is_some()
    }

    /// The operation under way was ready, and keeps its result until the next turn.
    pub(crate) fn defers(&self) {
        let mut state = self.state();
        state.deferred = state.turn.as_ref().map(|turn| turn.task);
    }

    /// An operation that consists of others begins a poll of these, or ends it: meanwhile they are no places to switch at.
    pub(crate) fn inside(&self, is_inside: bool) {
        if let Some(turn) = &mut self.state().turn {
            turn.inside = if is_inside {
                turn.inside + 1
            } else {
                turn.inside - 1
            };
        }
    }

    /// Whether an arm is asked whether it is ready, and what it says. Returns what it was before.
    pub(crate) fn peek(&self, peeks: Peek) -> Peek {
        std::mem::replace(&mut self.state().peeks, peeks)
    }

    /// One of these numbers, each in turn. It is recorded as itself.
    pub(crate) fn branch(&self, among: &[usize]) -> usize {
        let mut state = self.state();
        state.branch(among)
    }

    /// Nothing but what waits for a change is ready. Returns whether any of it looks once more.
    pub(crate) fn look_again(&self) -> bool {
        let mut state = self.state();
        state
            .explorer
            .as_mut()
            .is_some_and(|explorer| explorer.look_again())
    }

    /// Whether the run is to end here, because it would be redundant.
    pub(crate) fn is_cut(&self) -> bool {
        let state = self.state();
        state
            .explorer
            .as_ref()
            .is_some_and(|explorer| explorer.is_cut())
    }

    /// Whether the program did something else than under the same schedule before.
    pub(crate) fn is_astray(&self) -> bool {
        let state = self.state();
        state
            .explorer
            .as_ref()
            .is_some_and(|explorer| explorer.is_astray())
    }

    /// To be called when the future given to `block_on` is done, and the others run on.
    pub(crate) fn main_is_done(&self) {
        let mut state = self.state();
        if let Some(explorer) = &mut state.explorer {
            explorer.main_is_done();
        }
    }

    /// Whether tasks are ready that wait for a change of what they looked at.
    pub(crate) fn spins(&self) -> bool {
        let state = self.state();
        let explorer = state.explorer.as_ref();
        explorer.is_some_and(|explorer| state.ready.iter().any(|ready| explorer.spins(ready.task)))
    }

    pub(super) fn note_end(&self) {
        let mut state = self.state();
        let task = state.runs();
        if let Some(explorer) = &mut state.explorer {
            explorer.note_task(task, Kind::Comes);
        }
    }
}

impl<T> State<T> {
    /// The number of the task that runs, or ran last.
    pub(super) fn runs(&self) -> u32 {
        self.turn.as_ref().map_or(self.last, |turn| turn.task)
    }

    /// Whether the future given to `block_on` is not to become ready, where schedules are explored.
    pub(super) fn is_main_ready_or_done(&self) -> bool {
        let is_ready = || self.ready.iter().any(|ready| ready.task == MAIN);
        let explorer = self.explorer.as_ref();
        explorer.is_some_and(|explorer| explorer.has_main_ended() || is_ready())
    }

    pub(super) fn value(&mut self, place: Place, bound: u32) -> u32 {
        let Some(explorer) = &mut self.explorer else {
            return self.chooser.choose(place, bound);
        };
        assert!(
            bound <= MOST_BRANCHES,
            "a draw below {bound} is {bound} branches for a search through all schedules, which tries {MOST_BRANCHES} at most: \
             draw from fewer, or test with seeds"
        );
        let chooser = &mut self.chooser;
        explorer.branch(bound, || chooser.choose(place, bound))
    }

    fn branch(&mut self, among: &[usize]) -> usize {
        let (Some(first), Some(explorer)) = (among.first(), &mut self.explorer) else {
            return 0;
        };
        if among.len() < 2 {
            return *first;
        }
        let last = among.iter().max().copied().unwrap_or(0);
        let as_u32 = |number| u32::try_from(number).unwrap_or(u32::MAX);
        let (task, chooser) = (self.last, &mut self.chooser);
        let known = &mut self.tasks[task as usize];
        let place = Place {
            task,
            word: known.words,
            sub: known.subs,
        };
        known.subs += 1;
        let index = explorer.branch(as_u32(among.len()), || {
            let value = chooser.choose(place, as_u32(last + 1)) as usize;
            as_u32(
                among
                    .iter()
                    .position(|number| *number == value)
                    .unwrap_or(0),
            )
        });
        let value = among[index as usize];
        if value != *first {
            self.departures
                .push(Departure::Choice(place, as_u32(value)));
        }
        self.events.push(Event::Choice {
            bound: as_u32(last + 1),
            value: as_u32(value),
        });
        value
    }

    /// The tasks that may be chosen, after `first`.
    fn awake(&self, first: Option<u32>) -> Vec<u32> {
        let spins = |task: u32| self.explorer.as_ref().is_some_and(|it| it.spins(task));
        let ready = self.ready.iter().map(|ready| ready.task);
        let others = ready.filter(|task| Some(*task) != first && !spins(*task));
        first.into_iter().chain(others).collect()
    }

    pub(super) fn pick_explored(&mut self) -> Option<usize> {
        let index_of = |state: &Self, task| state.ready.iter().position(|it| it.task == task);
        if let Some(aimed) = self.aimed.take() {
            return index_of(self, aimed);
        }
        if self.ready.is_empty() {
            return None;
        }
        let deferred = self.deferred.take();
        let deferred = deferred.filter(|task| index_of(self, *task).is_some());
        self.step_over();
        let options = self.awake(deferred);
        if options.is_empty() {
            return None;
        }
        let after = deferred.map(|task| Place {
            task,
            word: self.tasks[task as usize].words,
            sub: 0,
        });
        let chosen = self.choose_explored(after, &options)?;
        index_of(self, options[chosen])
    }

    fn step_over(&mut self) {
        if let Some(explorer) = &mut self.explorer {
            explorer.step_over();
        }
    }

    fn choose_explored(&mut self, after: Option<Place>, options: &[u32]) -> Option<usize> {
        let several = options.len() > 1;
        let place = match after {
            Some(place) => place,
            None if several => self.place(),
            None => Place::default(),
        };
        let switch = |to| match after {
            Some(_) => Departure::After(place, to),
            None => Departure::Switch(place, to),
        };
        let chooser = &mut self.chooser;
        let explorer = self.explorer.as_mut()?;
        let chosen = explorer.choose(options, || match after {
            Some(_) => chooser.after(place, options),
            None => chooser.switch(place, options),
        })?;
        if several {
            self.choices += 1;
            if let Some(alternatives) = &mut self.alternatives {
                let others = (0..options.len()).filter(|index| *index != chosen);
                alternatives.extend(others.map(|index| switch(options[index])));
            }
        }
        if chosen != 0 {
            self.departures.push(switch(options[chosen]));
        }
        Some(chosen)
    }

    /// As [`goes_on`](Self::goes_on), of a task that has no turn granted.
    pub(super) fn goes_on_explored(&mut self, task: u32) -> bool {
        self.deferred = None;
        self.step_over();
        let known = &mut self.tasks[task as usize];
        known.words += 1;
        known.subs = 0;
        if let Some(explorer) = &mut self.explorer {
            explorer.at_word(task);
        }
        let options = self.awake(Some(task));
        let chosen = self.choose_explored(None, &options);
        if chosen == Some(0) {
            if let Some(turn) = &mut self.turn {
                turn.fresh = true;
            }
            return true;
        }
        self.aimed = chosen.map(|chosen| options[chosen]);
        self.tasks[task as usize].at_word = true;
        if let Some(turn) = &mut self.turn {
            turn.end = Some(End::Switched);
        }
        false
    }

    /// As [`may_proceed`](Simulation::may_proceed), where schedules are explored.
    pub(super) fn proceeds(&mut self, at: At, has_begun: Option<bool>) -> Option<Go> {
        let turn = self.turn.as_mut()?;
        if turn.inside > 0 {
            return Some(Go::Again);
        }
        // The turn was granted for the operation on which the task was parked, and this is another.
        if turn.granted && !turn.fresh && has_begun == Some(false) {
            turn.granted = false;
        }
        self.events.push(Event::Word(Spot(at)));
        self.steps += 1;
        if !self.goes_on() {
            return None;
        }
        let turn = self.turn.as_mut()?;
        turn.words += 1;
        let begins = std::mem::take(&mut turn.fresh);
        Some(if begins { Go::Begins } else { Go::Again })
    }

    pub(super) fn yields_explored(&mut self, at: At) {
        let task = self.runs();
        if let Some(explorer) = &mut self.explorer {
            explorer.yields(task, at);
            // The word that comes after it is a place to switch at.
            self.tasks[task as usize].had_a_turn = false;
        }
    }
}
