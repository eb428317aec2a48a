//! What this thread is doing: which scheduler it works for, and what it is polling.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::handle::Handle;
use super::id::TaskId;
use super::note;
use super::place::Line;
use super::sync::thread_local;

/// Run when a poll is over, with the message of the panic that ended it.
pub(crate) type PollEnd = Box<dyn FnOnce(Option<&str>) + Send>;

/// What a thread is polling or running, and the line that started it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Polling {
    Nothing,
    Task(Line),
    /// A task that is cancelled: its future is dropped instead of being polled.
    Ending(Line),
    /// The future given to a `block_on`.
    BlockOn(Line),
    /// The closure of a `thread!`, which may block.
    Thread,
}

/// The scheduler that `go!` on this thread starts tasks on.
#[derive(Clone)]
pub(crate) enum Current {
    /// None yet: the global one, without having entered it.
    Outside,
    In(Handle),
}

struct Local {
    polling: Cell<Polling>,
    budget: Cell<u32>,
    /// How many callbacks wait in `POLL_ENDS`.
    poll_ends: Cell<usize>,
    /// The polled future panicked, and is now being dropped.
    unwound: Cell<bool>,
    shard: Cell<usize>,
}

/// No budget: used up, or on a simulated scheduler, where the schedule is asked.
pub(crate) const USED_UP: u32 = 0;

/// The budget outside tasks.
pub(crate) const UNLIMITED: u32 = u32::MAX;

thread_local! {
    // Apart from those with a destructor: this one stays usable while the thread ends.
    static LOCAL: Local = const {
        Local {
            polling: Cell::new(Polling::Nothing),
            budget: Cell::new(UNLIMITED),
            poll_ends: Cell::new(0),
            unwound: Cell::new(false),
            shard: Cell::new(0),
        }
    };
    static CURRENT: RefCell<Current> = const { RefCell::new(Current::Outside) };
    static POLL_ENDS: RefCell<Vec<PollEnd>> = const { RefCell::new(Vec::new()) };
}

/// Panics, naming both lines, if this thread is polling a task or a `block_on` future: a blocking call
/// there stops a worker, and may wait for what only that worker could do.
#[track_caller]
pub(crate) fn assert_may_block(what: &str, at: Line) {
    match LOCAL.with(|local| local.polling.get()) {
        Polling::Nothing | Polling::Thread => {}
        Polling::Task(line) | Polling::Ending(line) => panic!(
            "`{what}` at {at} would block the thread that polls the task started at {line}: \
             use a parking word there, or move the blocking code into `thread!`"
        ),
        Polling::BlockOn(line) => panic!(
            "`{what}` at {at} would block the thread that polls the future given to `block_on` at {line}: \
             use a parking word there, or move the blocking code into `thread!`"
        ),
    }
}

/// The line that started the task being polled on this thread.
pub(crate) fn current_task() -> Option<Line> {
    match LOCAL.with(|local| local.polling.get()) {
        Polling::Task(line) | Polling::Ending(line) => Some(line),
        _ => None,
    }
}

/// The task or `block_on` being polled on this thread, and the line that started it.
pub(crate) fn polled() -> Option<(TaskId, Line)> {
    LOCAL.with(|local| match local.polling.get() {
        Polling::Task(line) | Polling::Ending(line) | Polling::BlockOn(line) => {
            Some((note::polled(), line))
        }
        Polling::Nothing | Polling::Thread => None,
    })
}

/// Whether this thread runs the closure of a `thread!`.
pub(crate) fn in_thread_closure() -> bool {
    matches!(LOCAL.with(|local| local.polling.get()), Polling::Thread)
}

/// Runs `callback` with `None`; or, if the thread is unwinding from a panic of the task it polls (or of
/// the `thread!` closure it runs), keeps it until that panic was caught, and runs it with the message.
pub(crate) fn when_poll_ends(callback: PollEnd) {
    let keep = LOCAL.with(|local| {
        matches!(
            local.polling.get(),
            Polling::Task(_) | Polling::Ending(_) | Polling::Thread
        ) && (local.unwound.get() || std::thread::panicking())
    });
    if !keep {
        return callback(None);
    }
    let mut callback = Some(callback);
    // Without a list, when the thread is ending, the callback is still there afterwards.
    let _ = POLL_ENDS.try_with(|list| list.borrow_mut().extend(callback.take()));
    match callback {
        None => LOCAL.with(|local| local.poll_ends.set(local.poll_ends.get() + 1)),
        Some(callback) => callback(None),
    }
}

/// Sets what this thread polls until the value is dropped.
pub(crate) struct PollScope {
    outer: Polling,
    outer_budget: u32,
}

impl PollScope {
    #[inline]
    pub(crate) fn new(polling: Polling, budget: u32) -> Self {
        LOCAL.with(|local| Self {
            outer: local.polling.replace(polling),
            outer_budget: local.budget.replace(budget),
        })
    }
}

impl Drop for PollScope {
    fn drop(&mut self) {
        LOCAL.with(|local| {
            local.polling.set(self.outer);
            local.budget.set(self.outer_budget);
        });
    }
}

/// Collects the callbacks of [`when_poll_ends`] from its creation on.
pub(crate) struct PollEnds {
    before: usize,
    outer_unwound: bool,
    /// Whether the task that this thread polls is to be dropped instead.
    pub(crate) is_ending: bool,
}

impl PollEnds {
    #[inline]
    pub(crate) fn new() -> Self {
        LOCAL.with(|local| Self {
            before: local.poll_ends.get(),
            outer_unwound: local.unwound.replace(false),
            is_ending: matches!(local.polling.get(), Polling::Ending(_)),
        })
    }

    /// From now on what is dropped is dropped because of a panic.
    #[allow(clippy::unused_self)] // only a collector may be told so
    pub(crate) fn unwound(&self) {
        LOCAL.with(|local| local.unwound.set(true));
    }

    /// Runs the callbacks. Gives the panics of those that panicked.
    pub(crate) fn run(self, message: Option<&str>) -> Vec<Box<dyn std::any::Any + Send>> {
        let outer_unwound = self.outer_unwound;
        let waiting = LOCAL.with(|local| {
            local.unwound.set(outer_unwound);
            local.poll_ends.replace(self.before) > self.before
        });
        if !waiting {
            return Vec::new();
        }
        let callbacks = POLL_ENDS
            .try_with(|list| {
                let mut list = list.borrow_mut();
                let from = self.before.min(list.len());
                list.split_off(from)
            })
            .unwrap_or_default();
        callbacks
            .into_iter()
            .filter_map(|callback| catch_unwind(AssertUnwindSafe(|| callback(message))).err())
            .collect()
    }
}

/// The scheduler this thread works for.
pub(crate) fn entered() -> Current {
    CURRENT
        .try_with(|current| current.borrow().clone())
        .unwrap_or(Current::Outside)
}

/// Calls `f` with the scheduler this thread works for, if it works for one.
pub(crate) fn with_current<R>(f: impl FnOnce(&Handle) -> R) -> Option<R> {
    CURRENT
        .try_with(|current| match &*current.borrow() {
            Current::In(handle) => Some(f(handle)),
            Current::Outside => None,
        })
        .ok()
        .flatten()
}

/// Makes `handle` the scheduler of this thread until the value is dropped.
pub(crate) struct Entered {
    outer: Option<Current>,
}

pub(crate) fn enter(handle: Handle) -> Entered {
    restore(Current::In(handle))
}

pub(crate) fn restore(current: Current) -> Entered {
    Entered {
        outer: CURRENT.try_with(|cell| cell.replace(current)).ok(),
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(outer) = self.outer.take() {
            let left = CURRENT.try_with(|cell| cell.replace(outer));
            drop(left);
        }
    }
}

/// The shard of the task table that this thread inserts into: 0, or a worker's number + 1.
pub(crate) fn shard() -> usize {
    LOCAL.with(|local| local.shard.get())
}

pub(crate) fn set_shard(shard: usize) {
    LOCAL.with(|local| local.shard.set(shard));
}

#[inline]
pub(crate) fn budget() -> u32 {
    LOCAL.with(|local| local.budget.get())
}

#[inline]
pub(crate) fn set_budget(budget: u32) {
    LOCAL.with(|local| local.budget.set(budget));
}

/// The scheduler of this thread: of the running task, or the entered one, else the global one.
pub(crate) fn current() -> Handle {
    match entered() {
        Current::In(handle) => handle,
        Current::Outside => Handle::GLOBAL,
    }
}

/// The scheduler of this thread, if it has one.
pub(crate) fn current_if_any() -> Option<Handle> {
    with_current(Handle::clone)
}

/// The number of the scheduler of this thread; that of the global one if it has none.
pub(crate) fn current_number() -> u16 {
    with_current(Handle::number).unwrap_or_default()
}

/// A number in `0..bound`, drawn from the current scheduler's random source. `bound` is not 0.
pub(crate) fn random_below(bound: usize) -> usize {
    match entered() {
        Current::In(handle) => handle.random_below(bound),
        Current::Outside => fastrand::usize(..bound),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::runtime::task::error::TaskError;
    use crate::scheduler::Scheduler;

    /// Calls back when it is dropped.
    struct OnDrop(mpsc::Sender<Option<String>>);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            let told = self.0.clone();
            when_poll_ends(Box::new(move |message| {
                told.send(message.map(String::from)).unwrap();
            }));
        }
    }

    #[test]
    fn what_a_panic_drops_learns_its_message() {
        let scheduler = Scheduler::manual();
        let (sender, told) = mpsc::channel();
        let (first, second) = (OnDrop(sender.clone()), OnDrop(sender));
        let task = scheduler.spawn(async move {
            let _first = first;
            drop(second);
            let one = std::hint::black_box(1);
            assert!(one == 2, "no luck with {one}");
        });
        let outcome = scheduler.block_on(task.outcome());
        assert!(matches!(outcome, Err(TaskError::Panicked(_))));
        assert_eq!(told.recv().unwrap(), None);
        assert_eq!(told.recv().unwrap().as_deref(), Some("no luck with 1"));
    }

    #[test]
    fn a_panic_the_task_catches_itself_has_no_message() {
        let scheduler = Scheduler::manual();
        let (sender, told) = mpsc::channel();
        let held = OnDrop(sender);
        scheduler.spawn(async move {
            let caught = catch_unwind(AssertUnwindSafe(move || {
                let _held = held;
                std::panic::resume_unwind(Box::new("caught"));
            }));
            assert!(caught.is_err());
        });
        scheduler.run_once();
        assert_eq!(told.recv().unwrap(), None);
    }

    #[test]
    fn a_field_of_a_hand_written_future_learns_it_too() {
        struct Fut(#[allow(dead_code)] OnDrop);
        impl Future for Fut {
            type Output = ();
            fn poll(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<()> {
                std::panic::resume_unwind(Box::new(String::from("by hand")));
            }
        }
        let scheduler = Scheduler::manual();
        let (sender, told) = mpsc::channel();
        let task = scheduler.spawn(Fut(OnDrop(sender)));
        assert!(scheduler.block_on(task.outcome()).is_err());
        assert_eq!(told.recv().unwrap().as_deref(), Some("by hand"));
    }

    #[test]
    fn a_thread_closure_is_a_poll_of_its_own() {
        let scheduler = Scheduler::manual();
        let (sender, told) = mpsc::channel();
        let held = OnDrop(sender);
        let task = scheduler.enter(|| {
            crate::runtime::task::thread::spawn_thread(move || {
                let _held = held;
                std::panic::resume_unwind(Box::new("in a thread"));
            })
        });
        assert!(scheduler.block_on(task.outcome()).is_err());
        assert_eq!(told.recv().unwrap().as_deref(), Some("in a thread"));
    }

    #[test]
    fn a_task_knows_its_line() {
        let scheduler = Scheduler::manual();
        let task = scheduler.spawn(async { current_task() });
        let line = task.started_at();
        assert_eq!(
            scheduler.block_on(async { (task.await, current_task()) }),
            (Some(line), None)
        );
    }

    #[test]
    fn random_choices_follow_from_the_seed() {
        let draw = |seed| {
            let scheduler = Scheduler::manual();
            scheduler.seed(seed);
            let task =
                scheduler.spawn(async { (0..20).map(|_| random_below(100)).collect::<Vec<_>>() });
            scheduler.block_on(task)
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn random_choices_need_no_scheduler() {
        assert!((0..100).all(|_| random_below(3) < 3));
    }
}
