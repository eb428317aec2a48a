//! Times in milliseconds; and the coarse clock of the global scheduler's workers, which the thread that watches them keeps
//! going.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::Thread;
use std::time::Instant;

use super::INSPECTS;

pub(crate) const THREAD: &str = "async-dsl-watch";

/// It sleeps until a worker has something to do.
pub(crate) static ASLEEP: AtomicBool = AtomicBool::new(false);
pub(crate) static WATCHER: OnceLock<Thread> = OnceLock::new();

/// The time of its last look, for workers, whom it spares the clock. 0 before the first.
pub(crate) static NOW: AtomicU32 = AtomicU32::new(0);

/// Milliseconds since the first of them was asked for. They wrap around after 49 days.
pub(crate) fn millis(at: Instant) -> u32 {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    let since = at.saturating_duration_since(*EPOCH.get_or_init(|| at));
    // The lower half.
    u32::try_from(since.as_millis() & u128::from(u32::MAX)).unwrap_or_default()
}

/// The time between two of [`millis`]. The coarse clocks of two threads differ a little.
#[inline]
pub(crate) fn waited(since: u32, now: u32) -> u32 {
    let waited = now.wrapping_sub(since);
    if waited > u32::MAX / 2 { 0 } else { waited }
}

/// The time to a tenth of a second, on a worker of the global scheduler that has [stirred](stir) before.
pub(crate) fn coarse() -> u32 {
    match NOW.load(Ordering::Relaxed) {
        0 => millis(Instant::now()).max(1),
        now => now,
    }
}

/// A worker of the global scheduler has something to do, or goes idle.
pub(crate) fn stir() {
    if INSPECTS && ASLEEP.load(Ordering::Relaxed) && ASLEEP.swap(false, Ordering::AcqRel) {
        NOW.store(millis(Instant::now()).max(1), Ordering::Relaxed);
        if let Some(watcher) = WATCHER.get() {
            watcher.unpark();
        }
    }
}
