//! Blocking a thread on a future, while the scheduler's own threads run its tasks, and this one those that it talks to.

use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::root::Root;
use crate::runtime::blocked::Blocked;
use crate::runtime::budget::PER_POLL;
use crate::runtime::handle::{Handle, Runnable};
use crate::runtime::note::Ticking;
use crate::runtime::place::Line;
use crate::runtime::queue::{Guest, Local, Next};
use crate::runtime::running::{self, assert_may_block};
use crate::runtime::slot::Slot;
use crate::runtime::sync::atomic::Ordering;
use crate::runtime::worker::RUNS_PER_LOOK;
use crate::runtime::{block, tick, turn};

/// Blocks this thread until the future is ready, and returns its output.
///
/// Tasks that it starts run on the global scheduler; inside [`Scheduler::enter`](super::Scheduler::enter) of a manual
/// scheduler it is that one's `block_on`. Meanwhile this thread also waits for timers and sockets. Like a task, the
/// future has a budget: one whose operations are always ready lets timers and sockets have their turn, so that a time
/// limit in it also ends a loop that never parks.
///
/// On the global scheduler this thread works while it waits: it runs the tasks that its future has woken, and, while the
/// future waits for a task, those that it has started. So a task that the future talks to needs no other thread to be woken,
/// which takes far longer than a turn does. A turn that takes long keeps the future waiting, as it does any task of its worker;
/// code that computes for long or blocks belongs in [`thread!`](crate::thread!). Tasks that were started and are not waited for
/// begin on the workers.
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
        block_on_thread(&scheduler, future, at)
    } else {
        scheduler.drive(future, at)
    }
}

pub(super) fn block_on_thread<F: Future>(scheduler: &Handle, future: F, at: Line) -> F::Output {
    let _entered = running::enter(scheduler);
    let mut future = pin!(future);
    let blocked = Blocked::new(at, None);
    let ticking = Ticking::start();
    let mut root = None;
    let mut works: Option<Works<'_>> = None;
    block::in_reactor(poll_fn(|cx| {
        let root = root.get_or_insert_with(|| Root::new(cx.waker().clone()));
        if let Some(works) = &mut works {
            works.guest.sleeps(false);
            works.slot.round();
            tick::stir();
            ticking.set(tick::coarse);
        }
        // Return to the reactor only after as many polls as a worker does.
        for _ in 0..RUNS_PER_LOOK {
            if root.woken.swap(false, Ordering::AcqRel) {
                let _ = running::has_joined();
                let scope = blocked.begin_poll(PER_POLL);
                let waker = Waker::from(Arc::clone(root));
                if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker))
                {
                    return Poll::Ready(output);
                }
                drop(scope);
                blocked.parked();
                blocked.waits();
                if works.is_none() {
                    works = Works::begin(scheduler);
                }
                if let Some(works) = &mut works {
                    works.joins = running::has_joined();
                }
                continue;
            }
            let Some(works) = &mut works else {
                return Poll::Pending;
            };
            if let Next::Run(runnable) = works.guest.next(works.joins) {
                turn::run(runnable, works.slot, PER_POLL);
            } else {
                works.guest.sleeps(true);
                tick::stir();
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }))
}

/// This thread works for its scheduler while it waits.
struct Works<'a> {
    /// Dropped first: then the guest alone has its part.
    _lent: running::Lending<Rc<Local<Runnable>>>,
    guest: Guest<'a, Runnable>,
    slot: &'a Slot,
    /// The future waits for a task, so it does not wait longer if this thread starts one that takes long.
    joins: bool,
}

impl<'a> Works<'a> {
    /// `None` if it does not work: on another scheduler than the global one, in the closure of a `thread!`, and if many
    /// threads do already.
    fn begin(scheduler: &'a Handle) -> Option<Self> {
        if running::in_thread_closure() {
            return None;
        }
        let guest = scheduler.guest()?;
        let local = guest.local();
        let slot = &scheduler.slots[local.as_ref()?.index() + 1];
        Some(Self {
            _lent: running::lend_local(local),
            guest,
            slot,
            joins: false,
        })
    }
}
