//! What is asked of the schedule while a task of a simulated scheduler is polled.

use std::iter;
use std::task::Context;

use super::explore::{Explorer, Go};
use super::handle::{Handle, Runnable};
use super::id::TaskId;
use super::note;
use super::place::{At, Line};
use super::queue::Next;
use super::running::{self, USED_UP};
use super::schedule::{Peek, Simulation};

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

/// Whether the schedule lets the polled task do one more operation, and how. `has_begun` is whether that was begun in an earlier
/// turn, if it knows.
pub(crate) fn may_proceed(at: At, has_begun: Option<bool>) -> Option<Go> {
    with_sim(None, |handle, sim| {
        handle.gather(sim);
        sim.may_proceed(note::or_word(at), has_begun)
    })
}

/// Calls `f`, which must not run foreign code, with the explorer of every schedule and the number of the task that runs, if this
/// thread has one.
pub(crate) fn with_explorer<R>(f: impl FnOnce(&mut Explorer, u32) -> R) -> Option<R> {
    with_sim(None, |_, sim| sim.with_explorer(f))
}

/// The same with the number of another task.
pub(crate) fn with_task<R>(id: TaskId, f: impl FnOnce(&mut Explorer, u32) -> R) -> Option<R> {
    with_sim(None, |_, sim| sim.with_task(id, f))
}

/// The operation under way was ready, and keeps its result until the next turn of its task, which is woken.
#[cold]
pub(crate) fn defer(cx: &Context<'_>) {
    cx.waker().wake_by_ref();
    with_sim((), |_, sim| sim.defers());
    note::still();
}

/// Whether this thread explores every schedule.
#[inline]
pub(crate) fn explores() -> bool {
    running::budget() == USED_UP && with_explorer(|_, _| ()).is_some()
}

/// Polls an arm of an `alt!` to see whether it is ready. Returns what it said, if it can be asked: then it kept its output.
pub(crate) fn peek<R>(poll: impl FnOnce() -> R) -> (R, Peek) {
    with_sim(Peek::No, |_, sim| sim.peek(Peek::Asks));
    let polled = poll();
    (polled, with_sim(Peek::No, |_, sim| sim.peek(Peek::No)))
}

/// To be called by what can be an arm of an `alt!`, when it has found whether it is ready. Returns whether it was only asked
/// that, and is to keep its output.
#[inline]
pub(crate) fn is_asked(is_ready: bool) -> bool {
    running::budget() == USED_UP && says(is_ready)
}

#[cold]
fn says(is_ready: bool) -> bool {
    with_sim(false, |_, sim| {
        let asks = sim.peek(Peek::No) != Peek::No;
        if asks {
            sim.peek(if is_ready { Peek::Ready } else { Peek::Pending });
        }
        asks && is_ready
    })
}

/// The current step is the begin of an operation, and nothing else; or it is not.
pub(crate) fn begins(does: bool) {
    if running::budget() != USED_UP {
        return;
    }
    with_explorer(|explorer, _| explorer.begins(does));
}

/// One of these numbers, each of them in turn, where every schedule is explored.
pub(crate) fn branch(among: &[usize]) -> usize {
    with_sim(0, |_, sim| sim.branch(among))
}

/// An operation begins to poll others of which it consists, or has ended that.
pub(crate) fn inside(is_inside: bool) {
    with_sim((), |_, sim| sim.inside(is_inside));
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
