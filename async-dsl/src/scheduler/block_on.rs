//! Blocking a thread on a future, while the scheduler's own threads run its tasks.

use std::future::Future;
use std::panic::Location;
use std::task::Poll;

use crate::runtime::block;
use crate::runtime::blocked::Blocked;
use crate::runtime::budget::{self, PER_POLL};
use crate::runtime::handle::Handle;
use crate::runtime::note::Ticking;
use crate::runtime::place::Line;
use crate::runtime::running::{self, assert_may_block};
use crate::runtime::worker::RUNS_PER_LOOK;

/// Blocks this thread until the future is ready, and returns its output.
///
/// Tasks that it starts run on the global scheduler; inside [`Scheduler::enter`](super::Scheduler::enter) of a manual
/// scheduler it is that one's `block_on`. Meanwhile this thread also waits for timers and sockets. Like a task, the
/// future has a budget: one whose operations are always ready lets timers and sockets have their turn, so that a time
/// limit in it also ends a loop that never parks.
///
/// # Panics
/// Inside a task, naming both lines; if the future panics; and if it would park in a process that was
/// [forked](crate::scheduler) after the global scheduler had started.
///
/// ```
/// assert_eq!(async_dsl::block_on(async { 6 * 7 }), 42);
/// ```
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let at = Location::caller();
    assert_may_block("block_on", at);
    let scheduler = running::current();
    // A closure of `thread!` has the scheduler of its task, but does not drive it.
    if scheduler.is_global() || running::in_thread_closure() {
        block_on_thread(scheduler, future, at)
    } else {
        scheduler.drive(future, at)
    }
}

pub(super) fn block_on_thread<F: Future>(scheduler: Handle, future: F, at: Line) -> F::Output {
    let _entered = running::enter(scheduler);
    let mut future = std::pin::pin!(future);
    let blocked = Blocked::new(at, None);
    let _ticking = Ticking::start(); // without a tick, because it polls seldom
    block::in_reactor(std::future::poll_fn(|cx| {
        // Return to the reactor only after as many polls as a worker does.
        for _ in 0..RUNS_PER_LOOK {
            let _scope = blocked.begin_poll(PER_POLL);
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(output);
            }
            if !budget::was_stopped() {
                break;
            }
        }
        blocked.parked();
        blocked.waits();
        Poll::Pending
    }))
}
