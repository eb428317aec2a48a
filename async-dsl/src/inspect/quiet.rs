//! Whether a manual scheduler that has nothing to do is only idle, or in a deadlock.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use async_io::Timer;

use super::deadlock;
use crate::runtime::INSPECTS;
use crate::runtime::handle::Handle;

/// How long nothing must have run before the check.
const QUIET: Duration = Duration::from_secs(1);

/// Measures how long nothing has run.
#[derive(Debug, Default)]
pub(crate) struct Quiet {
    timer: Option<Timer>,
    told: bool,
    /// Whether `timer` or `told` is set.
    begun: bool,
}

impl Quiet {
    /// To be called when a task has run.
    #[inline]
    pub(crate) fn disturb(&mut self) {
        if self.begun {
            *self = Self::default();
        }
    }

    /// To be called when no task of `handle` can run and its driver is about to park.
    ///
    /// # Panics
    /// On a deadlock, if `handle` is set to panic on one.
    pub(crate) fn begins(&mut self, handle: &Handle, cx: &mut Context<'_>) {
        if !INSPECTS {
            return;
        }
        if handle.panics_on_deadlock() {
            if let Some(deadlock) = deadlock::find(handle, true) {
                panic!("{deadlock}");
            }
        }
        if self.told || handle.clock().pending() > 0 || handle.expected() > 0 {
            return;
        }
        self.begun = true;
        let timer = self.timer.get_or_insert_with(|| Timer::after(QUIET));
        if Pin::new(timer).poll(cx).is_ready() {
            self.timer = None;
            self.told = true;
            if let Some(deadlock) = deadlock::find(handle, false) {
                deadlock::report(&deadlock);
            }
        }
    }
}
