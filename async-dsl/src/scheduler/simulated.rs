//! Driving a simulated scheduler: one choice after the other, until all is done or nothing can go on.

use std::fmt;
use std::future::Future;
use std::iter;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use super::budget::USED_UP;
use super::context::{self, Current, Line, PollScope, Polling};
use super::handle::{self, Handle};
use super::queue;
use crate::inspect::{self, At, Blocked, Ticking, Traced};
use crate::sim::{self, Simulation};
use crate::task::TaskPanic;

/// Why a simulated run cannot go on.
#[derive(Debug)]
pub(crate) struct Stuck {
    pub(crate) why: Why,
    /// The live tasks.
    pub(crate) report: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    /// Nothing is ready, and no timer is waited for.
    Deadlock,
    /// It did not end within this many steps.
    Endless(u64),
    /// Another thread woke this task.
    Foreign(Line),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadlock => f.write_str("deadlock: nothing can run, and no timer is waited for"),
            Self::Endless(steps) => {
                write!(f, "not done after {steps} steps: does it run for ever?")
            }
            Self::Foreign(line) => write!(
                f,
                "another thread woke the task started at {line}: a thread or a socket keeps to no schedule, so that this \
                 cannot be simulated"
            ),
        }
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.why, self.report)
    }
}

/// The waker of the future given to `block_on`.
struct Main(Handle);

impl Wake for Main {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(sim) = self.0.sim() {
            sim.wake_main();
        }
    }
}

/// Gives back what was ready when the driving ends, be it by a panic.
struct Driving<'a>(&'a Handle, &'a Simulation);

impl Drop for Driving<'_> {
    fn drop(&mut self) {
        for runnable in self.1.leave() {
            if self.0.queue.push(runnable) {
                self.0.drop_ready();
            }
        }
    }
}

impl Handle {
    /// Runs the tasks and the future as the schedule says, until the future is ready.
    pub(crate) fn simulate<F: Future>(
        &self,
        sim: &Simulation,
        max_steps: u64,
        future: F,
        at: Line,
    ) -> Result<F::Output, Stuck> {
        let _entered = context::enter(self.clone());
        let mut future = pin!(future);
        let waker = Waker::from(Arc::new(Main(self.clone())));
        sim.drive(Some(at));
        let _driving = (Driving(self, sim), Traced::new());
        let blocked = Blocked::new(at, Some(self));
        let ticking = Ticking::start();
        let last_step = sim.steps().saturating_add(max_steps);
        sim.wake_main();
        loop {
            ticking.tick(|| self.clock.now());
            self.gather(sim);
            if let Some(line) = sim.foreign() {
                return Err(self.stuck(Why::Foreign(line)));
            }
            if sim.steps() > last_step {
                return Err(self.stuck(Why::Endless(max_steps)));
            }
            if sim.is_busy() && self.skip(sim) {
                continue;
            }
            match sim.next(usize::MAX) {
                Some(sim::Next::Main) => {
                    let polled = {
                        let _scope = PollScope::new(Polling::BlockOn(at), USED_UP);
                        blocked.begin_poll();
                        future.as_mut().poll(&mut Context::from_waker(&waker))
                    };
                    if let Poll::Ready(output) = polled {
                        sim.finished(false);
                        sim.end_turn(None);
                        return Ok(output);
                    }
                    blocked.parked();
                    sim.end_turn(inspect::noted());
                }
                Some(sim::Next::Task(runnable)) => {
                    handle::run(runnable, &self.slots[0], USED_UP);
                    sim.end_turn(inspect::noted());
                }
                None if self.skip(sim) => sim.all_parked(),
                None => return Err(self.stuck(Why::Deadlock)),
            }
        }
    }

    /// Gives each task that is ready one turn, in the order of the schedule.
    pub(super) fn run_simulated(&self, sim: &Simulation, most: usize) -> usize {
        sim.drive(None);
        let _driving = (Driving(self, sim), Traced::new());
        self.gather(sim);
        let most = sim.ready().min(most);
        for left in (1..=most).rev() {
            match sim.next(left) {
                Some(sim::Next::Task(runnable)) => {
                    handle::run(runnable, &self.slots[0], USED_UP);
                }
                Some(sim::Next::Main) | None => {}
            }
            sim.end_turn(inspect::noted());
            self.gather(sim);
        }
        if most == 0 {
            sim.all_parked();
            if self.queue.is_stopped() {
                self.cancel_all();
            }
        }
        most
    }

    /// Hands what was woken from the queue to the simulation.
    fn gather(&self, sim: &Simulation) {
        sim.gather(iter::from_fn(|| match self.queue.pop() {
            queue::Next::Run(runnable) => Some(runnable),
            queue::Next::Empty | queue::Next::Stopped => None,
        }));
    }

    /// Moves the clock to the next timer, if there is one.
    fn skip(&self, sim: &Simulation) -> bool {
        let Some(end) = self.clock.next_end() else {
            return false;
        };
        self.clock.move_to(end);
        sim.moved_on(self.clock.elapsed());
        true
    }

    fn stuck(&self, why: Why) -> Stuck {
        Stuck {
            why,
            report: match why {
                Why::Deadlock => inspect::waiting(self),
                Why::Endless(_) | Why::Foreign(_) => self.dump(),
            },
        }
    }

    /// What is alive, and where it is parked.
    pub(crate) fn dump(&self) -> String {
        let snapshot = inspect::snapshot_of(self.clone());
        if snapshot.tasks.is_empty() && snapshot.blocked.is_empty() {
            return String::new();
        }
        format!("{snapshot:#140}").trim_end().to_owned()
    }
}

/// Calls `f` if this thread drives a simulated scheduler; else gives `otherwise`.
fn with_sim<R>(otherwise: R, f: impl FnOnce(&Handle, &Simulation) -> R) -> R {
    match context::current() {
        Current::In(handle) => match handle.sim() {
            Some(sim) => f(&handle, sim),
            None => otherwise,
        },
        Current::Outside => otherwise,
    }
}

/// Whether the schedule lets the polled task do one more operation.
pub(super) fn may_proceed(at: At) -> bool {
    with_sim(false, |handle, sim| {
        handle.gather(sim);
        sim.may_proceed(inspect::or_word(at))
    })
}

/// The same, asked before the operation itself does.
pub(super) fn may_begin() -> bool {
    with_sim(false, |handle, sim| {
        handle.gather(sim);
        sim.may_begin()
    })
}

/// Whether the polled task has words left in its turn.
pub(super) fn has_left() -> bool {
    with_sim(false, |_, sim| sim.has_left())
}

/// The polled task has done something that is no word but counts as one.
pub(super) fn spend() {
    with_sim((), |_, sim| sim.spend());
}

/// How many words the polled task has done in its turn, if a schedule is simulated.
pub(super) fn used() -> Option<u32> {
    with_sim(None, |_, sim| Some(sim.used()))
}

/// Whether the polled task may do no more in its turn, if a schedule is simulated.
pub(super) fn was_stopped() -> Option<bool> {
    with_sim(None, |_, sim| Some(sim.was_stopped()))
}

/// Keeps a panic that nobody awaited, if this thread drives a simulated scheduler that does so.
pub(crate) fn keep_panic(panic: &TaskPanic) -> bool {
    with_sim(false, |_, sim| {
        sim.keep_panic(panic.message(), panic.started_at())
    })
}

/// The polled task lets the others run: a simulated schedule must let it.
pub(crate) fn yields() {
    if context::budget() == USED_UP {
        with_sim((), |_, sim| sim.yields(inspect::or_word(At::Unknown)));
    }
}
