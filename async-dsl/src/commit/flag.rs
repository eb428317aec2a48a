//! The commit flag that all arms of one parked `alt!` share.
//!
//! States of a flag, and who may change them:
//!
//! - `Open`: parked. Whoever brings the other half of an operation may win the flag for that arm.
//! - `Suspended`: the owner is looking at its promises and timers, which are consumed by looking. Partners
//!   pass it over; it looks at every channel again before it parks.
//! - `Won(arm)`: one arm has happened, or is promised to happen. All other arms are dead. Only a promise
//!   that was not kept (a put arm whose value panicked, or whose task was cancelled) opens it again, or suspends it if
//!   the owner is looking at its promises and timers meanwhile: one that is ready wins, so nobody else must.
//!
//! Order of locks: a channel's lock before a flag, two flags in the order of their addresses, nothing
//! after a flag. So two `alt!`s on the same two channels, in opposite order, cannot block each other.

use std::sync::Arc;
use std::task::Waker;

use crate::runtime::sync::{Mutex, lock};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    Suspended,
    Won(u32),
}

#[derive(Debug)]
pub(crate) struct Flag {
    state: Mutex<State>,
    /// An execution is repeated step by step, so the order of locks must not depend on addresses.
    #[cfg(any(async_dsl_loom, async_dsl_shuttle))]
    number: u64,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Opened again: partners may have passed this flag over while it was won in vain.
    rescan: bool,
    /// The owner, whose flag is won by a promise, is looking at its promises and timers.
    looking: bool,
    waker: Option<Waker>,
}

/// What became of an attempt to claim two parties at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    Both,
    FirstGone,
    SecondGone,
}

impl Flag {
    pub(crate) fn new(waker: Waker) -> Arc<Self> {
        let state = State {
            phase: Phase::Open,
            rescan: false,
            looking: false,
            waker: Some(waker),
        };
        Arc::new(Self {
            state: Mutex::new(state),
            #[cfg(any(async_dsl_loom, async_dsl_shuttle))]
            number: {
                use std::sync::atomic::{AtomicU64, Ordering};
                static NEXT: AtomicU64 = AtomicU64::new(0);
                NEXT.fetch_add(1, Ordering::Relaxed)
            },
        })
    }

    /// The place of this flag in the order of locks.
    #[cfg(not(any(async_dsl_loom, async_dsl_shuttle)))]
    fn rank(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    #[cfg(any(async_dsl_loom, async_dsl_shuttle))]
    fn rank(self: &Arc<Self>) -> u64 {
        self.number
    }

    /// Wins the flag for `arm`, if it is open.
    pub(crate) fn claim(&self, arm: u32) -> bool {
        let mut state = lock(&self.state);
        let open = state.phase == Phase::Open;
        if open {
            state.phase = Phase::Won(arm);
        }
        open
    }

    /// Wins both flags, or neither. An `alt!` is never its own partner.
    pub(crate) fn claim_pair(first: (&Arc<Self>, u32), second: (&Arc<Self>, u32)) -> Met {
        if first.0.rank() == second.0.rank() {
            return Met::SecondGone;
        }
        let (mut one, mut two);
        if first.0.rank() < second.0.rank() {
            one = lock(&first.0.state);
            two = lock(&second.0.state);
        } else {
            two = lock(&second.0.state);
            one = lock(&first.0.state);
        }
        if one.phase != Phase::Open {
            Met::FirstGone
        } else if two.phase != Phase::Open {
            Met::SecondGone
        } else {
            one.phase = Phase::Won(first.1);
            two.phase = Phase::Won(second.1);
            Met::Both
        }
    }

    /// Whether an arm has happened, or is promised to.
    pub(crate) fn is_won(&self) -> bool {
        matches!(lock(&self.state).phase, Phase::Won(_))
    }

    /// The waker, to be woken once every lock is released.
    pub(crate) fn take_waker(&self) -> Option<Waker> {
        lock(&self.state).waker.take()
    }

    /// Opens a flag again that was won in vain.
    pub(crate) fn release(&self) -> Option<Waker> {
        let mut state = lock(&self.state);
        state.phase = if state.looking {
            Phase::Suspended
        } else {
            Phase::Open
        };
        state.rescan = true;
        state.waker.take()
    }

    /// The owner's view: the phase, and whether it has to look at every arm again.
    pub(crate) fn status(&self) -> (Phase, bool) {
        let state = lock(&self.state);
        (state.phase, state.rescan)
    }

    /// Closes the flag for partners; `Err` is the arm that was won before.
    pub(crate) fn suspend(&self) -> Result<(), u32> {
        let mut state = lock(&self.state);
        if let Phase::Won(arm) = state.phase {
            return Err(arm);
        }
        state.phase = Phase::Suspended;
        state.rescan = false;
        Ok(())
    }

    /// The owner begins or ends a look at its promises and timers while the flag is won by a promise. The phase is as of
    /// this moment.
    pub(crate) fn set_looking(&self, looking: bool) -> Phase {
        let mut state = lock(&self.state);
        state.looking = looking;
        state.phase
    }

    /// Ends a suspension.
    pub(crate) fn resume(&self) {
        lock(&self.state).phase = Phase::Open;
    }

    /// Keeps the waker that is there if it wakes the same task. The phase is as of after the change.
    pub(crate) fn set_waker(&self, waker: &Waker) -> (Phase, bool) {
        {
            let state = lock(&self.state);
            if state.waker.as_ref().is_some_and(|old| old.will_wake(waker)) {
                return (state.phase, state.rescan);
            }
        }
        let fresh = waker.clone();
        let mut state = lock(&self.state);
        let old = state.waker.replace(fresh);
        let now = (state.phase, state.rescan);
        drop(state);
        drop(old);
        now
    }
}
