//! When it pays to steal.
//!
//! To move a task to another core costs it its cache, and two tasks that talk across cores wait for each other's cache lines:
//! tasks with short turns are faster on one worker than on two. So what another worker has is left to it for as long as it
//! goes through it fast.

use std::time::{Duration, Instant};

/// What a worker has seen of the others.
#[derive(Debug, Default)]
pub(super) struct Looks {
    looks: Vec<Option<Look>>,
    /// How often it has parked as the guard, and stolen nothing since; 0 if it has not parked as the guard.
    guarded: u32,
}

#[derive(Clone, Copy, Debug)]
struct Look {
    at: Instant,
    turns: u32,
}

/// Turns that take so long are shared.
const LONG_TURN: Duration = Duration::from_micros(4);

/// So much work is shared, however short the turns are.
const MUCH: Duration = Duration::from_micros(20);

/// What was seen this long ago says nothing of now: the worker may have been idle since.
const STALE: Duration = Duration::from_millis(2);

/// A look is compared with those that come up to this much later.
const KEPT: Duration = Duration::from_micros(50);

/// The first and the longest sleep of a guard.
const SHORT: Duration = Duration::from_micros(100);
const LONG: Duration = Duration::from_micros(600);

impl Looks {
    /// Whether to steal from part `index`, in which so many items wait, and whose owner has had so many turns.
    pub(super) fn pays(&mut self, index: usize, turns: u32, waiting: usize, now: Instant) -> bool {
        if cfg!(any(async_dsl_loom, async_dsl_shuttle)) {
            // Time does not pass there.
            return true;
        }
        if self.looks.len() <= index {
            self.looks.resize(index + 1, None);
        }
        let Some(look) = self.looks[index].filter(|look| now - look.at < STALE) else {
            self.looks[index] = Some(Look { at: now, turns });
            return false;
        };
        let since = now - look.at;
        let turn = since / turns.wrapping_sub(look.turns).max(1);
        if since >= KEPT {
            self.looks[index] = Some(Look { at: now, turns });
        }
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        turn >= LONG_TURN || turn.saturating_mul(waiting) >= MUCH
    }

    /// It parks, as the guard or not.
    pub(super) fn guards(&mut self, is_guard: bool) {
        self.guarded = if is_guard {
            self.guarded.saturating_add(1)
        } else {
            0
        };
    }

    pub(super) fn stole(&mut self) {
        self.guarded = 0;
    }

    /// For how long it sleeps if it has parked as the guard: at first shorter, since what has just begun may take long.
    pub(super) fn period(&self) -> Option<Duration> {
        (self.guarded > 0).then(|| SHORT.saturating_mul(self.guarded).min(LONG))
    }
}
