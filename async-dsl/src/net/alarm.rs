//! A deadline that moves often.

use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use crate::runtime::time::{self, Sleep};

/// A deadline by the scheduler's clock. The timer behind it is touched only when it fires, or would fire too late:
/// moving the deadline further, as each frame does, costs one look at the clock.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    deadline: Option<Instant>,
    timer: Option<Sleep>,
}

impl Alarm {
    /// Sets the deadline this far from now; `None`, or a time past the end of the clock, is no deadline.
    pub(super) fn set(&mut self, limit: Option<Duration>) {
        self.deadline = limit.and_then(|limit| time::now().checked_add(limit));
    }

    pub(super) fn is_set(&self) -> bool {
        self.deadline.is_some()
    }

    pub(super) fn clear(&mut self) {
        self.deadline = None;
    }

    /// Ready once the deadline is reached.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        loop {
            let armed = self.timer.as_ref().and_then(Sleep::deadline);
            match &mut self.timer {
                Some(timer) if armed.is_some_and(|armed| armed <= deadline) => {
                    ready!(timer.poll_elapsed(cx));
                    self.timer = None;
                    if armed == Some(deadline) {
                        return Poll::Ready(());
                    }
                }
                timer => *timer = Some(time::sleep_until(deadline)),
            }
        }
    }
}
