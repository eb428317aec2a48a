//! The state of one scheduler, and how the inside of the crate refers to it.

use std::future::Future;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use super::clock::ClockHandle;
use super::context::{self, Line, PollScope, Polling};
use super::queue::{Next, RunQueue};
use super::table::{Listed, TaskTable};
use super::tracked::Tracked;
use super::{Meta, Runnable, budget, lock, worker};
use crate::inspect::{self, Name, Slot, TaskId};
use crate::sim::Simulation;
use crate::sync::runtime::Mutex;
use crate::sync::runtime::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::task::{Task, TaskPanic};

/// What one scheduler consists of.
#[derive(Debug)]
pub(crate) struct Core {
    /// Tells it from the others that live; the global one is 0.
    number: u16,
    pub(super) queue: RunQueue,
    pub(super) table: TaskTable,
    pub(super) clock: ClockHandle,
    /// Those driven by hand have a random source of their own.
    pub(super) rng: Option<Mutex<fastrand::Rng>>,
    /// A simulated scheduler's choices.
    pub(super) sim: Option<Simulation>,
    /// Closures of `thread!`, and sockets, that tasks of this scheduler wait for.
    pub(super) outside: AtomicUsize,
    /// Who waits for the table to be empty while the scheduler shuts down.
    pub(super) drained: Mutex<Vec<Waker>>,
    /// What each worker is polling; a scheduler driven by hand has one.
    pub(super) slots: Box<[Slot]>,
    /// The names of its threads.
    threads: Mutex<Vec<Option<String>>>,
    /// A `block_on` that would wait for ever panics.
    panics_on_deadlock: AtomicBool,
}

static GLOBAL: OnceLock<Core> = OnceLock::new();

/// A scheduler driven by hand, or (`None`) the global one.
#[derive(Clone, Debug)]
pub(crate) struct Handle(Option<Arc<Core>>);

impl Deref for Handle {
    type Target = Core;

    fn deref(&self) -> &Core {
        match &self.0 {
            Some(core) => core,
            None => GLOBAL.get_or_init(|| Core::new(worker::count() + 1, 0, ClockHandle::GLOBAL)),
        }
    }
}

impl Core {
    fn new(shards: usize, number: u16, clock: ClockHandle) -> Self {
        Self {
            number,
            queue: RunQueue::default(),
            table: TaskTable::new(shards, number),
            clock,
            rng: None,
            sim: None,
            outside: AtomicUsize::new(0),
            drained: Mutex::default(),
            slots: (0..shards.max(1)).map(|_| Slot::default()).collect(),
            threads: Mutex::default(),
            panics_on_deadlock: AtomicBool::new(false),
        }
    }
}

/// Puts a task on the queue of its scheduler. Of size zero as a value: no task carries it.
fn schedule(runnable: Runnable) {
    let handle = runnable.metadata().scheduler.clone();
    if let Some(sim) = handle.sim() {
        sim.woken(runnable.metadata().started_at);
    }
    if handle.queue.push(runnable) {
        handle.drop_ready();
    }
}

impl Handle {
    pub(crate) const GLOBAL: Self = Self(None);

    /// The scheduler driven by hand that consists of `core`.
    pub(crate) fn of(core: Arc<Core>) -> Self {
        Self(Some(core))
    }

    pub(super) fn manual(clock: ClockHandle) -> Self {
        Self(Some(inspect::scheduler_made(|number| Core {
            rng: Some(Mutex::new(fastrand::Rng::with_seed(0))),
            ..Core::new(1, number, clock)
        })))
    }

    /// One with a clock and random source as the global one has, for workers of its own.
    pub(super) fn for_workers(count: usize) -> Self {
        Self(Some(inspect::scheduler_made(|number| {
            Core::new(count + 1, number, ClockHandle::real())
        })))
    }

    pub(super) fn simulated(sim: Simulation) -> Self {
        Self(Some(inspect::scheduler_made(|number| Core {
            sim: Some(sim),
            ..Core::new(1, number, ClockHandle::standing())
        })))
    }

    /// The choices of a simulated scheduler.
    pub(crate) fn sim(&self) -> Option<&Simulation> {
        self.0.as_ref().and_then(|core| core.sim.as_ref())
    }

    /// The global one, if anything was started on it.
    pub(crate) fn global_if_started() -> Option<Self> {
        GLOBAL.get().map(|_| Self::GLOBAL)
    }

    /// Tells it from the others that live; the global one is 0.
    pub(crate) fn number(&self) -> u16 {
        self.0.as_ref().map_or(0, |core| core.number)
    }

    /// The tasks that are alive.
    pub(crate) fn tasks(&self) -> Vec<Listed> {
        self.table.list()
    }

    /// The tasks that wait for their turn.
    pub(crate) fn ready(&self) -> Vec<TaskId> {
        let mut ready = self.queue.ready();
        ready.extend(self.sim().into_iter().flat_map(Simulation::ready_tasks));
        ready
    }

    /// The tasks that are being polled.
    pub(crate) fn running(&self) -> impl Iterator<Item = u64> {
        self.polls().map(|(task, _)| task)
    }

    /// What each worker is polling, and how often it has looked at the reactor.
    pub(crate) fn polls(&self) -> impl Iterator<Item = (u64, u64)> {
        self.slots.iter().map(Slot::look)
    }

    /// Whether no task waits for its turn.
    pub(crate) fn is_idle(&self) -> bool {
        self.queue.len() == 0
    }

    /// How many closures of `thread!`, and sockets, its tasks wait for. Of the global scheduler that is not counted.
    pub(crate) fn expected(&self) -> usize {
        self.outside.load(Ordering::Acquire)
    }

    /// This thread works for it, for good.
    pub(super) fn add_thread(&self) {
        let name = std::thread::current().name().map(String::from);
        lock(&self.threads).push(name);
    }

    /// The names of the threads that work for it.
    pub(crate) fn threads(&self) -> Vec<Option<String>> {
        let mut threads = lock(&self.threads).clone();
        if self.is_global() {
            threads.push(Some(inspect::WATCH.to_owned()));
        }
        threads
    }

    pub(crate) fn panics_on_deadlock(&self) -> bool {
        self.panics_on_deadlock.load(Ordering::Relaxed)
    }

    pub(super) fn panic_on_deadlock(&self) {
        self.panics_on_deadlock.store(true, Ordering::Relaxed);
    }

    pub(super) fn rng(&self) -> Option<&Mutex<fastrand::Rng>> {
        self.0.as_ref().and_then(|core| core.rng.as_ref())
    }

    pub(crate) fn is_global(&self) -> bool {
        self.0.is_none()
    }

    /// The clock, without starting anything.
    pub(crate) fn clock(&self) -> ClockHandle {
        match &self.0 {
            Some(core) => core.clock.clone(),
            None => ClockHandle::GLOBAL,
        }
    }

    pub(crate) fn spawn<F>(&self, future: F, at: Line) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_named(future, None, at)
    }

    pub(crate) fn spawn_named<F>(
        &self,
        future: F,
        name: Option<Box<Name>>,
        at: Line,
    ) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        if self.is_global() {
            worker::start();
        }
        let scheduler = self.clone();
        let number = self.sim().map_or(0, |sim| sim.started(at));
        let make = |key, mark, id| {
            let meta = Meta {
                started_at: at,
                id,
                scheduler,
                number,
                key,
                mark,
                cancelled: AtomicBool::new(false),
            };
            let (runnable, task) = async_task::Builder::new()
                .propagate_panic(false)
                .metadata(meta)
                .spawn(|_| Tracked::new(future, key), schedule);
            let waker = runnable.waker();
            ((runnable, task), waker)
        };
        let ((runnable, task), entered) = self.table.insert(context::shard(), at, name, make);
        let id = task.metadata().id;
        if let Some(sim) = self.sim() {
            sim.identify(number, id);
        }
        let task = Task::new(task, at, id);
        if entered {
            runnable.schedule();
        } else {
            let _entered = context::enter(self.clone());
            discard(runnable);
        }
        task
    }

    /// Runs up to `most` of the tasks that are ready now, each once, in order. The scheduler must be the
    /// one this thread has entered. `busy` grows by the operations of those that could have gone on.
    pub(super) fn run_ready(&self, most: usize, busy: &mut u64) -> usize {
        if let Some(sim) = self.sim() {
            return self.run_simulated(sim, most);
        }
        let most = self.queue.len().min(most);
        let slot = &self.slots[0];
        for ran in 0..most {
            match self.queue.pop() {
                Next::Run(runnable) => {
                    *busy += u64::from(run(runnable, slot, budget::PER_POLL));
                }
                Next::Empty | Next::Stopped => return ran,
            }
        }
        if most == 0 && self.queue.is_stopped() {
            self.cancel_all();
        }
        most
    }

    /// Stops the queue and drops every task that is not being polled; what is being polled is dropped
    /// where it parks.
    pub(super) fn cancel_all(&self) {
        self.table.close();
        if self.queue.stop() {
            self.drop_ready();
        }
        self.table.wake_all();
    }

    pub(super) fn drop_ready(&self) {
        let _entered = context::enter(self.clone());
        while let Some(runnable) = self.queue.next_to_drop() {
            discard(runnable);
        }
    }

    /// Something outside is waited for.
    pub(crate) fn outside(&self) -> Outside {
        if let Some(core) = &self.0 {
            core.outside.fetch_add(1, Ordering::AcqRel);
        }
        Outside(self.clone())
    }

    /// To be called after a task has left the table.
    pub(super) fn task_left(&self) {
        if self.table.is_closing() {
            let waiting = std::mem::take(&mut *lock(&self.drained));
            for waker in waiting {
                waker.wake();
            }
        }
    }
}

/// Says to a scheduler with a standing clock that something may come from outside, a thread's result or a packet, so
/// that its clock is not moved faster than real time meanwhile.
#[derive(Debug)]
pub(crate) struct Outside(Handle);

impl Drop for Outside {
    fn drop(&mut self) {
        if let Some(core) = &self.0.0 {
            core.outside.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// Gives a task one turn, its last if it is cancelled. What panics here is a waker of whoever awaits it.
///
/// Gives the number of operations it did, at least 1, if it is ready again; else 0.
pub(super) fn run(runnable: Runnable, slot: &Slot, budget: u32) -> u32 {
    let meta = runnable.metadata();
    let (started_at, id) = (meta.started_at, meta.id);
    let polling = if meta.is_cancelled() {
        Polling::Ending(started_at)
    } else {
        Polling::Task(started_at)
    };
    let _scope = PollScope::new(polling, budget);
    inspect::begin_poll(id);
    slot.begin(id);
    let is_ready = match catch_unwind(AssertUnwindSafe(|| runnable.run())) {
        Ok(is_ready) => is_ready,
        Err(payload) => {
            TaskPanic::new(payload, started_at).report();
            false
        }
    };
    slot.end();
    if is_ready {
        (budget - context::budget()).max(1)
    } else {
        0
    }
}

/// Ends a ready task instead of running it: it is cancelled.
fn discard(runnable: Runnable) {
    let meta = runnable.metadata();
    let (started_at, id) = (meta.started_at, meta.id);
    let _scope = PollScope::new(Polling::Ending(started_at), budget::PER_POLL);
    let outer = inspect::discarding(id);
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| runnable.run())) {
        TaskPanic::new(payload, started_at).report();
    }
    inspect::discarding(outer);
}
