//! The lock of what is held for some nanoseconds at a time: a channel, a flag.
//!
//! One byte. Unlocking is a plain store, where std's lock needs an exchange, for it must learn whether somebody sleeps. Whoever
//! finds it held therefore does not sleep in the kernel until it is told, but looks again: after ever longer pauses of up to some
//! microseconds, and then after it has let others run, for the holder's thread may have been preempted. So of two threads that
//! use it all the time each goes on for some microseconds with the lock and all it guards in its own cache, where handing it
//! over at each use would make both wait for the line to come from the other core.
//!
//! It is not fair, and a thread must not do anything that may block while it holds it. As with std's, a thread that locks it twice
//! waits for ever. There is no poison: each section leaves a consistent state at each point at which it can unwind.
//!
//! This is the library's only unsafe code. Built with `--cfg async_dsl_no_unsafe` the library has none: `lock/safe.rs`, over
//! std's lock, stands in the place of this file, as it does, over theirs, where loom and shuttle check what uses it.

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};

use super::sync::atomic::{AtomicBool, Ordering};

pub(crate) struct Lock<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached only through a guard, and while there is one, `held` is true: it is set by whoever makes the
// guard, by an exchange that found it false, and cleared by the guard's drop alone. So one thread at a time has the value, as
// if it were sent from one to the next, which `T: Send` allows.
#[allow(unsafe_code, reason = "see the module")]
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> UnwindSafe for Lock<T> {}
impl<T> RefUnwindSafe for Lock<T> {}

/// Not `Send`: see [`Lock`].
pub(crate) struct Guard<'a, T> {
    lock: &'a Lock<T>,
    stays: PhantomData<*const ()>,
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            held: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    #[inline]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        if let Some(guard) = self.try_lock() {
            return guard;
        }
        self.wait()
    }

    #[inline]
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        let won = self
            .held
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
        match won {
            Ok(_) => Some(Guard {
                lock: self,
                stays: PhantomData,
            }),
            Err(_) => None,
        }
    }

    #[cold]
    #[inline(never)]
    fn wait(&self) -> Guard<'_, T> {
        let mut patience = Patience::new();
        loop {
            patience.wait();
            if !self.held.load(Ordering::Relaxed) {
                if let Some(guard) = self.try_lock() {
                    return guard;
                }
            }
        }
    }
}

/// How to wait for the next look.
#[cfg(not(async_dsl_loom))]
struct Patience {
    pauses: u32,
    turns: u32,
}

#[cfg(not(async_dsl_loom))]
impl Patience {
    /// With so many pauses, a few microseconds, the next looks come after the others have run.
    const MOST_PAUSES: u32 = 256;
    /// After so many turns of the others the holder is taken to be asleep.
    const TURNS: u32 = 64;

    const fn new() -> Self {
        Self {
            pauses: 8,
            turns: 0,
        }
    }

    fn wait(&mut self) {
        for _ in 0..self.pauses {
            std::hint::spin_loop();
        }
        if self.pauses < Self::MOST_PAUSES {
            self.pauses *= 2;
        } else if self.turns < Self::TURNS {
            self.turns += 1;
            std::thread::yield_now();
        } else {
            std::thread::sleep(std::time::Duration::from_micros(50));
        }
    }
}

/// In a model the others run.
#[cfg(async_dsl_loom)]
struct Patience;

#[cfg(async_dsl_loom)]
impl Patience {
    const fn new() -> Self {
        Self
    }

    #[allow(clippy::unused_self, reason = "as the real one's")]
    fn wait(&mut self) {
        loom::thread::yield_now();
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    #[allow(unsafe_code, reason = "see the module")]
    fn deref(&self) -> &T {
        // SAFETY: this guard exists, so nobody else has the value: see `Lock`'s `Sync`.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    #[allow(unsafe_code, reason = "see the module")]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; and the guard is borrowed for as long.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.held.store(false, Ordering::Release);
    }
}

#[cfg(test)]
#[path = "lock/models.rs"]
mod models;
