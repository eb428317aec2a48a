//! Starting a task: it gets its place in the table, and its first turn.

use std::future::Future;
use std::task::Waker;

use async_task::{ScheduleInfo, WithInfo};

use super::handle::{Handle, Meta, Runnable};
use super::id::Name;
use super::place::Line;
use super::queue::{How, Item};
use super::running::{self, current};
use super::task::{Running, Task};
use super::tracked::Tracked;
use super::worker;

/// Puts a task that was woken on the queue of its scheduler. Of size zero as a value: no task carries it.
fn schedule(runnable: Runnable, info: ScheduleInfo) {
    let how = if info.woken_while_running {
        How::Yielded
    } else {
        How::Woken
    };
    push(runnable, how);
}

/// Puts a task on this thread's part of the queue, if it works for the task's scheduler, or on the shared one. What wakes a
/// task on a thread that works for its scheduler, or has entered it, needs no handle of its own.
fn push(runnable: Runnable, how: How) {
    enum Pushed {
        Done,
        /// A thread is to be woken.
        Wakes(Waker),
        /// A guard is to be called.
        Unguarded(Handle),
        Not(Runnable),
    }
    let pushed = running::with_queues(|local, entered| {
        let scheduler = &runnable.metadata().scheduler;
        if let Some(local) = local.filter(|local| scheduler.queue.owns(local)) {
            let unguarded = local.is_unguarded().then(|| scheduler.clone());
            return match (local.push(runnable, how), unguarded) {
                (Ok(()), None) => Pushed::Done,
                (Ok(()), Some(scheduler)) => Pushed::Unguarded(scheduler),
                (Err(runnable), _) => Pushed::Not(runnable),
            };
        }
        let entered = entered.filter(|entered| entered.is(scheduler));
        let Some(entered) = entered.filter(|entered| !entered.queue.is_stopped()) else {
            return Pushed::Not(runnable);
        };
        woken(entered, &runnable);
        match entered.queue.add(runnable) {
            Ok(None) => Pushed::Done,
            Ok(Some(waker)) => Pushed::Wakes(waker),
            Err(runnable) => Pushed::Not(runnable),
        }
    });
    match pushed {
        Pushed::Done => {}
        Pushed::Wakes(waker) => waker.wake(),
        Pushed::Unguarded(scheduler) => scheduler.queue.call_guard(),
        Pushed::Not(runnable) => push_shared(runnable),
    }
}

/// Puts a task on the shared part of the queue.
fn push_shared(runnable: Runnable) {
    let scheduler = runnable.metadata().scheduler.clone();
    woken(&scheduler, &runnable);
    scheduler.queue.push(runnable);
}

fn woken(scheduler: &Handle, runnable: &Runnable) {
    if let Some(sim) = scheduler.sim() {
        sim.woken(runnable.metadata().started_at);
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
        let number = self.sim().map(|sim| sim.started(at));
        let make = |key, id| {
            let meta = Meta {
                started_at: at,
                id,
                scheduler,
            };
            let (runnable, task) = async_task::Builder::new()
                .propagate_panic(false)
                .metadata(meta)
                .spawn(|_| Tracked::new(future, key), WithInfo(schedule));
            let waker = runnable.waker();
            ((runnable, Running::new(task, key), id), waker)
        };
        let ((runnable, task, id), entered) = self.table.insert(running::shard(), at, name, make);
        if let (Some(sim), Some(number)) = (self.sim(), number) {
            sim.identify(number, id);
        }
        let task = Task::new(task, at, id);
        if entered {
            push(runnable, How::Started);
        } else {
            runnable.discard();
        }
        task
    }
}

#[cfg(all(
    test,
    target_pointer_width = "64",
    not(any(async_dsl_loom, async_dsl_shuttle))
))]
mod tests {
    use std::mem::{size_of, size_of_val};

    use super::*;
    use crate::runtime::table;

    fn tracked<F>(future: F) -> usize {
        size_of_val(&Tracked::new(future, None))
    }

    /// Each byte more is one for every task that is alive: a million of them are not rare.
    #[test]
    fn a_task_takes_no_more_than_this() {
        assert_eq!(size_of::<Meta>(), 24);
        assert_eq!(size_of::<Task<u64>>(), 48);
        assert_eq!(table::ENTRY, size_of::<Waker>() + 24);
        assert_eq!(tracked([0_u64; 3]), size_of::<[u64; 3]>() + 8);
    }
}
