//! The cooperative budget: what is polled and never finds an operation unready still lets the others run, be it a task or
//! the future given to a `block_on`.
//!
//! On a simulated scheduler a task has no budget here: the schedule says at every operation whether it may go on, and does
//! not let more of them be done in one turn than the budget would.

use std::task::{Context, Poll};

use super::explore::Go;
use super::place::At;
use super::running::{self, UNLIMITED, USED_UP};
use super::{note, simulated};

/// Operations that may be completed in one poll.
pub(crate) const PER_POLL: u32 = 128;

/// Asks for one unit of the polled task's budget. `Pending` means that the budget is used up and that the
/// waker was already woken: return `Pending` and do nothing else.
pub(crate) fn poll_proceed(cx: &mut Context<'_>) -> Poll<()> {
    poll_proceed_at(cx, || At::UNKNOWN)
}

/// The same for an operation that knows its place.
#[inline]
pub(crate) fn poll_proceed_at(cx: &mut Context<'_>, at: impl FnOnce() -> At) -> Poll<()> {
    if take_one() {
        Poll::Ready(())
    } else {
        poll_used_up(cx, at())
    }
}

/// Takes one unit, if one is left.
#[inline]
fn take_one() -> bool {
    running::with(|here| match here.budget.get() {
        USED_UP => false,
        UNLIMITED => true,
        left => {
            here.budget.set(left - 1);
            true
        }
    })
}

/// The same for an operation that can keep its result until the next turn, and knows whether it has begun in an earlier one.
#[inline]
pub(crate) fn poll_begin(
    cx: &mut Context<'_>,
    at: impl FnOnce() -> At,
    has_begun: impl FnOnce() -> bool,
) -> Poll<Go> {
    if take_one() {
        Poll::Ready(Go::Free)
    } else {
        poll_scheduled(cx, at(), Some(has_begun()))
    }
}

/// The same for one that does not know it.
#[inline]
pub(crate) fn poll_go(cx: &mut Context<'_>) -> Poll<Go> {
    if take_one() {
        Poll::Ready(Go::Free)
    } else {
        poll_scheduled(cx, At::UNKNOWN, None)
    }
}

#[cold]
fn poll_used_up(cx: &mut Context<'_>, at: At) -> Poll<()> {
    poll_scheduled(cx, at, None).map(drop)
}

#[cold]
fn poll_scheduled(cx: &mut Context<'_>, at: At, has_begun: Option<bool>) -> Poll<Go> {
    if let Some(go) = simulated::may_proceed(at, has_begun) {
        return Poll::Ready(go);
    }
    cx.waker().wake_by_ref();
    note::still();
    Poll::Pending
}

/// Whether the next [`poll_proceed`] of this poll says `Pending`.
pub(crate) fn is_used_up() -> bool {
    running::budget() == USED_UP && !simulated::may_begin()
}

/// For what consists of other operations, or of none, and is to be no place at which a simulated schedule may switch:
/// `Pending`, with the waker woken, if the budget is used up. It is [spent](spend) when the whole is done.
pub(crate) fn poll_left(cx: &mut Context<'_>) -> Poll<()> {
    if running::budget() != USED_UP || simulated::has_left() {
        return Poll::Ready(());
    }
    cx.waker().wake_by_ref();
    note::still();
    Poll::Pending
}

/// Spends one unit, if there is one.
pub(crate) fn spend() {
    if !take_one() {
        simulated::spend();
    }
}

/// Operations that this poll has done so far.
pub(crate) fn used() -> u32 {
    match running::budget() {
        UNLIMITED => 0,
        USED_UP => simulated::used().unwrap_or(PER_POLL),
        left => PER_POLL - left,
    }
}

/// Whether what was polled may have said that it is not ready only because it was not allowed to go on: the budget is used
/// up, or a simulated schedule has switched.
pub(crate) fn was_stopped() -> bool {
    running::budget() == USED_UP && simulated::was_stopped().unwrap_or(true)
}

/// Whether whatever said so has woken the waker. Not sure of a budget that was used up to the last unit, and no further.
pub(crate) fn surely_woken() -> bool {
    simulated::was_stopped().is_some()
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::scheduler::Scheduler;

    #[test]
    fn a_task_that_never_parks_yields() {
        let scheduler = Scheduler::manual();
        let done = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&done);
        scheduler.spawn(async move {
            for _ in 0..1000 {
                poll_fn(poll_proceed).await;
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        for turn in 1..=7 {
            assert_eq!(scheduler.run_once(), 1);
            assert_eq!(done.load(Ordering::Relaxed), turn * PER_POLL);
        }
        assert_eq!(scheduler.run_until_parked(), 1);
        assert_eq!(done.load(Ordering::Relaxed), 1000);
    }

    #[test]
    fn there_is_no_budget_on_another_executor() {
        futures_lite::future::block_on(async {
            for _ in 0..1000 {
                let proceeds = poll_fn(|cx| Poll::Ready(poll_proceed(cx).is_ready())).await;
                assert!(proceeds);
            }
        });
    }

    #[test]
    fn a_driven_future_does_not_starve_tasks() {
        let scheduler = Scheduler::manual();
        let done = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&done);
        scheduler.spawn(async move {
            counter.store(1, Ordering::Relaxed);
        });
        scheduler.block_on(async {
            while done.load(Ordering::Relaxed) == 0 {
                poll_fn(poll_proceed).await;
            }
        });
    }
}
