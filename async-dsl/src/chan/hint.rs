//! The hint: what a channel can do for those who come, to be read without its lock.
//!
//! Each critical section stores it at its end, after it has claimed or let join and before it unlocks. So it says what
//! was so when the last section ended, and errs on one side only: where it says *no*, nothing at all was there.
//!
//! | it says no to | when the last section ended |
//! | --- | --- |
//! | a take | the channel was open, stored no value, and at a rendezvous nobody was in the putters' line |
//! | a put, or a reservation | the channel was open, had no room, and nobody was in the takers' line |
//! | a put that may wait | the same, or none of those in the takers' line could be claimed when one was last sought |
//!
//! A *yes* promises nothing: the waiter in line may be an arm whose flag is not open, and a full buffer may have such an
//! arm waiting for it. A buffer of the user's own may change its mind between two sections (say, with time), so its
//! channel always says yes to both.
//!
//! A *no* may be old by the time it is read, as the answer of an attempt under the lock may be when it is acted on. What
//! happened before the reader's last synchronization with another thread is in it. So:
//!
//! - An attempt that does not wait may trust it: at that moment it would have found nothing.
//! - Whoever is about to park must ask again under the lock, which getting in line does. The hint only tells a task to
//!   have its waker ready by then.
//!
//! The third line is for that only, and for nobody who would act on it: the flag of an arm in line can open between two
//! sections, say that of a set of takers which is awaited again. Puts to a set that is away lock once for it.

use crate::runtime::sync::atomic::{AtomicU8, Ordering};

/// A take may be done at once.
pub(super) const TAKE: u8 = 1;
/// A put or a reservation may be done at once.
pub(super) const PUT: u8 = 2;
/// A put or a reservation that may wait should try before it has its waker ready.
pub(super) const TRY_PUT: u8 = 4;
/// A put that was accepted while it was parked is to be recorded: see [`Users`](crate::runtime::users::Users).
pub(super) const PUT_DUE: u8 = 8;
/// The channel is closed, which it stays.
pub(super) const CLOSED: u8 = 16;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Hint(AtomicU8);

impl Hint {
    pub(super) fn new(bits: u8) -> Self {
        Self(AtomicU8::new(bits))
    }

    /// Says whether one of these bits is set. Acquires what the section did that stored it.
    #[inline]
    pub(super) fn says(&self, bits: u8) -> bool {
        self.0.load(Ordering::Acquire) & bits != 0
    }

    /// To be called at the end of a critical section, under the lock.
    #[inline]
    pub(super) fn store(&self, bits: u8) {
        self.0.store(bits, Ordering::Release);
    }
}

#[cfg(all(test, async_dsl_loom))]
mod models;
#[cfg(all(test, not(async_dsl_loom), not(async_dsl_shuttle)))]
mod tests;
