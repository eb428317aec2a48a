//! The commit flag that all arms of one parked `alt!` share.
//!
//! States of a flag, and who may change them:
//!
//! - `Open`: parked, or getting in line. A partner, or the owner, may win the flag for one arm.
//! - `Suspended`: the owner is polling its promises and timers, which are consumed by a successful poll, or is about to
//!   take its default or to withdraw. Partners pass it over; before the owner parks again, it tries every channel again.
//! - `Won(arm)`: one arm has happened, or a partner has promised its value. No other channel arm can win any more; while
//!   the value is only promised, an arm that is polled (a `Promise`, task or timer) still can. A claim that came to
//!   nothing (the permit was dropped, the channel closed, a user's buffer had no value after all) opens the flag again,
//!   or suspends it if the owner is polling: a polled arm that is ready must win, so no partner may.
//!
//! The flag of a *kept* choice is that of many rounds, and is not open between two of them: it is suspended, or won by the
//! arm of the last round. Partners pass it over then too, and [mark](super::marks) the arm at which they did. The owner
//! opens it, and then looks at the arms that are marked, before it parks: what a partner has left there before is found
//! under the channel's lock, and from then on partners win the flag.
//!
//! Order of locks: a channel's lock before a flag, two flags in the order of their addresses, no lock after a flag. So
//! two `alt!`s on the same two channels, in opposite order, cannot deadlock.

use std::sync::Arc;
use std::task::Waker;

use super::marks::Marks;
use crate::runtime::lock::Lock;
use crate::runtime::note::Stamp;
use crate::runtime::place::At;
use crate::runtime::simulated;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    Suspended,
    Won(u32),
}

#[derive(Debug)]
pub(crate) struct Flag {
    state: Lock<State>,
    /// The arms of a kept choice that its owner has to look at.
    marks: Marks,
    /// Every schedule is explored, and who wins it is to be known.
    is_explored: bool,
    /// A model checker replays an execution step by step, so the order of locks must not depend on addresses.
    #[cfg(any(async_dsl_loom, async_dsl_shuttle))]
    number: u64,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// The flag was released: partners may have passed it over while it was won in vain.
    rescan: bool,
    /// The owner is polling its promises and timers although the flag is won, by a promise.
    looking: bool,
    waker: Option<Waker>,
    /// Where and since when the owner of a kept choice is parked, or was.
    kept: Option<(At, Stamp)>,
}

/// The outcome of claiming two parties at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    Both,
    FirstGone,
    SecondGone,
}

impl Flag {
    pub(crate) fn new(waker: Waker) -> Arc<Self> {
        Self::waking(waker, false)
    }

    /// The same where every schedule is explored.
    pub(crate) fn explored(waker: Waker) -> Arc<Self> {
        Self::waking(waker, true)
    }

    fn waking(waker: Waker, explores: bool) -> Arc<Self> {
        let state = State {
            phase: Phase::Open,
            rescan: false,
            looking: false,
            waker: Some(waker),
            kept: None,
        };
        Self::of(state, Marks::none(), explores)
    }

    /// The flag of a kept choice of so many arms, between two rounds, and all arms are marked.
    pub(crate) fn kept(arms: u32) -> Arc<Self> {
        let state = State {
            phase: Phase::Suspended,
            rescan: false,
            looking: false,
            waker: None,
            kept: Some((At::UNKNOWN, Stamp::now())),
        };
        let explores = simulated::explores();
        Self::of(state, Marks::all(arms), explores)
    }

    fn of(state: State, marks: Marks, is_explored: bool) -> Arc<Self> {
        Arc::new(Self {
            state: Lock::new(state),
            marks,
            is_explored,
            #[cfg(any(async_dsl_loom, async_dsl_shuttle))]
            number: {
                use std::sync::atomic::{AtomicU64, Ordering};
                static NEXT: AtomicU64 = AtomicU64::new(0);
                NEXT.fetch_add(1, Ordering::Relaxed)
            },
        })
    }

    /// Returns the rank of this flag in the order of locks.
    #[cfg(not(any(async_dsl_loom, async_dsl_shuttle)))]
    fn rank(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    #[cfg(any(async_dsl_loom, async_dsl_shuttle))]
    fn rank(self: &Arc<Self>) -> u64 {
        self.number
    }

    /// Wins the flag for `arm`, if it is open. Returns whether it was.
    pub(crate) fn claim(&self, arm: u32) -> bool {
        let mut state = self.state.lock();
        let open = state.phase == Phase::Open;
        if open {
            state.phase = Phase::Won(arm);
            self.won();
        } else {
            self.pass_over(arm);
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
            one = first.0.state.lock();
            two = second.0.state.lock();
        } else {
            two = second.0.state.lock();
            one = first.0.state.lock();
        }
        if one.phase != Phase::Open {
            first.0.pass_over(first.1);
            Met::FirstGone
        } else if two.phase != Phase::Open {
            second.0.pass_over(second.1);
            Met::SecondGone
        } else {
            one.phase = Phase::Won(first.1);
            two.phase = Phase::Won(second.1);
            first.0.won();
            second.0.won();
            Met::Both
        }
    }

    /// Its owner has left the lines of all its arms.
    #[inline]
    fn won(&self) {
        if self.is_explored {
            self.note_won();
        }
    }

    #[cold]
    fn note_won(&self) {
        simulated::with_explorer(|explorer, _| explorer.claimed(self.address()));
    }

    /// By what a search through all schedules knows it.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// To be called where a partner finds an arm in line that it cannot have, with this flag locked or not.
    pub(crate) fn pass_over(&self, arm: u32) {
        self.marks.set(arm, true);
    }

    /// Returns the arms that the owner of a kept choice has to look at.
    pub(crate) const fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Returns where and since when the owner is parked, given what a waiter in line says; `None` if it is not parked any
    /// more, or, between two rounds of a kept choice, not there.
    pub(crate) fn parked(&self, at: At, stamp: Stamp) -> Option<(At, Stamp)> {
        let state = self.state.lock();
        match (state.kept, state.phase) {
            (_, Phase::Won(_)) | (Some(_), Phase::Suspended) => None,
            (Some(kept), Phase::Open) => Some(kept),
            (None, _) => Some((at, stamp)),
        }
    }

    /// Returns the waker, to be woken once every lock is released, and since when the owner was parked, given what a
    /// waiter says that was in line.
    pub(crate) fn end_wait(&self, stamp: Stamp) -> (Stamp, Option<Waker>) {
        let mut state = self.state.lock();
        let since = state.kept.map_or(stamp, |(_, stamp)| stamp);
        (since, state.waker.take())
    }

    /// Returns the waker, to be woken once every lock is released.
    pub(crate) fn take_waker(&self) -> Option<Waker> {
        self.state.lock().waker.take()
    }

    /// Opens the flag of a kept choice: its owner parks at `at`. It must not be won by an arm whose output is still to be
    /// collected. Returns the old waker. The owner looks at the arms that are marked after this.
    pub(crate) fn open(&self, waker: Waker, at: At) -> Option<Waker> {
        let kept = Some((at, Stamp::now()));
        let mut state = self.state.lock();
        state.phase = Phase::Open;
        state.kept = kept;
        state.waker.replace(waker)
    }

    /// Closes the flag of a kept choice to partners. Returns the waker.
    ///
    /// # Errors
    ///
    /// The arm that has won already.
    pub(crate) fn close(&self) -> Result<Option<Waker>, u32> {
        let mut state = self.state.lock();
        if let Phase::Won(arm) = state.phase {
            return Err(arm);
        }
        state.phase = Phase::Suspended;
        Ok(state.waker.take())
    }

    /// Opens a flag again that was won in vain. Returns its waker: the owner has to try every arm again.
    pub(crate) fn release(&self) -> Option<Waker> {
        let mut state = self.state.lock();
        state.phase = if state.looking {
            Phase::Suspended
        } else {
            Phase::Open
        };
        state.rescan = true;
        state.waker.take()
    }

    /// Returns the phase, and whether the owner has to try every arm again.
    pub(crate) fn status(&self) -> (Phase, bool) {
        let state = self.state.lock();
        (state.phase, state.rescan)
    }

    /// Closes the flag to partners.
    ///
    /// # Errors
    ///
    /// The arm that has won already.
    pub(crate) fn suspend(&self) -> Result<(), u32> {
        let mut state = self.state.lock();
        if let Phase::Won(arm) = state.phase {
            return Err(arm);
        }
        state.phase = Phase::Suspended;
        state.rescan = false;
        Ok(())
    }

    /// To be called when the owner begins or ends polling its promises and timers while the flag is won by a promise.
    /// Returns the phase at that moment.
    pub(crate) fn set_looking(&self, looking: bool) -> Phase {
        let mut state = self.state.lock();
        state.looking = looking;
        state.phase
    }

    /// Opens a suspended flag again.
    pub(crate) fn resume(&self) {
        self.state.lock().phase = Phase::Open;
    }

    /// Replaces the waker, unless the current one wakes the same task. Returns the status after that.
    pub(crate) fn set_waker(&self, waker: &Waker) -> (Phase, bool) {
        {
            let state = self.state.lock();
            if state.waker.as_ref().is_some_and(|old| old.will_wake(waker)) {
                return (state.phase, state.rescan);
            }
        }
        let fresh = waker.clone();
        let mut state = self.state.lock();
        let old = state.waker.replace(fresh);
        let now = (state.phase, state.rescan);
        drop(state);
        drop(old);
        now
    }
}
