//! Locks, whether or not a thread panicked while it held one: every critical section of this crate leaves the state consistent
//! at each point where it can unwind.
//!
//! [`Mutex`] and [`atomic`] are those of the channel core and of what is built on it: loom's when it model-checks that, and
//! shuttle's when small programs are swept (`tests/sweep`). Those of [`runtime`], of tasks and schedulers, are swapped for
//! the sweep only: loom would have too many to try. Whatever else has a lock, inspection and simulation, keeps std's.

use std::sync::{Mutex as StdMutex, MutexGuard as StdGuard, PoisonError};

#[cfg(all(
    async_dsl_shuttle,
    any(feature = "net", feature = "console", not(async_dsl_no_inspect))
))]
compile_error!(
    "the sweep is built with `--cfg async_dsl_no_inspect`, and with `--no-default-features`"
);

#[cfg(not(any(async_dsl_loom, async_dsl_shuttle)))]
pub(crate) use std::sync::{Mutex, MutexGuard, atomic};

#[cfg(async_dsl_loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard, atomic};

#[cfg(async_dsl_shuttle)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard, atomic};

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

/// What tasks and schedulers use.
pub(crate) mod runtime {
    use std::sync::PoisonError;

    #[cfg(not(async_dsl_shuttle))]
    pub(crate) use std::{
        sync::{Mutex, MutexGuard, atomic},
        thread, thread_local,
    };

    /// With a state of its own for each of the sweep's threads, which all run on one.
    #[cfg(async_dsl_shuttle)]
    pub(crate) use shuttle::{
        sync::{Mutex, MutexGuard, atomic},
        thread, thread_local,
    };

    /// Locks one.
    pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
