//! The [slots](super::slots) of this process, of a millisecond each, and their alarm: one timer of async-io's.
//!
//! The thread that is in the reactor as the time comes, a worker that has nothing else to do or async-io's own, wakes the sleeps
//! of the slot right there. A worker that is idle pushes what it wakes so to the part of the run queue that all share.

use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};

use async_io::Timer;

use super::slots::{Alarm, End, Key, Slots};

static PROCESS: LazyLock<Process> = LazyLock::new(|| {
    let start = Instant::now();
    let slots = Slots::new(ByReactor { start, timer: None });
    Process { start, slots }
});

struct Process {
    /// Tick 0.
    start: Instant,
    slots: Slots<ByReactor>,
}

/// Has the waker woken after this instant; `None` if it is past.
pub(super) fn register(end: Instant, waker: &Waker) -> Option<Key> {
    let end = end_after(end.saturating_duration_since(PROCESS.start));
    PROCESS.slots.register(end, waker)
}

/// See [`Slots::poll_over`].
pub(super) fn poll_over(key: &Key, waker: &Waker) -> bool {
    PROCESS.slots.poll_over(key, waker)
}

/// See [`Slots::cancel`].
pub(super) fn cancel(key: &Key) {
    PROCESS.slots.cancel(key);
}

const NANOS: u32 = 1_000_000;

/// The last tick that has come.
fn tick(since: Duration) -> u64 {
    let whole = since.as_secs().saturating_mul(1000);
    whole.saturating_add(since.subsec_millis().into())
}

fn end_after(since: Duration) -> End {
    let tick = tick(since);
    match since.subsec_nanos() % NANOS {
        0 => End {
            slot: tick,
            within: NANOS,
        },
        within => End {
            slot: tick.saturating_add(1),
            within,
        },
    }
}

#[derive(Debug)]
struct ByReactor {
    start: Instant,
    /// It has been polled, so that to set it is to register it with the reactor, even if its time has come.
    timer: Option<Timer>,
}

impl Alarm for ByReactor {
    fn set(&mut self, tick: Option<u64>) {
        // What the clock cannot tell never comes.
        let end = tick.and_then(|tick| self.start.checked_add(Duration::from_millis(tick)));
        match (end, &mut self.timer) {
            (Some(end), timer) => timer.get_or_insert_with(polled).set_at(end),
            (None, Some(timer)) => timer.clear(),
            (None, None) => {}
        }
    }
}

/// A timer that calls the slots, once it is set.
fn polled() -> Timer {
    struct GoesOff;
    impl Wake for GoesOff {
        fn wake(self: Arc<Self>) {
            PROCESS.slots.go_off(tick(PROCESS.start.elapsed()));
        }
    }
    const AN_HOUR: Duration = Duration::from_secs(3600);
    let mut timer = Timer::after(AN_HOUR);
    let waker = Waker::from(Arc::new(GoesOff));
    let polled = Pin::new(&mut timer).poll(&mut Context::from_waker(&waker));
    debug_assert!(polled.is_pending());
    timer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_ends_with_its_tick() {
        let end = |nanos| end_after(Duration::from_nanos(nanos));
        let (slot, within) = (1, NANOS);
        assert_eq!(end(1_000_000), End { slot, within });
        assert_eq!(end(1), End { slot, within: 1 });
        let slot = 2;
        assert_eq!(end(1_000_001), End { slot, within: 1 });
        assert_eq!(end(2_000_000), End { slot, within });
        assert_eq!(end_after(Duration::MAX).slot, u64::MAX);
        assert_eq!(tick(Duration::from_nanos(1_999_999)), 1);
    }
}
