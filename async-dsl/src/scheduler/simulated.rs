//! Driving a simulated scheduler: one choice after the other, until the future is ready or no task can run.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::inspect;
use crate::runtime::blocked::Blocked;
use crate::runtime::handle::{Handle, Runnable};
use crate::runtime::note::{self, Ticking, Traced};
use crate::runtime::place::Line;
use crate::runtime::running::{self, USED_UP};
use crate::runtime::schedule::{self, Simulation};
use crate::runtime::turn;

/// Why a simulated run cannot go on.
#[derive(Debug)]
pub(crate) struct Stuck {
    pub(crate) why: Why,
    /// The live tasks.
    pub(crate) report: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    /// No task is ready, and no timer is pending.
    Deadlock,
    /// It did not end within this many steps.
    Endless(u64),
    /// Another thread woke this task.
    Foreign(Line),
    /// All tasks that are ready look at what nobody changes any more.
    Spins,
    /// All that can follow was tried before: no failure.
    Redundant,
    /// It did something else than under the same schedule before.
    Astray,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadlock => f.write_str("deadlock: nothing can run, and no timer is waited for"),
            Self::Endless(steps) => {
                write!(f, "not done after {steps} steps: does it run for ever?")
            }
            Self::Spins => f.write_str(
                "it runs for ever: every task that is ready looks, and yields, and nobody changes what it looks at",
            ),
            Self::Redundant => f.write_str("what follows was tried before"),
            Self::Astray => f.write_str(
                "it did something else than under the same schedule before: by a clock, a random source, a thread or memory \
                 that outlives a run",
            ),
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

/// Returns the ready tasks to the queue when the driving ends, also by a panic.
struct Driving<'a>(&'a Handle, &'a Simulation<Runnable>);

impl Drop for Driving<'_> {
    fn drop(&mut self) {
        for runnable in self.1.leave() {
            self.0.queue.push(runnable);
        }
    }
}

impl Handle {
    /// Runs the tasks and the future in the order of the schedule, until the future is ready.
    pub(crate) fn simulate<F: Future>(
        &self,
        sim: &Simulation<Runnable>,
        max_steps: u64,
        future: F,
        at: Line,
    ) -> Result<F::Output, Stuck> {
        let _entered = running::enter(self);
        let mut future = pin!(future);
        let waker = Waker::from(Arc::new(Main(self.clone())));
        sim.drive(Some(at));
        let _driving = (Driving(self, sim), Traced::new());
        let blocked = Blocked::new(at, Some(self));
        let ticking = Ticking::start();
        let last_step = sim.steps().saturating_add(max_steps);
        sim.wake_main();
        let mut done = None;
        loop {
            ticking.tick(|| self.clock().now());
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
                Some(schedule::Next::Main) => {
                    let polled = {
                        let _scope = blocked.begin_poll(USED_UP);
                        future.as_mut().poll(&mut Context::from_waker(&waker))
                    };
                    if let Poll::Ready(output) = polled {
                        sim.finished(false);
                        sim.end_turn(None);
                        if !sim.explores() {
                            return Ok(output);
                        }
                        // To drop the others now would depend on every step of theirs.
                        sim.main_is_done();
                        done = Some(output);
                        continue;
                    }
                    blocked.parked();
                    sim.end_turn(note::noted());
                }
                Some(schedule::Next::Task(runnable)) => {
                    turn::run(runnable, &self.slots[0], USED_UP);
                    sim.end_turn(note::noted());
                }
                None if sim.is_cut() => {
                    let why = if sim.is_astray() {
                        Why::Astray
                    } else {
                        Why::Redundant
                    };
                    return Err(Stuck {
                        why,
                        report: String::new(),
                    });
                }
                None => {
                    if let Some(output) = done {
                        return Ok(output);
                    }
                    if self.skip(sim) {
                        sim.all_parked();
                    } else if !sim.look_again() {
                        let why = if sim.spins() {
                            Why::Spins
                        } else {
                            Why::Deadlock
                        };
                        return Err(self.stuck(why));
                    }
                }
            }
        }
    }

    /// Gives each task that is ready one turn, in the order of the schedule.
    pub(super) fn run_simulated(&self, sim: &Simulation<Runnable>, most: usize) -> usize {
        sim.drive(None);
        let _driving = (Driving(self, sim), Traced::new());
        self.gather(sim);
        let most = sim.ready().min(most);
        for left in (1..=most).rev() {
            match sim.next(left) {
                Some(schedule::Next::Task(runnable)) => {
                    turn::run(runnable, &self.slots[0], USED_UP);
                }
                Some(schedule::Next::Main) | None => {}
            }
            sim.end_turn(note::noted());
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

    /// Moves the clock to the next timer, if there is one. Returns whether there was.
    fn skip(&self, sim: &Simulation<Runnable>) -> bool {
        let Some(end) = self.clock().next_end() else {
            return false;
        };
        self.clock().move_to(end);
        sim.moved_on(self.clock().elapsed());
        true
    }

    fn stuck(&self, why: Why) -> Stuck {
        Stuck {
            why,
            report: match why {
                Why::Deadlock => inspect::waiting(self),
                _ => self.dump(),
            },
        }
    }

    /// Returns the live tasks, and where they are parked.
    pub(crate) fn dump(&self) -> String {
        let snapshot = inspect::snapshot_of(self.clone());
        if snapshot.tasks.is_empty() && snapshot.blocked.is_empty() {
            return String::new();
        }
        format!("{snapshot:#140}").trim_end().to_owned()
    }
}
