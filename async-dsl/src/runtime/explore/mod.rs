//! Every schedule that can differ: what a run under an exhaustive scheduler notes, and the search that chooses by it.
//!
//! A word is two steps there. *Begin*: the operation acts on its channel, or joins the line. *Go on*: the task collects the result
//! and runs to its next word. Between them is a second switch point, also if the operation was ready at once: only so are a
//! take that parks, a put, and the rest of the task the same three steps as the put and then the take.

use std::collections::HashMap;

pub(crate) mod access;
mod nodes;
mod races;
mod search;
mod spin;
mod steps;

use access::{Access, Form, Kind};
use races::Races;
use search::{Goes, Search};
use spin::Spin;
use steps::{Steps, of_task};

pub(crate) use search::Totals;

use crate::runtime::place::At;

/// How an operation under way goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Go {
    /// As ever: no schedule is explored.
    Free,
    /// It begins. What is ready at once is kept for the next turn.
    Begins,
    /// It has begun in an earlier turn.
    Again,
}

/// The choices of a run, and what it notes.
#[derive(Debug)]
pub(crate) struct Explorer {
    /// `None` if a plan chooses.
    search: Option<Search>,
    steps: Steps,
    names: Names,
    /// The tasks of this run, by their numbers.
    tasks: Vec<Task>,
    /// The step that made the task of this step ready.
    cause: Option<usize>,
    /// How many notes are not to be made.
    muted: u32,
    /// Shared memory was declared.
    touched: bool,
    /// The last step of the main task.
    main_end: Option<usize>,
    /// How often a task that only looked was made to wait.
    waits: u64,
    /// By the address of its flag: the channels of an `alt!` that is parked.
    alts: HashMap<usize, Vec<(u32, Form)>>,
}

#[derive(Debug)]
struct Task {
    name: u32,
    made_tasks: u32,
    made_objects: u32,
    has_run: bool,
    /// The step that made it ready.
    cause: Option<usize>,
    spin: Spin,
}

/// The names of tasks and objects: who made them, and the how manieth it was. The same in every run, whatever came first.
#[derive(Debug, Default)]
struct Names {
    tasks: HashMap<(u32, u32), u32>,
    objects: HashMap<(u32, u32), u32>,
}

impl Names {
    fn of(names: &mut HashMap<(u32, u32), u32>, creator: u32, number: u32) -> u32 {
        let next = u32::try_from(names.len()).unwrap_or(u32::MAX) + 1;
        *names.entry((creator, number)).or_insert(next)
    }
}

/// The name of the object that all shared memory is that was declared by type only.
const MEMORY: u32 = 1 << 30;

impl Explorer {
    fn with(search: Option<Search>) -> Self {
        Self {
            search,
            steps: Steps::default(),
            names: Names::default(),
            tasks: Vec::new(),
            cause: None,
            muted: 0,
            touched: false,
            main_end: None,
            waits: 0,
            alts: HashMap::new(),
        }
    }

    /// Searches through all schedules; without `reduces`, also through those that cannot differ.
    pub(crate) fn searching(reduces: bool) -> Self {
        Self::with(Some(Search::new(reduces)))
    }

    /// Follows a plan.
    pub(crate) fn following() -> Self {
        Self::with(None)
    }

    /// Begins a run.
    pub(crate) fn start(&mut self) {
        self.steps.clear();
        self.tasks.clear();
        self.tasks.push(Task::new(0));
        self.cause = None;
        self.muted = 0;
        self.main_end = None;
        self.alts.clear();
    }

    /// Moves on to the next schedule. Returns whether there is one.
    pub(crate) fn advance(&mut self) -> bool {
        let search = self.search.as_mut();
        search.is_some_and(|search| search.advance(&mut self.steps))
    }

    pub(crate) fn totals(&self) -> Totals {
        let search = self.search.as_ref();
        search.map_or_else(Totals::default, |search| search.totals)
    }

    /// How many branches are left that are known.
    pub(crate) fn left(&self) -> u64 {
        self.search.as_ref().map_or(0, Search::left)
    }

    pub(crate) fn waits(&self) -> u64 {
        self.waits
    }

    pub(crate) fn has_touched(&self) -> bool {
        self.touched
    }

    /// The task `by` starts a task.
    pub(crate) fn started(&mut self, by: u32) {
        let creator = &mut self.tasks[by as usize];
        creator.made_tasks += 1;
        let (creator, number) = (creator.name, creator.made_tasks);
        let name = Names::of(&mut self.names.tasks, creator, number);
        self.tasks.push(Task::new(name));
    }

    /// The name of a new object that the task `by` makes; not 0.
    pub(crate) fn object(&mut self, by: u32) -> u32 {
        let creator = &mut self.tasks[by as usize];
        creator.made_objects += 1;
        let (creator, number) = (creator.name, creator.made_objects);
        Names::of(&mut self.names.objects, creator, number)
    }

    /// The task has become ready, by the last step or by the clock.
    pub(crate) fn ready(&mut self, task: u32) {
        let last = self
            .steps
            .last()
            .filter(|last| last.era == self.steps.era());
        let cause = last.map(|_| self.steps.len() - 1);
        self.tasks[task as usize].cause = cause;
    }

    /// The task that makes the next step, as an index of these, the first of which is the plain choice. `None` if the run is
    /// to end here.
    pub(crate) fn choose(&mut self, among: &[u32], plan: impl FnOnce() -> usize) -> Option<usize> {
        let Some(search) = &mut self.search else {
            let chosen = if among.len() < 2 { 0 } else { plan() };
            self.begin(among[chosen], 0);
            return Some(chosen);
        };
        let names: Vec<u32> = among
            .iter()
            .map(|task| self.tasks[*task as usize].name)
            .collect();
        let Goes::On(name) = search.choose(&names, &self.steps) else {
            return None;
        };
        let node = search.node();
        let chosen = names.iter().position(|other| *other == name)?;
        self.begin(among[chosen], node);
        Some(chosen)
    }

    fn begin(&mut self, task: u32, node: usize) {
        let task = &mut self.tasks[task as usize];
        self.steps.begin(task.name, node);
        let era = self.steps.era();
        self.cause = task
            .cause
            .take()
            .filter(|cause| self.steps[*cause].era == era);
        if !std::mem::replace(&mut task.has_run, true) {
            self.only_by_its_cause();
        }
    }

    /// The current step could not have been made without what made its task ready. Only where that is sure: of a task that two
    /// changes could have woken, the first did not hide the second.
    fn only_by_its_cause(&mut self) {
        let Some(cause) = self.cause else { return };
        let by = self.steps[cause].task;
        if let Some(step) = self.steps.last_mut() {
            if step.task != by && !step.causes.contains(&cause) {
                step.causes.push(cause);
            }
        }
    }

    /// Whether the run is not to go on.
    pub(crate) fn is_cut(&self) -> bool {
        self.search.as_ref().is_some_and(Search::is_over)
    }

    /// Whether the program did something else than under the same schedule before.
    pub(crate) fn is_astray(&self) -> bool {
        self.search.as_ref().is_some_and(Search::is_astray)
    }

    /// A number below `bound`.
    pub(crate) fn branch(&mut self, bound: u32, plan: impl FnOnce() -> u32) -> u32 {
        match &mut self.search {
            Some(search) => search.branch(bound),
            None => plan(),
        }
    }

    /// The current step begins an operation.
    pub(crate) fn begins(&mut self, does: bool) {
        if let Some(step) = self.steps.last_mut() {
            step.is_begin = does && step.accesses.is_empty();
        }
    }

    /// The current step touches an object.
    pub(crate) fn note(&mut self, object: u32, kind: Kind, form: Form) {
        if self.muted > 0 {
            return;
        }
        let form = match &self.search {
            Some(search) => search.form(object, form),
            None => form,
        };
        self.steps.note(Access { object, kind, form });
    }

    /// The current step touches the task with this number.
    pub(crate) fn note_task(&mut self, task: u32, kind: Kind) {
        let name = self.tasks[task as usize].name;
        self.note(of_task(name), kind, Form::Other);
    }

    /// The current step touches memory that is shared behind the runtime's back.
    pub(crate) fn touch(&mut self, name: u32) {
        self.touched = true;
        self.note(MEMORY | name >> 2, Kind::Any, Form::Other);
    }

    /// Memory that is shared has a name of its own.
    pub(crate) fn has_memory(&mut self) {
        self.touched = true;
    }

    /// So many handles are left of this side of a channel.
    pub(crate) fn handles_left(&mut self, object: u32, side: Kind, left: usize) {
        self.steps.left(object, side, left);
    }

    /// The channel has room for so many values.
    pub(crate) fn set_size(&mut self, object: u32, size: usize) {
        self.steps.set_size(object, size);
    }

    /// More of this channel is seen than its values and its lines.
    pub(crate) fn watch(&mut self, object: u32) {
        self.search
            .iter_mut()
            .for_each(|search| search.watch(object));
    }

    /// Whether the step that made the task ready touched this object, from which the current step gets what it waited for.
    pub(crate) fn is_served_by(&mut self, object: u32) -> bool {
        let cause = self.cause.map(|cause| &self.steps[cause].accesses);
        let is_served =
            cause.is_some_and(|accesses| accesses.iter().any(|access| access.object == object));
        if is_served {
            self.only_by_its_cause();
        }
        is_served
    }

    /// The same of a task.
    pub(crate) fn is_served_by_task(&mut self, task: u32) -> bool {
        self.is_served_by(of_task(self.tasks[task as usize].name))
    }

    /// Notes nothing until this is called with `false` as often.
    pub(crate) fn mute(&mut self, mutes: bool) {
        if mutes {
            self.muted += 1;
        } else {
            self.muted = self.muted.saturating_sub(1);
        }
    }

    /// An `alt!` parks: its flag, and the channels of its arms.
    pub(crate) fn parks(&mut self, flag: usize, channels: Vec<(u32, Form)>) {
        self.alts.insert(flag, channels);
    }

    /// The `alt!` is over.
    pub(crate) fn unparks(&mut self, flag: usize) {
        self.alts.remove(&flag);
    }

    /// The `alt!` was claimed: it has left the lines of all its arms.
    pub(crate) fn claimed(&mut self, flag: usize) {
        let channels = self.alts.get(&flag).cloned().unwrap_or_default();
        for (object, form) in channels {
            // Also of one who is not noted otherwise.
            let muted = std::mem::take(&mut self.muted);
            self.note(object, Kind::Any, form);
            self.muted = muted;
        }
    }

    /// The clock moves.
    pub(crate) fn clock_moved(&mut self) {
        self.steps.clock_moved();
        for task in &mut self.tasks {
            task.spin.free();
        }
    }

    /// The task comes to a `yield_now!()`.
    pub(crate) fn yields(&mut self, task: u32, at: At) {
        let Some(step) = self.steps.last() else {
            return;
        };
        let spin = &mut self.tasks[task as usize].spin;
        if spin.yields(at, &step.accesses) {
            self.waits += 1;
        }
    }

    /// The task comes to a word.
    pub(crate) fn at_word(&mut self, task: u32) {
        self.tasks[task as usize].spin.free();
    }

    /// Whether the task waits until something changes of what it looked at.
    pub(crate) fn spins(&self, task: u32) -> bool {
        self.tasks[task as usize].spin.waits()
    }

    /// The current step is over: who waits for a change of what it touched goes on.
    pub(crate) fn step_over(&mut self) {
        let Some(step) = self.steps.last() else {
            return;
        };
        for task in &mut self.tasks {
            if task.name != step.task {
                task.spin.changed(task.name, step.task, &step.accesses);
            }
        }
    }

    /// Nothing else is ready: who waits for a change looks once more. Returns whether there is one who has not.
    pub(crate) fn look_again(&mut self) -> bool {
        let mut any = false;
        for task in &mut self.tasks {
            any |= task.spin.look_again();
        }
        any
    }

    /// The main task has made its last step.
    pub(crate) fn main_is_done(&mut self) {
        self.main_end = self.steps.len().checked_sub(1);
    }

    pub(crate) fn has_main_ended(&self) -> bool {
        self.main_end.is_some()
    }

    /// Whether the current step could only be made after the last of the main task: after that nothing counts.
    pub(crate) fn is_after_main(&self) -> bool {
        let Some(end) = self.main_end else {
            return false;
        };
        let mut order = Races::default();
        order.find(&self.steps);
        order.happens_after(self.steps.len() - 1, end, self.steps[end].task)
    }
}

impl Task {
    fn new(name: u32) -> Self {
        Self {
            name,
            made_tasks: 0,
            made_objects: 0,
            has_run: false,
            cause: None,
            spin: Spin::default(),
        }
    }
}
