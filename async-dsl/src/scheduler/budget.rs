//! The cooperative budget: a task that never finds an operation unready still lets the others run.
//!
//! On a simulated scheduler a task has no budget of its own: the schedule says at every operation whether it may go on.

use std::task::{Context, Poll};

use super::context::{self, UNLIMITED};
use super::simulated;
use crate::inspect::{self, At};

/// Operations a task may complete in one poll.
pub(super) const PER_POLL: u32 = 128;

/// No budget: used up, or on a simulated scheduler, where the schedule is asked.
pub(super) const USED_UP: u32 = 0;

/// Asks for one unit of the polled task's budget. `Pending` means that the budget is used up and that the
/// waker was already woken: return `Pending` and do nothing else.
pub(crate) fn poll_proceed(cx: &mut Context<'_>) -> Poll<()> {
    poll_proceed_at(cx, || At::Unknown)
}

/// The same for an operation that knows its place.
pub(crate) fn poll_proceed_at(cx: &mut Context<'_>, at: impl FnOnce() -> At) -> Poll<()> {
    match context::budget() {
        UNLIMITED => Poll::Ready(()),
        USED_UP => poll_used_up(cx, at()),
        left => {
            context::set_budget(left - 1);
            Poll::Ready(())
        }
    }
}

#[cold]
fn poll_used_up(cx: &mut Context<'_>, at: At) -> Poll<()> {
    if simulated::may_proceed(at) {
        return Poll::Ready(());
    }
    cx.waker().wake_by_ref();
    inspect::still();
    Poll::Pending
}

/// Whether the next [`poll_proceed`] of this poll says `Pending`.
pub(crate) fn is_used_up() -> bool {
    context::budget() == USED_UP && !simulated::may_begin()
}

/// Whether a simulated schedule stopped this poll, though there is time left: nothing may be concluded from what is not
/// ready.
pub(crate) fn was_switched() -> bool {
    context::budget() == USED_UP && simulated::was_switched()
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
    fn there_is_no_budget_outside_tasks() {
        crate::block_on(async {
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
