//! Schedulers: the global one, and those driven by hand.
//!
//! Tasks run on the global scheduler unless they are started inside another one: it starts on first use,
//! with one worker thread a core (`ASYNC_DSL_WORKERS` or [`set_workers`] say otherwise), named
//! `async-dsl-worker-0` and so on. A worker without work waits for timers and sockets.
//!
//! [`Scheduler::manual`] makes one that runs nothing until told to, on the thread that tells it, and
//! [`Scheduler::virtual_time`] one whose clock moves only when told to. Time and random choices of a task
//! come from its scheduler, so that a program on a manual one does the same each time.
//!
//! [`Scheduler::simulated`] goes further: which of the ready tasks runs next, and where it is switched away from,
//! follow from a seed. [`sim`](crate::sim) tries many of them.
//!
//! **A process that forks** after the global scheduler has started leaves its workers behind: the child has only the thread
//! that forked. Tasks started in the child never run, and a thread that waits there, in a `block_on` or a blocking twin,
//! panics and says so, instead of hanging for ever. Fork before the first task is started, or let the child start another
//! program at once, as [`std::process::Command`] does. A scheduler that is driven by hand works in the child as long as it
//! need not wait for anything outside: a real timer or a socket.

mod block_on;
pub(crate) mod budget;
pub(crate) mod busy;
mod clock;
pub(crate) mod context;
mod forked;
mod handle;
mod manual;
mod public;
mod queue;
mod shutdown;
mod simulated;
mod table;
mod threads;
mod tracked;
mod worker;

pub use block_on::block_on;
pub(crate) use clock::{ClockHandle, TimerKey};
pub(crate) use context::Line;
pub(crate) use forked::assert_not_forked;
#[cfg(all(feature = "net", not(async_dsl_loom)))]
pub(crate) use handle::Outside;
pub(crate) use handle::{Core, Handle};
pub use public::Scheduler;
pub use shutdown::Shutdown;
pub(crate) use simulated::{Why, keep_panic, yields};
pub(crate) use table::Listed;
pub use threads::on_threads;
pub use worker::set_workers;

use crate::sync::runtime::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use table::{Key, Mark};

use crate::inspect::{Name, TaskId};
use crate::sync::runtime::lock;
use crate::task::Task;

/// What every task carries beside its future.
#[derive(Debug)]
pub(crate) struct Meta {
    pub(crate) started_at: Line,
    pub(crate) id: TaskId,
    scheduler: Handle,
    /// Its number on a simulated scheduler.
    pub(crate) number: u32,
    /// Its place in the table, unless the scheduler was ending.
    key: Option<Key>,
    mark: Mark,
    /// Somebody has cancelled it: its next turn drops it.
    cancelled: AtomicBool,
}

impl Meta {
    /// Whether somebody has cancelled the task.
    #[inline]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Makes the next turn of the task its last, in which it is dropped. A turn that has begun goes on: what it gives is
    /// not lost. The waker, to be woken outside of every lock, sees to it that there is such a turn.
    ///
    /// The table is told as well: a task that is ready already is not woken once more, and the worker that has taken it
    /// from the queue may have looked here before.
    pub(crate) fn cancel(&self) -> Option<Waker> {
        self.cancelled.store(true, Ordering::Release);
        self.scheduler.table.cancel(self.key?, self.mark)
    }
}

pub(crate) type Runnable = async_task::Runnable<Meta>;

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

/// The scheduler of this thread: of the running task, or the entered one, else the global one.
pub(crate) fn current() -> Handle {
    match context::current() {
        context::Current::In(handle) => handle,
        context::Current::Outside => Handle::GLOBAL,
    }
}

/// The scheduler of this thread, if it has one.
pub(crate) fn current_if_any() -> Option<Handle> {
    context::with_current(Handle::clone)
}

/// A number in `0..bound`, drawn from the current scheduler's random source. `bound` is not 0.
pub(crate) fn random_below(bound: usize) -> usize {
    match context::current() {
        context::Current::In(handle) => handle.random_below(bound),
        context::Current::Outside => fastrand::usize(..bound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
