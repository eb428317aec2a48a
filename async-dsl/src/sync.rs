//! The locks of the channel core, swapped for loom's when it model-checks them.

#[cfg(not(async_dsl_loom))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(async_dsl_loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard};

/// Locks, whether or not a thread panicked while it held the lock: every critical section of this
/// crate leaves the state consistent at each point where it can unwind.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    match mutex.lock() {
        Ok(guard) => guard,
        Err(poisoned) => poisoned.into_inner(),
    }
}
