//! Clocks: the real one, and those that stand still until they are moved.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;
use std::time::{Duration, Instant};

use super::sync::runtime::{Mutex, lock};
use super::wake::wake_all;

/// The clock of a scheduler.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Sleeps that wait for the real time.
    waiting: AtomicUsize,
    standing: Option<Mutex<Standing>>,
}

/// A clock that stands still, and the sleeps that wait for it to be moved.
#[derive(Debug)]
struct Standing {
    start: Instant,
    now: Instant,
    registered: u64,
    timers: BTreeMap<TimerKey, Waker>,
}

/// Where a sleep is registered with a standing clock: its end, and its turn among those of the same end.
pub(crate) type TimerKey = (Instant, u64);

impl Clock {
    pub(crate) const fn real() -> Self {
        Self {
            waiting: AtomicUsize::new(0),
            standing: None,
        }
    }

    pub(crate) fn standing() -> Self {
        let now = Instant::now();
        Self {
            standing: Some(Mutex::new(Standing {
                start: now,
                now,
                registered: 0,
                timers: BTreeMap::new(),
            })),
            ..Self::real()
        }
    }

    pub(crate) fn is_standing(&self) -> bool {
        self.standing.is_some()
    }

    pub(crate) fn now(&self) -> Instant {
        self.standing
            .as_ref()
            .map_or_else(Instant::now, |standing| lock(standing).now)
    }

    /// How far a standing clock was moved.
    pub(crate) fn elapsed(&self) -> Duration {
        self.standing.as_ref().map_or(Duration::ZERO, |standing| {
            let standing = lock(standing);
            standing.now - standing.start
        })
    }

    /// How many sleeps wait for this clock.
    pub(crate) fn pending(&self) -> usize {
        let standing = self
            .standing
            .as_ref()
            .map_or(0, |standing| lock(standing).timers.len());
        self.waiting.load(Ordering::Relaxed) + standing
    }

    /// Counts a sleep that begins (`true`) or ends to wait for the real time.
    pub(crate) fn count(&self, begins: bool) {
        if begins {
            self.waiting.fetch_add(1, Ordering::Relaxed);
        } else {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether a standing clock has reached `end`. If not, the waker is kept under `key`.
    pub(crate) fn poll_reached(
        &self,
        end: Instant,
        key: &mut Option<TimerKey>,
        waker: &Waker,
    ) -> bool {
        let Some(standing) = &self.standing else {
            return true;
        };
        // Cloned and dropped outside the lock: it may be anybody's.
        let mut waker = Some(waker.clone());
        let mut guard = lock(standing);
        let state = &mut *guard;
        let reached = state.now >= end;
        if reached {
            waker = key.take().and_then(|key| state.timers.remove(&key));
        } else if let Some(new) = waker.take() {
            let key = *key.get_or_insert_with(|| {
                state.registered += 1;
                (end, state.registered)
            });
            waker = state.timers.insert(key, new);
        }
        drop(guard);
        drop(waker);
        reached
    }

    pub(crate) fn unregister(&self, key: TimerKey) {
        if let Some(standing) = &self.standing {
            let waker = lock(standing).timers.remove(&key);
            drop(waker);
        }
    }

    /// The end of the sleep that a standing clock reaches first.
    pub(crate) fn next_end(&self) -> Option<Instant> {
        let standing = self.standing.as_ref()?;
        lock(standing)
            .timers
            .first_key_value()
            .map(|((end, _), _)| *end)
    }

    /// Moves a standing clock on to `instant` and wakes the sleeps it reaches, in order of their ends, and
    /// of their registration where those are equal. They leave the table.
    pub(crate) fn move_to(&self, instant: Instant) {
        let Some(standing) = &self.standing else {
            return;
        };
        let reached = {
            let mut standing = lock(standing);
            standing.now = standing.now.max(instant);
            let reached_all = (standing.now, u64::MAX);
            let later = standing.timers.split_off(&reached_all);
            std::mem::replace(&mut standing.timers, later)
        };
        wake_all(reached.into_values());
    }
}
