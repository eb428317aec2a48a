//! What is asked of the schedule while a task of a simulated scheduler is polled.

use std::iter;

use super::handle::{Handle, Runnable};
use super::note;
use super::place::{At, Line};
use super::queue::Next;
use super::running::{self, USED_UP};
use super::schedule::Simulation;

impl Handle {
    /// Hands what was woken from the queue to the simulation.
    pub(crate) fn gather(&self, sim: &Simulation<Runnable>) {
        sim.gather(iter::from_fn(|| match self.queue.pop() {
            Next::Run(runnable) => Some(runnable),
            Next::Empty | Next::Stopped => None,
        }));
    }
}

/// Returns what `f` returns if this thread drives a simulated scheduler; else `otherwise`.
fn with_sim<R>(otherwise: R, f: impl FnOnce(&Handle, &Simulation<Runnable>) -> R) -> R {
    let Some(handle) = running::entered() else {
        return otherwise;
    };
    match handle.sim() {
        Some(sim) => f(&handle, sim),
        None => otherwise,
    }
}

/// Whether the schedule lets the polled task do one more operation.
pub(crate) fn may_proceed(at: At) -> bool {
    with_sim(false, |handle, sim| {
        handle.gather(sim);
        sim.may_proceed(note::or_word(at))
    })
}

/// The same, asked before the operation itself does.
pub(crate) fn may_begin() -> bool {
    with_sim(false, |handle, sim| {
        handle.gather(sim);
        sim.may_begin()
    })
}

/// Whether the polled task has words left in its turn.
pub(crate) fn has_left() -> bool {
    with_sim(false, |_, sim| sim.has_left())
}

/// The polled task has done something that is no word but counts as one.
pub(crate) fn spend() {
    with_sim((), |_, sim| sim.spend());
}

/// How many words the polled task has done in its turn, if a schedule is simulated.
pub(crate) fn used() -> Option<u32> {
    with_sim(None, |_, sim| Some(sim.used()))
}

/// Whether the polled task may do no more in its turn, if a schedule is simulated.
pub(crate) fn was_stopped() -> Option<bool> {
    with_sim(None, |_, sim| Some(sim.was_stopped()))
}

/// Keeps the panic of a task that is not awaited, if this thread drives a simulated scheduler that does so.
pub(crate) fn keep_panic(message: &str, started_at: Line) -> bool {
    with_sim(false, |_, sim| sim.keep_panic(message, started_at))
}

/// The polled task lets the others run: a simulated schedule must let it.
pub(crate) fn yields() {
    if running::budget() == USED_UP {
        with_sim((), |_, sim| sim.yields(note::or_word(At::UNKNOWN)));
    }
}
