//! The state of a simulated scheduler: the ready tasks, the running one, and what was chosen.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::ThreadId;
use std::time::Duration;

use crate::runtime::explore::{Explorer, Go};
use crate::runtime::id::TaskId;
use crate::runtime::left::On;
use crate::runtime::place::{At, Line};
use crate::runtime::schedule::plan::{Departure, Plan};
use crate::runtime::schedule::seed::Seed;
use crate::runtime::schedule::strategy::Chooser;
use crate::runtime::schedule::trace::{End, Event, Spot, Trace};
use crate::runtime::sync::lock_std;

pub(crate) mod busy;
mod choose;
mod explored;
pub(crate) mod plan;
mod rng;
pub(crate) mod seed;
pub(crate) mod strategy;
pub(crate) mod trace;

/// The budget: words that a task may reach in one turn without parking. As on the other schedulers, so that one that never
/// parks lets the others run even if no choice switches to them.
const PER_TURN: u32 = 128;

/// The task number of the future given to `block_on`.
const MAIN: u32 = 0;

/// A task whose turn is chosen.
pub(crate) trait Scheduled {
    fn id(&self) -> TaskId;
}

/// The part of a scheduler that makes it a simulated one.
#[derive(Debug)]
pub(crate) struct Simulation<T> {
    /// Panics that no task awaits are kept, not printed.
    keeps_panics: bool,
    state: Mutex<State<T>>,
    main_woken: AtomicBool,
    /// State with the same lifetime, one of a type: the simulated network, and what other crates simulate.
    beside: Mutex<Vec<Arc<dyn Any + Send + Sync>>>,
}

#[derive(Debug)]
struct State<T> {
    chooser: Chooser,
    tasks: Vec<Known>,
    /// The numbers of the tasks, by their ids.
    numbers: HashMap<TaskId, u32>,
    /// In the order in which they became ready.
    ready: Vec<Ready<T>>,
    turn: Option<Turn>,
    /// The task of the last turn.
    last: u32,
    /// The task of the last turn, if it yielded and nothing was gathered since.
    yielded: Option<u32>,
    /// The task in favour of which the last turn was ended.
    aimed: Option<u32>,
    events: Vec<Event>,
    departures: Vec<Departure>,
    /// The number of places with more than one task to choose.
    choices: u64,
    /// What else could have been chosen there, if that is to be recorded.
    alternatives: Option<Vec<Departure>>,
    steps: u64,
    /// Words since everything was parked, in turns that ended although their task could have gone on.
    busy: u64,
    /// The thread that drives this scheduler.
    driver: Option<ThreadId>,
    /// The first task that was woken by a thread other than the driver.
    foreign: Option<Line>,
    /// The first panic that no task awaited: its message, and the line that started the task.
    unobserved: Option<(String, Line)>,
    /// Where every schedule is explored, or one of these is followed.
    explorer: Option<Box<Explorer>>,
    /// The task of the last turn, if an operation that was ready keeps its result until its next.
    deferred: Option<u32>,
    peeks: Peek,
}

/// Whether an arm of an `alt!` is asked whether it is ready, and what it has said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Peek {
    /// None is.
    No,
    /// It has said nothing: it cannot be asked.
    Asks,
    Pending,
    Ready,
}

#[derive(Debug)]
struct Known {
    started_at: Line,
    had_a_turn: bool,
    words: u32,
    subs: u32,
    /// It was switched away from before an operation, which it has not begun.
    at_word: bool,
}

#[derive(Debug)]
struct Ready<T> {
    task: u32,
    /// `None` for the future given to `block_on`.
    runnable: Option<T>,
    /// Not to be chosen before all that were ready before it.
    yielded: bool,
}

#[derive(Debug)]
struct Turn {
    task: u32,
    /// The next word needs no choice: choosing this task chose that.
    granted: bool,
    left: u32,
    /// Words done, including granted ones, and operations that count as one.
    words: u32,
    /// How the turn ends: no further word may go on.
    end: Option<End>,
    yielded: bool,
    /// The operation that was let go on has not begun.
    fresh: bool,
    /// How many operations under way consist of others, which are no places to switch at.
    inside: u32,
}

/// The task that has the next turn.
#[derive(Debug)]
pub(crate) enum Next<T> {
    Main,
    Task(T),
}

impl<T: Scheduled> Simulation<T> {
    pub(crate) fn new(seed: &Seed) -> Self {
        Self {
            keeps_panics: false,
            state: Mutex::new(State {
                chooser: Chooser::new(seed),
                tasks: vec![Known::new(std::panic::Location::caller())],
                numbers: HashMap::new(),
                ready: Vec::new(),
                turn: None,
                last: MAIN,
                yielded: None,
                aimed: None,
                events: Vec::new(),
                departures: Vec::new(),
                choices: 0,
                alternatives: None,
                steps: 0,
                busy: 0,
                driver: None,
                foreign: None,
                unobserved: None,
                explorer: None,
                deferred: None,
                peeks: Peek::No,
            }),
            main_woken: AtomicBool::new(false),
            beside: Mutex::default(),
        }
    }

    /// Returns the state of this type that somebody above keeps here, made by the first call.
    pub(crate) fn beside<B: Any + Default + Send + Sync>(&self) -> Arc<B> {
        assert!(
            !self.explores(),
            "a search through all schedules does not see the simulated network, or what else is simulated beside it, yet: \
             test this with seeds"
        );
        let find = || {
            let beside = lock_std(&self.beside);
            let found = beside.iter().find(|state| state.as_ref().is::<B>());
            found.cloned()
        };
        let state = find().unwrap_or_else(|| {
            // Made without the lock: it may be anybody's. One thread drives a simulation, so that only `default` itself can
            // have been faster.
            let made: Arc<dyn Any + Send + Sync> = Arc::<B>::default();
            find().unwrap_or_else(|| {
                lock_std(&self.beside).push(Arc::clone(&made));
                made
            })
        });
        let Ok(state) = state.downcast() else {
            unreachable!("it was found by its type")
        };
        state
    }

    /// Returns a simulation that keeps the first panic that no task awaits.
    pub(crate) fn keeping_panics(seed: &Seed) -> Self {
        Self {
            keeps_panics: true,
            ..Self::new(seed)
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        lock_std(&self.state)
    }

    /// Bases all further choices on another seed.
    pub(crate) fn reseed(&self, seed: &Seed) {
        self.state().chooser = Chooser::new(seed);
    }

    /// Makes this thread the driver of the scheduler. `main` is the line of the future given to `block_on`.
    pub(crate) fn drive(&self, main: Option<Line>) {
        let mut state = self.state();
        state.driver = Some(std::thread::current().id());
        if let Some(at) = main {
            state.tasks[MAIN as usize].started_at = at;
        }
    }

    /// To be called when the thread stops driving the scheduler. Returns the tasks that were ready.
    pub(crate) fn leave(&self) -> Vec<T> {
        self.main_woken.store(false, Ordering::Release);
        let ready = {
            let mut state = self.state();
            state.driver = None;
            state.turn = None;
            state.yielded = None;
            state.aimed = None;
            std::mem::take(&mut state.ready)
        };
        ready
            .into_iter()
            .filter_map(|ready| ready.runnable)
            .collect()
    }

    /// Returns the number of a new task: the first is 1.
    pub(crate) fn started(&self, at: Line) -> u32 {
        let mut state = self.state();
        let number = u32::try_from(state.tasks.len()).unwrap_or(u32::MAX);
        state.tasks.push(Known::new(at));
        let by = state.runs();
        if let Some(explorer) = &mut state.explorer {
            explorer.started(by);
        }
        state.events.push(Event::Started(number));
        number
    }

    /// Records the id of a new task.
    pub(crate) fn identify(&self, number: u32, id: TaskId) {
        self.state().numbers.insert(id, number);
    }

    /// To be called when a task was woken, on the thread that woke it.
    pub(crate) fn woken(&self, at: Line) {
        let mut state = self.state();
        if state
            .driver
            .is_some_and(|driver| driver != std::thread::current().id())
        {
            state.foreign.get_or_insert(at);
        }
    }

    /// Wakes the future given to `block_on`.
    pub(crate) fn wake_main(&self) {
        let main = self.state().tasks[MAIN as usize].started_at;
        self.woken(main);
        self.main_woken.store(true, Ordering::Release);
    }

    /// Adds the tasks that became ready since the last call, in that order.
    pub(crate) fn gather(&self, woken: impl Iterator<Item = T>) {
        let mut state = self.state();
        let state = &mut *state;
        let running = state.turn.as_ref().map(|turn| turn.task);
        let main = running != Some(MAIN)
            && self.main_woken.swap(false, Ordering::AcqRel)
            && !state.is_main_ready_or_done();
        let who_yielded = state.yielded.take();
        // A task is identified before it is first on a queue.
        let woken = woken.map(|runnable| (state.numbers[&runnable.id()], Some(runnable)));
        for (task, runnable) in woken.chain(main.then_some((MAIN, None))) {
            let yielded = who_yielded == Some(task);
            // Of one that was switched away from, the next step is another's already.
            let was_switched = state.aimed.is_some() && task == state.last;
            if let Some(explorer) = state.explorer.as_mut().filter(|_| !was_switched) {
                explorer.ready(task);
            }
            state.ready.push(Ready {
                task,
                runnable,
                yielded,
            });
        }
    }

    /// Returns the gathered tasks that are ready.
    pub(crate) fn ready_tasks(&self) -> Vec<TaskId> {
        let state = self.state();
        let runnables = state
            .ready
            .iter()
            .filter_map(|ready| ready.runnable.as_ref());
        runnables.map(Scheduled::id).collect()
    }

    /// Returns the number of gathered tasks that are ready, the future given to `block_on` among them.
    pub(crate) fn ready(&self) -> usize {
        self.state().ready.len()
    }

    /// Chooses the next task, among the first `among` that are ready, and begins its turn.
    pub(crate) fn next(&self, among: usize) -> Option<Next<T>> {
        let mut state = self.state();
        let index = state.pick(among)?;
        let Ready { task, runnable, .. } = state.ready.remove(index);
        let known = &mut state.tasks[task as usize];
        let granted = std::mem::replace(&mut known.had_a_turn, true);
        let fresh = std::mem::take(&mut known.at_word);
        state.turn = Some(Turn {
            task,
            granted,
            left: PER_TURN,
            words: 0,
            end: None,
            yielded: false,
            fresh,
            inside: 0,
        });
        state.last = task;
        state.steps += 1;
        state.events.push(Event::Turn(task));
        Some(runnable.map_or(Next::Main, Next::Task))
    }

    /// Ends the turn. The tasks that were woken in it must be gathered next.
    pub(crate) fn end_turn(&self, waits: Option<On>) {
        let mut state = self.state();
        let Some(turn) = state.turn.take() else {
            return;
        };
        let end = match turn.end {
            Some(end) => end,
            None if turn.yielded => End::Yielded,
            None => End::Parked(waits.map(|on| state.waits(on))),
        };
        state.yielded = turn.yielded.then_some(turn.task);
        if matches!(end, End::Switched | End::Yielded) {
            state.busy += u64::from(turn.words.max(1));
        }
        state.events.push(Event::End(end));
    }

    /// Returns whether the task of this turn may do one more operation, and how. The ready tasks must have been gathered.
    /// `has_begun` is whether this operation was begun in an earlier turn, if it knows.
    pub(crate) fn may_proceed(&self, at: At, has_begun: Option<bool>) -> Option<Go> {
        let mut state = self.state();
        if state.is_over() {
            return None;
        }
        if state.explorer.is_some() {
            return state.proceeds(at, has_begun);
        }
        state.events.push(Event::Word(Spot(at)));
        state.steps += 1;
        let goes_on = state.goes_on();
        if let Some(turn) = &mut state.turn {
            turn.words += u32::from(goes_on);
        }
        goes_on.then_some(Go::Free)
    }

    /// As [`may_proceed`](Self::may_proceed), before it is known for which operation: the next one is then granted.
    pub(crate) fn may_begin(&self) -> bool {
        let mut state = self.state();
        let goes_on = !state.is_over() && state.goes_on();
        if let Some(turn) = &mut state.turn {
            turn.granted |= goes_on;
        }
        goes_on
    }

    /// Returns whether the task of this turn may do one more operation that is not a word. If not, its turn is over.
    pub(crate) fn has_left(&self) -> bool {
        let mut state = self.state();
        let left = state.turn.as_ref().is_none_or(|turn| turn.left > 0);
        if !left && !state.is_over() {
            state.used_up();
        }
        !state.is_over()
    }

    /// Counts an operation of the task of this turn that is not a word as one.
    pub(crate) fn spend(&self) {
        let mut state = self.state();
        state.steps += 1;
        let explores = state.explorer.is_some();
        if let Some(turn) = &mut state.turn {
            turn.left = turn.left.saturating_sub(u32::from(!explores));
            turn.words += 1;
        }
    }

    /// Returns the number of words that the task of this turn has done, and of operations that count as one.
    pub(crate) fn used(&self) -> u32 {
        self.state().turn.as_ref().map_or(0, |turn| turn.words)
    }

    /// Returns whether the task of this turn was stopped although it could have gone on, or has no words left.
    pub(crate) fn was_stopped(&self) -> bool {
        self.state().is_over()
    }

    /// Chooses a number in `0..bound`.
    pub(crate) fn random_below(&self, bound: usize) -> usize {
        let mut state = self.state();
        let place = state.place();
        let bound = u32::try_from(bound).unwrap_or(u32::MAX);
        let value = state.value(place, bound);
        if value != 0 {
            state.departures.push(Departure::Choice(place, value));
        }
        state.events.push(Event::Choice { bound, value });
        value as usize
    }

    /// To be called when the task of this turn yields.
    pub(crate) fn yields(&self, at: At) {
        let mut state = self.state();
        state.events.push(Event::Word(Spot(at)));
        state.yields_explored(at);
        state.give_way();
    }

    /// To be called when the task of this turn has ended.
    pub(crate) fn finished(&self, panicked: bool) {
        self.note_end();
        if let Some(turn) = &mut self.state().turn {
            turn.end = Some(if panicked {
                End::Panicked
            } else {
                End::Finished
            });
        }
    }

    /// To be called when the clock was moved to this time since the start.
    pub(crate) fn moved_on(&self, time: Duration) {
        let mut state = self.state();
        state.events.push(Event::Time(time));
        if let Some(explorer) = &mut state.explorer {
            explorer.clock_moved();
        }
    }

    /// Returns whether so much was done at one moment of the clock that it must move, although not everything is parked.
    pub(crate) fn is_busy(&self) -> bool {
        let mut state = self.state();
        state.explorer.is_none() && busy::must_move(&mut state.busy)
    }

    /// To be called when everything is parked.
    pub(crate) fn all_parked(&self) {
        self.state().busy = 0;
    }

    /// Returns the number of turns and words so far.
    pub(crate) fn steps(&self) -> u64 {
        self.state().steps
    }

    /// Returns the number of places so far with more than one task to choose.
    pub(crate) fn choices(&self) -> u64 {
        self.state().choices
    }

    pub(crate) fn foreign(&self) -> Option<Line> {
        self.state().foreign
    }

    /// Keeps a panic that no task awaited. Returns `false` if it is to be reported as usual.
    pub(crate) fn keep_panic(&self, message: &str, started_at: Line) -> bool {
        if self.keeps_panics {
            let kept = || (message.to_owned(), started_at);
            let mut state = self.state();
            let explorer = state.explorer.as_ref();
            if !explorer.is_some_and(|explorer| explorer.is_after_main()) {
                state.unobserved.get_or_insert_with(kept);
            }
        }
        self.keeps_panics
    }

    pub(crate) fn unobserved(&self) -> Option<(String, Line)> {
        self.state().unobserved.clone()
    }

    /// Records from now on what else could be chosen.
    pub(crate) fn note_alternatives(&self) {
        self.state().alternatives = Some(Vec::new());
    }

    /// Returns what else could have been chosen, in order.
    pub(crate) fn alternatives(&self) -> Vec<Departure> {
        self.state().alternatives.take().unwrap_or_default()
    }

    /// Returns what happened, and where it departed from the plain schedule. Both are cleared here.
    pub(crate) fn record(&self) -> (Trace, Plan) {
        let mut state = self.state();
        let trace = Trace {
            events: std::mem::take(&mut state.events),
            tasks: state.tasks.iter().map(|known| known.started_at).collect(),
        };
        let plan = Plan {
            departures: std::mem::take(&mut state.departures),
            explored: state.explorer.is_some(),
        };
        (trace, plan)
    }
}

impl Known {
    fn new(started_at: Line) -> Self {
        Self {
            started_at,
            had_a_turn: false,
            words: 0,
            subs: 0,
            at_word: false,
        }
    }
}
