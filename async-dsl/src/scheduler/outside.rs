//! What crates that bring channels of their own need of a scheduler.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::Scheduler;
use crate::runtime::handle::Handle;
use crate::runtime::running;

impl Scheduler {
    /// Returns the scheduler of the running task, or the one that this thread has [entered](Self::enter) or drives; else the
    /// [`global`](Self::global) one. `go!` starts tasks on it.
    ///
    /// For crates that start tasks of their own later, on other threads. A task that keeps a handle to its own scheduler keeps that
    /// alive: see [`Scheduler`].
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// let manual = Scheduler::manual();
    /// let task = manual.block_on(async {
    ///     let here = Scheduler::current();
    ///     here.spawn(async { 42 })
    /// });
    /// assert_eq!(manual.block_on(task), 42);
    /// ```
    pub fn current() -> Self {
        Self::of(running::current())
    }

    /// Returns whether every choice follows from a seed: of [`Scheduler::simulated`], and in [`sim::check`](crate::sim::check) and
    /// `#[async_dsl::test]`. There a crate does without threads and sockets, and simulates what is behind them.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// assert!(!Scheduler::manual().is_simulated());
    /// assert!(Scheduler::simulated(7).block_on(async { Scheduler::current().is_simulated() }));
    /// ```
    pub fn is_simulated(&self) -> bool {
        self.handle().sim().is_some()
    }

    /// Draws a number in `0..bound` from this scheduler's random source. On a simulated one it is a choice of the schedule:
    /// it follows from the seed, a trace has it, and a failing schedule is shrunk towards draws of 0. So let 0 be what is simple:
    /// no delay, no fault. A manual one draws the same each time (see [`seed`](Self::seed)).
    ///
    /// # Panics
    ///
    /// If `bound` is 0.
    ///
    /// # Examples
    ///
    /// A fault in one of twenty:
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    ///
    /// let is_lost = || Scheduler::current().random_below(20) == 19;
    /// let losses = |seed| {
    ///     let lost = async { (0..100).filter(|_| is_lost()).count() };
    ///     Scheduler::simulated(seed).block_on(lost)
    /// };
    /// assert_eq!(losses(1), losses(1));
    /// ```
    #[track_caller]
    pub fn random_below(&self, bound: usize) -> usize {
        assert!(bound > 0, "`random_below(0)`: there is no such number");
        self.handle().random_below(bound)
    }

    /// Returns the state of type `T` that belongs to this simulation, made by the first call: the servers of a simulated network,
    /// say, which all tasks of a simulation share and no other one sees. `None` if the scheduler is not simulated.
    ///
    /// It is dropped with the scheduler; so it must hold no handle to that. Take a type of your own, which nobody else asks for.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::scheduler::Scheduler;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// #[derive(Default)]
    /// struct Tickets(AtomicU32);
    ///
    /// let draw = |scheduler: &Scheduler| {
    ///     let tickets = scheduler.simulated_state::<Tickets>();
    ///     tickets.map(|tickets| tickets.0.fetch_add(1, Ordering::Relaxed))
    /// };
    /// let (one, other) = (Scheduler::simulated(1), Scheduler::simulated(1));
    /// assert_eq!((draw(&one), draw(&one), draw(&other)), (Some(0), Some(1), Some(0)));
    /// assert_eq!(draw(&Scheduler::global()), None);
    /// ```
    pub fn simulated_state<T: Default + Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.handle()
            .sim()
            .map(crate::runtime::schedule::Simulation::beside)
    }

    /// Says that something outside of this scheduler may wake one of its tasks, as long as the guard lives: a thread of the caller's
    /// own, or a device. Meanwhile no deadlock is reported, by a hook or a panic, and a virtual clock moves no faster than the real
    /// one. Hold it only as long as a task waits for that.
    ///
    /// Sockets of [`net`](crate::net) and closures of `thread!` say so themselves. A simulated scheduler is closed: what comes from
    /// outside fails it all the same. A thing that is listed in dumps says it with
    /// [`Row::woken_from_outside`](crate::inspect::Row::woken_from_outside), for those only who wait for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::scheduler::Scheduler;
    /// use std::thread;
    ///
    /// let scheduler = Scheduler::manual();
    /// scheduler.panic_on_deadlock();
    /// let (putter, answers) = chan::fixed(1).split();
    /// let asked = thread::spawn(move || putter.put_blocking(42));
    /// let answer = scheduler.block_on(async {
    ///     let _outside = Scheduler::current().expect_outside();
    ///     answers.take().await
    /// });
    /// assert_eq!(answer, Some(42));
    /// asked.join().unwrap().unwrap();
    /// ```
    pub fn expect_outside(&self) -> Outside {
        self.handle().expect();
        Outside(self.handle().clone())
    }
}

/// Something outside of a scheduler may wake one of its tasks, until this is dropped. Made by [`Scheduler::expect_outside`].
#[must_use = "it says so only until it is dropped"]
pub struct Outside(Handle);

impl Drop for Outside {
    fn drop(&mut self) {
        self.0.expect_no_more();
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").finish_non_exhaustive()
    }
}
