//! The public handle to a scheduler.

use std::fmt;
use std::panic::Location;
use std::time::{Duration, Instant};

use super::Shutdown;
use super::block_on::block_on_thread;
use crate::inspect;
use crate::runtime::clock::Clock;
use crate::runtime::handle::{Handle, Runnable};
use crate::runtime::running::{self, assert_may_block};
use crate::runtime::schedule::Simulation;
use crate::runtime::schedule::seed::Seed;
use crate::runtime::sync::lock;
use crate::runtime::task::Task;

/// A handle to a scheduler: the global one, or one that is driven by hand.
///
/// When the last handle to a manual scheduler is dropped, its tasks are cancelled: those that are parked are dropped at
/// once, and their [`outcome`](Task::outcome) is `Cancelled`. A task that holds a handle to its own scheduler prevents
/// that; [`shutdown`](Scheduler::shutdown) ends it.
///
/// ```
/// use async_dsl::scheduler::Scheduler;
///
/// let scheduler = Scheduler::manual();
/// let task = scheduler.spawn(async { 6 * 7 });
/// assert!(!task.is_finished());
/// assert_eq!(scheduler.run_once(), 1);
/// assert_eq!(scheduler.block_on(task), 42);
/// ```
pub struct Scheduler(Handle);

impl Clone for Scheduler {
    fn clone(&self) -> Self {
        Self::of(self.0.clone())
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.0.remove_user();
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.0.is_global() {
            "global"
        } else if self.0.sim().is_some() {
            "simulated"
        } else if self.0.clock().is_standing() {
            "virtual_time"
        } else {
            "manual"
        };
        f.debug_struct("Scheduler")
            .field("kind", &kind)
            .finish_non_exhaustive()
    }
}

impl Scheduler {
    /// Returns the global scheduler. Its workers start with the first task.
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// let task = Scheduler::global().spawn(async { std::thread::current().name().map(String::from) });
    /// assert!(async_dsl::block_on(task).unwrap().starts_with("async-dsl-worker-"));
    /// ```
    pub fn global() -> Self {
        Self::of(Handle::GLOBAL)
    }

    /// Returns a scheduler that runs tasks only when it is driven, on the driving thread. Its tasks sleep by the real
    /// clock; its random choices are the same each time (see [`Scheduler::seed`]).
    ///
    /// ```
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// scheduler.spawn(async { println!("one turn") });
    /// assert_eq!(scheduler.run_until_parked(), 1);
    /// ```
    pub fn manual() -> Self {
        Self::of(Handle::manual(Clock::real()))
    }

    /// Returns a manual scheduler with a virtual clock, which stands still until [`advance`](Scheduler::advance) moves
    /// it, or [`block_on`](Scheduler::block_on) finds all tasks parked and skips to the next timer. While a `thread!`
    /// closure of one of its tasks runs, or one of them waits for a socket, `block_on` skips no faster than real time.
    ///
    /// Running tasks takes no virtual time, unless they never park: after some hundred thousand operations at one
    /// moment, in tasks that could go on each time, the clock moves to the next timer although not all tasks are
    /// parked. So a time limit around a loop that never parks elapses sometime.
    ///
    /// ```
    /// use async_dsl::{scheduler::Scheduler, time};
    /// use std::time::Duration;
    ///
    /// let scheduler = Scheduler::virtual_time();
    /// let before = scheduler.now();
    /// scheduler.block_on(async { time::sleep(Duration::from_secs(3600)).await }); // takes no real time
    /// assert_eq!(scheduler.now() - before, Duration::from_secs(3600));
    /// ```
    pub fn virtual_time() -> Self {
        Self::of(Handle::manual(Clock::standing()))
    }

    /// Returns a manual scheduler whose every choice follows from a seed: which of the ready tasks runs next, where a
    /// task that could go on is switched away from, what `alt!` takes, and which of two timers of the same time comes
    /// first.
    ///
    /// Its clock is virtual, and skips to the next timer when all tasks are parked, or never park (as that of
    /// [`virtual_time`](Scheduler::virtual_time) does). The same program does the same under the same seed, each time
    /// and on every machine. [`sim::check`](crate::sim::check) tries many seeds.
    ///
    /// It is closed: `thread!` panics on it, and [`block_on`](Scheduler::block_on) panics with a report on a deadlock
    /// (no task can run, and no timer is pending), or when another thread has woken one of its tasks.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// let first = |seed| {
    ///     Scheduler::simulated(seed).block_on(async_block!({
    ///         let arrived = chan();
    ///         for number in 0..8 {
    ///             go!(|arrived| { put!(arrived, number).ok(); });
    ///         }
    ///         take!(arrived)
    ///     }))
    /// };
    /// assert_eq!(first(1), first(1));
    /// assert!((2..20).any(|seed| first(seed) != first(1)));
    /// ```
    pub fn simulated(seed: u64) -> Self {
        Self::simulating(Simulation::new(&Seed::from(seed)))
    }

    pub(crate) fn simulating(sim: Simulation<Runnable>) -> Self {
        Self::of(Handle::simulated(sim))
    }

    pub(super) fn of(handle: Handle) -> Self {
        handle.add_user();
        Self(handle)
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.0
    }

    /// Returns the scheduler for `what` to drive.
    #[track_caller]
    fn driven(&self, what: &str) -> &Handle {
        assert_may_block(what, Location::caller());
        assert!(
            !self.0.is_global(),
            "`{what}` drives a manual scheduler: the global one is driven by its workers"
        );
        &self.0
    }

    /// Calls `f` with this as the current scheduler, on which `go!` starts tasks and whose clock gives the time.
    ///
    /// ```
    /// use async_dsl::{scheduler::Scheduler, time};
    ///
    /// let scheduler = Scheduler::virtual_time();
    /// assert_eq!(scheduler.enter(time::now), scheduler.now());
    /// ```
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let _entered = running::enter(&self.0);
        f()
    }

    /// Starts a task on this scheduler, as `go!` does on the current one. Dropping the returned handle detaches the
    /// task. On a scheduler that is shut down the task is cancelled at once.
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// let task = Scheduler::global().spawn(async { 1 + 1 });
    /// assert_eq!(async_dsl::block_on(task), 2);
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.spawn(future, Location::caller())
    }

    /// Gives each task that is ready at the call one turn, in order, and returns how many there were. The last turn of
    /// a cancelled task, in which it is dropped, counts.
    ///
    /// # Panics
    /// Inside a task, naming both lines; and on the global scheduler.
    ///
    /// ```
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// scheduler.spawn(async { });
    /// scheduler.spawn(async { });
    /// assert_eq!(scheduler.run_once(), 2);
    /// assert_eq!(scheduler.run_once(), 0);
    /// ```
    #[track_caller]
    pub fn run_once(&self) -> usize {
        self.driven("run_once").run_once()
    }

    /// Runs tasks until each one is parked or finished, and returns how many turns that took. It does not return while
    /// a task keeps waking itself.
    ///
    /// # Panics
    /// Inside a task, naming both lines; and on the global scheduler.
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// let scheduler = Scheduler::manual();
    /// scheduler.spawn(async { std::future::pending::<()>().await });
    /// assert_eq!(scheduler.run_until_parked(), 1);
    /// assert_eq!(scheduler.task_count(), 1);
    /// ```
    #[track_caller]
    pub fn run_until_parked(&self) -> usize {
        self.driven("run_until_parked").run_until_parked()
    }

    /// Moves the clock of a [`virtual_time`](Scheduler::virtual_time) scheduler from timer to timer, and runs the tasks
    /// until they are parked, before the first timer and after each. Tasks that never park run for some hundred
    /// thousand operations each time.
    ///
    /// # Panics
    /// Inside a task, naming both lines; and on a scheduler with a real clock.
    ///
    /// ```
    /// use async_dsl::{scheduler::Scheduler, time};
    /// use std::time::Duration;
    ///
    /// let scheduler = Scheduler::virtual_time();
    /// let task = scheduler.spawn(async { time::sleep(Duration::from_secs(2)).await });
    /// scheduler.advance(Duration::from_secs(1));
    /// assert!(!task.is_finished());
    /// scheduler.advance(Duration::from_secs(1));
    /// assert!(task.is_finished());
    /// ```
    #[track_caller]
    pub fn advance(&self, by: Duration) {
        let handle = self.driven("advance");
        assert!(
            handle.clock().is_standing(),
            "`advance` moves the clock of `Scheduler::virtual_time()`: this scheduler goes by the real one"
        );
        handle.advance(by);
    }

    /// Blocks this thread until the future is ready, and returns its output. A manual scheduler runs its tasks on this
    /// thread meanwhile, and waits for timers and sockets when all are parked; on the global one it is
    /// [`block_on`](crate::block_on).
    ///
    /// # Panics
    /// Inside a task, naming both lines; if the future panics; and on a [`simulated`](Scheduler::simulated) scheduler
    /// with a report, on a deadlock.
    ///
    /// ```
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// let task = scheduler.spawn(async { 42 });
    /// assert_eq!(scheduler.block_on(async { task.await + 1 }), 43);
    /// ```
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let at = Location::caller();
        assert_may_block("block_on", at);
        if self.0.is_global() {
            block_on_thread(&Handle::GLOBAL, future, at)
        } else {
            self.0.drive(future, at)
        }
    }

    /// Returns the time by this scheduler's clock.
    ///
    /// ```
    /// let scheduler = async_dsl::scheduler::Scheduler::virtual_time();
    /// assert_eq!(scheduler.now(), scheduler.now());
    /// ```
    pub fn now(&self) -> Instant {
        self.0.clock().now()
    }

    /// Returns how many sleeps wait for this scheduler's clock. One that has elapsed, or was dropped, does not count.
    ///
    /// ```
    /// use async_dsl::{scheduler::Scheduler, time};
    /// use std::time::Duration;
    ///
    /// let scheduler = Scheduler::virtual_time();
    /// scheduler.spawn(async { time::sleep(Duration::from_secs(1)).await });
    /// scheduler.run_until_parked();
    /// assert_eq!(scheduler.pending_timers(), 1);
    /// scheduler.advance(Duration::from_secs(1));
    /// assert_eq!(scheduler.pending_timers(), 0);
    /// ```
    pub fn pending_timers(&self) -> usize {
        self.0.clock().pending()
    }

    /// Returns how many tasks have not ended.
    ///
    /// ```
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// scheduler.spawn(async { });
    /// assert_eq!(scheduler.task_count(), 1);
    /// scheduler.run_once();
    /// assert_eq!(scheduler.task_count(), 0);
    /// ```
    pub fn task_count(&self) -> usize {
        self.0.table.len()
    }

    /// The old name of [`task_count`](Self::task_count).
    #[deprecated(note = "renamed to `task_count`; this name goes away with 0.1")]
    pub fn tasks(&self) -> usize {
        self.task_count()
    }

    /// Returns what this scheduler's tasks are doing, and the channels related to them: those that were made on it, and
    /// those its tasks wait for. See [`inspect`](crate::inspect).
    ///
    /// ```
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// scheduler.spawn(async { });
    /// assert_eq!(scheduler.snapshot().tasks.len(), 1);
    /// ```
    pub fn snapshot(&self) -> inspect::Snapshot {
        inspect::snapshot_of(self.0.clone())
    }

    /// Makes [`block_on`](Scheduler::block_on) panic on a deadlock: every task is parked, and none of them waits for a
    /// timer, socket or `thread!`. The message is a [`Deadlock`](inspect::Deadlock).
    ///
    /// By this the caller states that no other thread acts on what the tasks of this scheduler wait for, which a
    /// scheduler cannot know. Without it a deadlock goes to the hook of [`inspect::on_deadlock`], after a second. It
    /// has no effect on the global scheduler, and a simulated one panics anyway.
    ///
    /// ```should_panic
    /// use async_dsl::prelude::*;
    ///
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// scheduler.panic_on_deadlock();
    /// let orders = chan::<u32>();
    /// scheduler.block_on(async { orders.take().await });
    /// ```
    pub fn panic_on_deadlock(&self) {
        self.0.panic_on_deadlock();
    }

    /// Makes the random choices of a manual scheduler's tasks follow from `seed`, and all further choices of a
    /// simulated one. Without it those of a manual one follow from 0. The global scheduler has no seed: on it this has
    /// no effect.
    ///
    /// ```
    /// async_dsl::scheduler::Scheduler::manual().seed(42);
    /// ```
    pub fn seed(&self, seed: u64) {
        self.0.seed(seed);
    }

    /// Ends the scheduler for good, in order. Tasks started from now on are cancelled at once. Running tasks get
    /// `grace` to finish; those left are then dropped where they are parked, and their outcome is `Cancelled`. A
    /// task that blocks in its own code is not waited for, but reported as [`stuck`](Shutdown::stuck). A second call is
    /// harmless.
    ///
    /// Closures of `thread!` run on: only the tasks that wait for them are cancelled. `grace` is measured by the
    /// scheduler's own clock, so a virtual one moves.
    ///
    /// # Panics
    /// Inside a task, naming both lines.
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    /// use std::time::Duration;
    ///
    /// let scheduler = Scheduler::manual();
    /// scheduler.spawn(async { });
    /// scheduler.spawn(async { std::future::pending::<()>().await });
    /// let ended = scheduler.shutdown(Duration::from_millis(10));
    /// assert_eq!((ended.finished, ended.cancelled), (1, 1));
    /// ```
    #[track_caller]
    pub fn shutdown(&self, grace: Duration) -> Shutdown {
        let at = Location::caller();
        assert_may_block("shutdown", at);
        self.0.shut_down(grace, at)
    }
}

impl Handle {
    fn seed(&self, seed: u64) {
        if let Some(sim) = self.sim() {
            sim.reseed(&Seed::from(seed));
        }
        if let Some(rng) = self.rng() {
            lock(rng).seed(seed);
        }
    }
}
