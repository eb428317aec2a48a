//! An orderly end.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::runtime::block;
use crate::runtime::forked::assert_not_forked;
use crate::runtime::handle::Handle;
use crate::runtime::place::{At, Line};
use crate::runtime::running;
use crate::runtime::sync::atomic::Ordering;
use crate::runtime::sync::lock;
use crate::runtime::time::Sleep;

/// The result of a [`shutdown`](super::Scheduler::shutdown).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shutdown {
    /// Tasks that ended by themselves within the grace period.
    pub finished: usize,
    /// Tasks that were dropped where they were parked; their outcome is `Cancelled`.
    pub cancelled: usize,
    /// The lines that started the tasks which are still running: they block in their own code, and are
    /// dropped as soon as they park.
    pub stuck: Vec<Line>,
}

/// How long a task that is being polled gets to reach its next parking point.
const TO_PARK: Duration = Duration::from_millis(100);

impl Handle {
    pub(super) fn shut_down(&self, grace: Duration, at: Line) -> Shutdown {
        self.table.close();
        let before = self.table.len();
        self.wait_drained(grace, at);
        let left = self.table.len();
        self.cancel_all();
        if self.is_global() {
            self.wait_drained(TO_PARK, at);
        }
        let stuck = self.table.lines();
        Shutdown {
            finished: before.saturating_sub(left),
            cancelled: left.saturating_sub(stuck.len()),
            stuck,
        }
    }

    /// Blocks until no task is left, for at most `grace`.
    fn wait_drained(&self, grace: Duration, at: Line) {
        if self.table.len() == 0 {
            return;
        }
        let mut sleep = {
            let _entered = running::enter(self);
            Sleep::new(grace, At::line(at))
        };
        let drained_or_over = self.drained_or(|cx| Pin::new(&mut sleep).poll(cx));
        if self.is_global() {
            assert_not_forked();
            block::in_reactor(drained_or_over);
        } else {
            self.drive(drained_or_over, at);
        }
    }

    /// Blocks until no task of the global scheduler is left, or this is over.
    #[cfg(all(feature = "signal", not(async_dsl_loom)))]
    pub(super) fn wait_drained_or(&self, over: impl FnMut(&mut Context<'_>) -> Poll<()>) {
        block::in_reactor(self.drained_or(over));
    }

    /// Waits until no task is left, or this is over.
    fn drained_or(
        &self,
        mut over: impl FnMut(&mut Context<'_>) -> Poll<()>,
    ) -> impl Future<Output = ()> {
        self.drains.store(true, Ordering::Release);
        poll_fn(move |cx| {
            if self.poll_drained(cx).is_ready() {
                return Poll::Ready(());
            }
            over(cx)
        })
    }

    fn poll_drained(&self, cx: &mut Context<'_>) -> Poll<()> {
        // The waker is registered first, so that a task that ends before the check wakes it.
        lock(&self.drained).push(cx.waker().clone());
        if self.table.len() == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}
