//! The one thread-local: the task polled on this thread, its scheduler, its budget, and what the poll has left for
//! inspection.
//!
//! It owns nothing. What has a destructor is lent to it by a guard, which takes it out again: a thread that ends has nothing
//! to drop here, and can be asked to the last. The files that have a part of it to themselves: `budget`, `poll_end`, `note`.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::rc::Rc;

use super::INSPECTS;
use super::handle::{Handle, Runnable};
use super::held::{Acting, HeldSend, HeldSends};
use super::id::TaskId;
use super::left::{Found, Left, Waits};
use super::place::Line;
use super::queue::Local;
use super::sync::thread_local;

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

/// Called when a poll is over, with the message of the panic that ended it.
pub(crate) type PollEnd = Box<dyn FnOnce(Option<&str>) + Send>;

/// See the [module](self).
pub(super) struct Running {
    pub(super) polling: Cell<Polling>,
    /// The task or `block_on` being polled, or this thread in a blocking twin.
    pub(super) id: Cell<TaskId>,
    pub(super) budget: Cell<u32>,
    /// The scheduler that `go!` starts tasks on, if one was entered; else that is the global one.
    scheduler: Lent<Option<Handle>>,
    /// The part of the run queue that this thread has as a worker.
    local: Lent<Option<Rc<Local<Runnable>>>>,
    /// The shard of the task table that this thread inserts into: 0, or a worker's number + 1.
    shard: Cell<usize>,
    /// The action being polled, and what it has sent.
    action: Cell<Option<Acting>>,
    held: Lent<HeldSends>,
    /// The future given to a `block_on` waits for a task.
    joins: Cell<bool>,
    /// The polled future panicked, and is now being dropped.
    pub(super) unwound: Cell<bool>,
    /// Callbacks for when the poll is over, and how many they are.
    pub(super) poll_ends: Lent<Vec<PollEnd>>,
    pub(super) poll_end_count: Cell<usize>,
    /// Whether the drops on this thread are to [leave](super::linger) what is to be waited for, and what they have left.
    pub(super) collects: Cell<bool>,
    pub(super) lingering: Lent<Option<Box<Waits>>>,
    pub(super) left: Left,
    /// What its waiters carry when it is in a blocking twin.
    pub(super) as_thread: Cell<TaskId>,
}

/// No budget: used up, or on a simulated scheduler, where the schedule is asked.
pub(crate) const USED_UP: u32 = 0;

/// The budget outside tasks.
pub(crate) const UNLIMITED: u32 = u32::MAX;

thread_local! {
    static RUNNING: Running = const {
        Running {
            polling: Cell::new(Polling::Nothing),
            id: Cell::new(TaskId::NONE),
            budget: Cell::new(UNLIMITED),
            scheduler: Lent::new(None),
            local: Lent::new(None),
            shard: Cell::new(0),
            action: Cell::new(None),
            held: Lent::new(Vec::new()),
            joins: Cell::new(false),
            unwound: Cell::new(false),
            poll_ends: Lent::new(Vec::new()),
            poll_end_count: Cell::new(0),
            collects: Cell::new(false),
            lingering: Lent::new(None),
            left: Left::new(),
            as_thread: Cell::new(TaskId::NONE),
        }
    };
}

const _: () = assert!(!mem::needs_drop::<Running>());

/// What a guard lends to the thread. One that is forgotten leaks it.
pub(super) struct Lent<T>(RefCell<ManuallyDrop<T>>);

impl<T> Lent<T> {
    const fn new(nothing: T) -> Self {
        Self(RefCell::new(ManuallyDrop::new(nothing)))
    }

    pub(super) fn replace(&self, value: T) -> T {
        ManuallyDrop::into_inner(self.0.replace(ManuallyDrop::new(value)))
    }

    /// `f` must not run foreign code: it could come back here.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.0.borrow_mut())
    }

    /// The same for what only looks.
    #[inline]
    fn look<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        f(&self.0.borrow())
    }
}

#[inline]
pub(super) fn with<R>(f: impl FnOnce(&Running) -> R) -> R {
    RUNNING.with(f)
}

/// Panics, naming both lines, if this thread is polling a task or a `block_on` future: a blocking call
/// there stops a worker, and may wait for what only that worker could do.
#[track_caller]
pub(crate) fn assert_may_block(what: &str, at: Line) {
    match with(|here| here.polling.get()) {
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
    match with(|here| here.polling.get()) {
        Polling::Task(line) | Polling::Ending(line) => Some(line),
        _ => None,
    }
}

/// The task or `block_on` being polled on this thread, and the line that started it.
pub(crate) fn polled() -> Option<(TaskId, Line)> {
    with(|here| match here.polling.get() {
        Polling::Task(line) | Polling::Ending(line) | Polling::BlockOn(line) => {
            Some((here.id.get(), line))
        }
        Polling::Nothing | Polling::Thread => None,
    })
}

/// The same without the line; [`TaskId::NONE`] if nothing is polled.
#[inline]
pub(crate) fn id() -> TaskId {
    with(|here| here.id.get())
}

/// Whether this thread runs the closure of a `thread!`.
pub(crate) fn in_thread_closure() -> bool {
    matches!(with(|here| here.polling.get()), Polling::Thread)
}

/// Something is polled, or dropped, on this thread until the value is dropped.
pub(crate) struct PollScope {
    polling: Polling,
    id: TaskId,
    budget: u32,
}

impl PollScope {
    /// A poll of `id` begins.
    #[inline]
    pub(crate) fn new(polling: Polling, id: TaskId, budget: u32) -> Self {
        with(|here| {
            if INSPECTS {
                here.left.found.set(Found::NOTHING);
            }
            Self::set(here, polling, id, budget)
        })
    }

    /// `id` is dropped, perhaps while another is polled, whose notes stay.
    pub(crate) fn ending(line: Line, id: TaskId, budget: u32) -> Self {
        with(|here| Self::set(here, Polling::Ending(line), id, budget))
    }

    /// A thread that is known as `id` polls what it waits for in a blocking twin.
    pub(crate) fn in_twin(id: TaskId) -> Self {
        let (polling, budget) = with(|here| (here.polling.get(), here.budget.get()));
        Self::new(polling, id, budget)
    }

    #[inline]
    fn set(here: &Running, polling: Polling, id: TaskId, budget: u32) -> Self {
        Self {
            polling: here.polling.replace(polling),
            id: here.id.replace(id),
            budget: here.budget.replace(budget),
        }
    }
}

impl Drop for PollScope {
    #[inline]
    fn drop(&mut self) {
        with(|here| {
            here.polling.set(self.polling);
            here.id.set(self.id);
            here.budget.set(self.budget);
        });
    }
}

/// What is polled waits for a task.
#[inline]
pub(crate) fn joins() {
    with(|here| here.joins.set(true));
}

/// Whether anything that was polled on this thread since the last time has said that it [waits for a task](joins).
pub(crate) fn has_joined() -> bool {
    with(|here| here.joins.take())
}

#[inline]
pub(crate) fn budget() -> u32 {
    with(|here| here.budget.get())
}

/// This thread has entered a scheduler, with the tokio runtime of that, until the value is dropped.
pub(crate) struct Entered<'a> {
    _scheduler: Lending<Handle>,
    #[cfg(feature = "tokio")]
    _tokio: Option<tokio::runtime::EnterGuard<'a>>,
    _handle: PhantomData<&'a Handle>,
}

/// Makes `handle` the scheduler of this thread until the value is dropped.
pub(crate) fn enter(handle: &Handle) -> Entered<'_> {
    Entered {
        _scheduler: Lending::new(|here| &here.scheduler, Some(handle.clone())),
        #[cfg(feature = "tokio")]
        _tokio: handle.enter_tokio(),
        _handle: PhantomData,
    }
}

/// Lends its part of the run queue to this thread, which works, until the value is dropped.
pub(crate) fn lend_local(local: Option<Rc<Local<Runnable>>>) -> Lending<Rc<Local<Runnable>>> {
    Lending::new(|here| &here.local, local)
}

/// The thread has what it was lent until this is dropped; then it has what it had before.
pub(crate) struct Lending<T: 'static> {
    place: fn(&Running) -> &Lent<Option<T>>,
    outer: Option<T>,
}

impl<T> Lending<T> {
    fn new(place: fn(&Running) -> &Lent<Option<T>>, value: Option<T>) -> Self {
        let outer = with(|here| place(here).replace(value));
        Self { place, outer }
    }
}

impl<T> Drop for Lending<T> {
    fn drop(&mut self) {
        let outer = self.outer.take();
        let left = with(|here| (self.place)(here).replace(outer));
        drop(left);
    }
}

/// The scheduler that this thread has entered, if any.
pub(crate) fn entered() -> Option<Handle> {
    with_entered(Handle::clone)
}

/// Calls `f`, which must not run foreign code, with the scheduler that this thread has entered, if any.
pub(crate) fn with_entered<R>(f: impl FnOnce(&Handle) -> R) -> Option<R> {
    look_at_entered(|handle| handle.map(f))
}

/// The same if there may be none.
pub(super) fn look_at_entered<R>(f: impl FnOnce(Option<&Handle>) -> R) -> R {
    with(|here| here.scheduler.look(|handle| f(handle.as_ref())))
}

/// The same with the current one, which is the global one if none was entered.
pub(crate) fn with_current<R>(f: impl FnOnce(&Handle) -> R) -> R {
    look_at_entered(|handle| f(handle.unwrap_or(&Handle::GLOBAL)))
}

/// The scheduler of this thread: of the running task, or the entered one, else the global one.
pub(crate) fn current() -> Handle {
    with_current(Handle::clone)
}

/// The number of the current scheduler.
pub(crate) fn current_number() -> u16 {
    with_current(Handle::number)
}

/// A number in `0..bound`, drawn from the current scheduler's random source. `bound` is not 0.
pub(crate) fn random_below(bound: usize) -> usize {
    with_current(|handle| handle.random_below(bound))
}

/// Calls `f`, which must not run foreign code, with the part of the run queue that this thread has, and the scheduler that it
/// has entered, if any.
#[inline]
pub(super) fn with_queues<R>(f: impl FnOnce(Option<&Local<Runnable>>, Option<&Handle>) -> R) -> R {
    with(|here| {
        let look =
            |local: &Option<Rc<_>>| here.scheduler.look(|it| f(local.as_deref(), it.as_ref()));
        here.local.look(look)
    })
}

/// A number in `0..bound`, drawn from the current scheduler's random source; `None` if that is simulated, and the number
/// would be a choice of the schedule. `bound` is not 0.
pub(crate) fn random_unless_scheduled(bound: usize) -> Option<usize> {
    with_current(|handle| handle.random_unless_scheduled(bound))
}

/// A seed for a random source of the caller's own, drawn from that of the current scheduler; `None` if that is simulated:
/// there each draw is a choice of the schedule.
pub(crate) fn random_seed() -> Option<u64> {
    with_current(Handle::random_seed)
}

pub(crate) fn shard() -> usize {
    with(|here| here.shard.get())
}

pub(crate) fn set_shard(shard: usize) {
    with(|here| here.shard.set(shard));
}

/// Runs `run` for the action, and leaves in `held` what that has sent.
#[inline]
pub(crate) fn within_action<T>(acting: Acting, held: &mut HeldSends, run: impl FnOnce() -> T) -> T {
    struct Within<'a> {
        outer: Option<Acting>,
        held: &'a mut HeldSends,
    }
    impl Drop for Within<'_> {
        #[inline]
        fn drop(&mut self) {
            with(|here| {
                here.action.set(self.outer);
                exchange(here, self.held);
            });
        }
    }
    /// Most actions send nothing.
    #[inline]
    fn exchange(here: &Running, held: &mut HeldSends) {
        here.held.with(|there| {
            if there.capacity() != 0 || held.capacity() != 0 {
                mem::swap(there, held);
            }
        });
    }
    let outer = with(|here| {
        exchange(here, held);
        here.action.replace(Some(acting))
    });
    let _within = Within { outer, held };
    run()
}

/// The line that sent the action being polled on this thread.
#[inline]
pub(crate) fn current_action() -> Option<Line> {
    with(|here| Some(here.action.get()?.sent_at))
}

/// The line that sent the action being polled, if it is one of `agent`.
pub(crate) fn own_action(agent: usize) -> Option<Line> {
    with(|here| {
        let acting = here.action.get()?;
        (acting.agent == agent).then_some(acting.sent_at)
    })
}

/// Holds a send until the action being polled is done; returns it if no action is polled.
pub(crate) fn hold(send: Box<dyn HeldSend>) -> Result<(), Box<dyn HeldSend>> {
    with(|here| match here.action.get() {
        Some(_) => {
            here.held.with(|held| held.push(send));
            Ok(())
        }
        None => Err(send),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::Scheduler;

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
