//! The cooperative budget: a task that never finds an operation unready still lets the others run.

use std::task::{Context, Poll};

use super::context::{self, UNLIMITED};

/// Operations a task may complete in one poll.
pub(super) const PER_POLL: u32 = 128;

/// Asks for one unit of the polled task's budget. `Pending` means that the budget is used up and that the
/// waker was already woken: return `Pending` and do nothing else.
pub(crate) fn poll_proceed(cx: &mut Context<'_>) -> Poll<()> {
    match context::budget() {
        UNLIMITED => Poll::Ready(()),
        0 => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        left => {
            context::set_budget(left - 1);
            Poll::Ready(())
        }
    }
}

/// Whether the next [`poll_proceed`] of this poll says `Pending`.
pub(crate) fn is_used_up() -> bool {
    context::budget() == 0
}
