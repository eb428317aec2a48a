//! Locks, whether or not a thread panicked while it held one: every critical section of this crate leaves the state consistent
//! at each point where it can unwind.
//!
//! [`Mutex`] is that of the channel core, swapped for loom's when it model-checks that.

use std::sync::{Mutex as StdMutex, MutexGuard as StdGuard, PoisonError};

#[cfg(not(async_dsl_loom))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(async_dsl_loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard};

/// Locks the channel core's.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    match mutex.lock() {
        Ok(guard) => guard,
        Err(poisoned) => poisoned.into_inner(),
    }
}

/// Locks any other.
pub(crate) fn lock_std<T>(mutex: &StdMutex<T>) -> StdGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
