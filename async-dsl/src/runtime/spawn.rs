//! Starting a task: it gets its place in the table, and its first turn.

use std::future::Future;

use super::handle::{Handle, Meta, Runnable};
use super::id::Name;
use super::place::Line;
use super::running::{self, current};
use super::sync::runtime::atomic::AtomicBool;
use super::task::Task;
use super::tracked::Tracked;
use super::turn::discard;
use super::worker;

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

/// Starts a task on the scheduler of the running task, or the entered one, else on the global one.
pub(crate) fn spawn<F>(future: F, at: Line) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    current().spawn(future, at)
}

/// The same, of a task with a name.
pub(crate) fn spawn_named<F>(name: Name, future: F, at: Line) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    current().spawn_named(future, Some(Box::new(name)), at)
}

impl Handle {
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
        let make = |key, id| {
            let meta = Meta {
                started_at: at,
                id,
                scheduler,
                number,
                key,
                cancelled: AtomicBool::new(false),
            };
            let (runnable, task) = async_task::Builder::new()
                .propagate_panic(false)
                .metadata(meta)
                .spawn(|_| Tracked::new(future, key), schedule);
            let waker = runnable.waker();
            ((runnable, task), waker)
        };
        let ((runnable, task), entered) = self.table.insert(running::shard(), at, name, make);
        let id = task.metadata().id;
        if let Some(sim) = self.sim() {
            sim.identify(number, id);
        }
        let task = Task::new(task, at, id);
        if entered {
            runnable.schedule();
        } else {
            let _entered = running::enter(self.clone());
            discard(runnable);
        }
        task
    }
}
