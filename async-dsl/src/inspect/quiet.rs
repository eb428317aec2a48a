//! A manual scheduler that is driven and finds nothing to do: for a while, or for ever?

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use async_io::Timer;

use super::deadlock;
use crate::runtime::INSPECTS;
use crate::runtime::handle::Handle;

/// For so long nothing must have run before it is looked at.
const QUIET: Duration = Duration::from_secs(1);

/// How long nothing has run.
#[derive(Debug, Default)]
pub(crate) struct Quiet {
    timer: Option<Timer>,
    told: bool,
    /// One of the two is set.
    begun: bool,
}

impl Quiet {
    /// Something ran.
    #[inline]
    pub(crate) fn disturb(&mut self) {
        if self.begun {
            *self = Self::default();
        }
    }

    /// Nothing can run on `handle`, which waits to be woken.
    ///
    /// # Panics
    /// If it waits for ever, and is to panic then.
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
