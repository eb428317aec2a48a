//! The choices: which task runs next, and whether the running one goes on.

use std::iter;

use crate::runtime::left::On;
use crate::runtime::schedule::State;
use crate::runtime::schedule::plan::{Departure, Place};
use crate::runtime::schedule::trace::{End, Waits};

impl<T> State<T> {
    pub(crate) fn waits(&self, on: On) -> Waits {
        match on {
            On::Timer => Waits::Timer,
            On::Task(id, _) => self
                .numbers
                .get(&id)
                .map_or(Waits::Else, |task| Waits::Task(*task)),
            On::Promise(line) => Waits::Promise(line),
            On::Agent(line) => Waits::Agent(line),
            On::Group(_) | On::Row(..) | On::Thread | On::Socket | On::Foreign => Waits::Else,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.end.is_some())
    }

    /// Returns the next place of the task that runs, or ran last.
    pub(crate) fn place(&mut self) -> Place {
        let task = self.last;
        let known = &mut self.tasks[task as usize];
        let place = Place {
            task,
            word: known.words,
            sub: known.subs,
        };
        known.subs += 1;
        place
    }

    /// Returns the tasks that may be chosen: one that yielded only when all that were ready before it had their turn.
    fn eligible(&self, among: usize) -> impl Iterator<Item = (usize, u32)> {
        self.ready
            .iter()
            .take(among)
            .enumerate()
            .filter(|(index, ready)| *index == 0 || !ready.yielded)
            .map(|(index, ready)| (index, ready.task))
    }

    pub(crate) fn pick(&mut self, among: usize) -> Option<usize> {
        if self.explorer.is_some() {
            return self.pick_explored();
        }
        if let Some(aimed) = self.aimed.take() {
            let found = self.eligible(among).find(|(_, task)| *task == aimed);
            if let Some((index, _)) = found {
                return Some(index);
            }
        }
        if self.ready.len() < 2 {
            return self.eligible(among).next().map(|(index, _)| index);
        }
        let (indices, options): (Vec<usize>, Vec<u32>) = self.eligible(among).unzip();
        if options.len() < 2 {
            return indices.first().copied();
        }
        let place = self.place();
        let chosen = self.choose(place, &options);
        Some(indices[chosen])
    }

    pub(super) fn choose(&mut self, place: Place, options: &[u32]) -> usize {
        self.choices += 1;
        let chosen = self.chooser.switch(place, options);
        if let Some(alternatives) = &mut self.alternatives {
            let others = options
                .iter()
                .enumerate()
                .filter(|(index, _)| *index != chosen);
            alternatives.extend(others.map(|(_, task)| Departure::Switch(place, *task)));
        }
        if chosen != 0 {
            self.departures
                .push(Departure::Switch(place, options[chosen]));
        }
        chosen
    }

    /// Returns whether the running task goes on. If not, another one was chosen, or its words are used up.
    pub(crate) fn goes_on(&mut self) -> bool {
        let Some(turn) = &mut self.turn else {
            return true;
        };
        if turn.left == 0 {
            self.used_up();
            return false;
        }
        if std::mem::take(&mut turn.granted) {
            return true;
        }
        let task = turn.task;
        if self.explorer.is_some() {
            return self.goes_on_explored(task);
        }
        turn.left -= 1;
        let known = &mut self.tasks[task as usize];
        known.words += 1;
        known.subs = 0;
        if self.ready.is_empty() {
            return true;
        }
        let ready = self.eligible(usize::MAX).map(|(_, task)| task);
        let options: Vec<u32> = iter::once(task).chain(ready).collect();
        let place = self.place();
        let chosen = self.choose(place, &options);
        if chosen == 0 {
            return true;
        }
        self.aimed = Some(options[chosen]);
        if let Some(turn) = &mut self.turn {
            turn.end = Some(End::Switched);
        }
        false
    }

    /// To be called when the running task has no words left in its turn: it yields.
    pub(crate) fn used_up(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.end = Some(End::Yielded);
        }
        self.give_way();
    }

    pub(crate) fn give_way(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.yielded = true;
            let task = turn.task;
            self.chooser.yielded(task);
        }
    }
}
