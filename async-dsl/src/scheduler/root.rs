//! The future that a thread drives beside the tasks that it runs.

use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::runtime::sync::atomic::{AtomicBool, Ordering};

/// The waker of a driven future: it records that the future is to be polled, and wakes the driver.
pub(super) struct Root {
    pub(super) woken: AtomicBool,
    driver: Waker,
}

impl Root {
    /// It is to be polled.
    pub(super) fn new(driver: Waker) -> Arc<Self> {
        Arc::new(Self {
            woken: AtomicBool::new(true),
            driver,
        })
    }
}

impl Wake for Root {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.driver.wake_by_ref();
        }
    }
}
