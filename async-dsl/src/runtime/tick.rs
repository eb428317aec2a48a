//! The coarse clock of the global scheduler's workers, which the thread that watches them keeps going.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::Thread;
use std::time::Instant;

use super::note::{ON, millis};

pub(crate) const THREAD: &str = "async-dsl-watch";

/// It sleeps until a worker has something to do.
pub(crate) static ASLEEP: AtomicBool = AtomicBool::new(false);
pub(crate) static WATCHER: OnceLock<Thread> = OnceLock::new();

/// The time of its last look, for workers, whom it spares the clock. 0 before the first.
pub(crate) static NOW: AtomicU32 = AtomicU32::new(0);

/// The time to a tenth of a second, on a worker of the global scheduler that has [stirred](stir) before.
pub(crate) fn coarse() -> u32 {
    match NOW.load(Ordering::Relaxed) {
        0 => millis(Instant::now()).max(1),
        now => now,
    }
}

/// A worker of the global scheduler has something to do, or goes idle.
pub(crate) fn stir() {
    if ON && ASLEEP.load(Ordering::Relaxed) && ASLEEP.swap(false, Ordering::AcqRel) {
        NOW.store(millis(Instant::now()).max(1), Ordering::Relaxed);
        if let Some(watcher) = WATCHER.get() {
            watcher.unpark();
        }
    }
}
