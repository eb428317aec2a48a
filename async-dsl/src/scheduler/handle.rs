//! The state of one scheduler, and how the inside of the crate refers to it.

use std::future::Future;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Waker;

use super::clock::ClockHandle;
use super::context::{self, Line, PollScope, Polling};
use super::queue::{Next, RunQueue};
use super::table::TaskTable;
use super::tracked::Tracked;
use super::{Meta, Runnable, budget, lock, worker};
use crate::task::{Task, TaskPanic};

/// What one scheduler consists of.
#[derive(Debug)]
pub(crate) struct Core {
    pub(super) queue: RunQueue,
    pub(super) table: TaskTable,
    pub(super) clock: ClockHandle,
    /// Those driven by hand have a random source of their own.
    pub(super) rng: Option<Mutex<fastrand::Rng>>,
    /// Closures of `thread!`, and sockets, that tasks of this scheduler wait for.
    pub(super) outside: AtomicUsize,
    /// Who waits for the table to be empty while the scheduler shuts down.
    pub(super) drained: Mutex<Vec<Waker>>,
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
            None => {
                GLOBAL.get_or_init(|| Core::new(worker::count() + 1, ClockHandle::GLOBAL, None))
            }
        }
    }
}

impl Core {
    fn new(shards: usize, clock: ClockHandle, rng: Option<Mutex<fastrand::Rng>>) -> Self {
        Self {
            queue: RunQueue::default(),
            table: TaskTable::new(shards),
            clock,
            rng,
            outside: AtomicUsize::new(0),
            drained: Mutex::default(),
        }
    }
}

/// Puts a task on the queue of its scheduler. Of size zero as a value: no task carries it.
fn schedule(runnable: Runnable) {
    let handle = runnable.metadata().scheduler.clone();
    if handle.queue.push(runnable) {
        handle.drop_ready();
    }
}

impl Handle {
    pub(crate) const GLOBAL: Self = Self(None);

    pub(super) fn manual(clock: ClockHandle) -> Self {
        let rng = Mutex::new(fastrand::Rng::with_seed(0));
        Self(Some(Arc::new(Core::new(1, clock, Some(rng)))))
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
        if self.is_global() {
            worker::start();
        }
        let meta = Meta {
            spawned_at: at,
            scheduler: self.clone(),
        };
        let ((runnable, task), entered) = self.table.insert(context::shard(), at, |key| {
            let (runnable, task) = async_task::Builder::new()
                .propagate_panic(false)
                .metadata(meta)
                .spawn(|_| Tracked::new(future, key), schedule);
            let waker = runnable.waker();
            ((runnable, task), waker)
        });
        let task = Task::new(task.fallible(), at);
        if entered {
            runnable.schedule();
        } else {
            let _entered = context::enter(self.clone());
            discard(runnable);
        }
        task
    }

    /// Runs up to `most` of the tasks that are ready now, each once, in order. The scheduler must be the
    /// one this thread has entered.
    pub(super) fn run_ready(&self, most: usize) -> usize {
        let most = self.queue.len().min(most);
        for ran in 0..most {
            match self.queue.pop() {
                Next::Run(runnable) => run(runnable),
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

    fn drop_ready(&self) {
        let _entered = context::enter(self.clone());
        while let Some(runnable) = self.queue.next_to_drop() {
            discard(runnable);
        }
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

impl Outside {
    /// For the current scheduler.
    pub(crate) fn new() -> Self {
        Self::of(super::current())
    }

    pub(crate) fn of(handle: Handle) -> Self {
        if let Some(core) = &handle.0 {
            core.outside.fetch_add(1, Ordering::AcqRel);
        }
        Self(handle)
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        if let Some(core) = &self.0.0 {
            core.outside.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// Gives a task one turn. What panics here is a waker of whoever awaits it.
pub(super) fn run(runnable: Runnable) {
    let at = runnable.metadata().spawned_at;
    let _scope = PollScope::new(Polling::Task(at), budget::PER_POLL);
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| runnable.run())) {
        TaskPanic::new(payload, at).report();
    }
}

/// Drops a ready task instead of running it: it is cancelled.
fn discard(runnable: Runnable) {
    let at = runnable.metadata().spawned_at;
    let _scope = PollScope::new(Polling::Task(at), budget::PER_POLL);
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(runnable))) {
        TaskPanic::new(payload, at).report();
    }
}
