//! Locks, atomics and threads: those of std, or of the tool that checks this crate.
//!
//! | built with | they are | so that |
//! | --- | --- | --- |
//! | nothing | std's | |
//! | `--cfg async_dsl_loom` | loom's | models run in every interleaving: `tests/loom`, and the modules called `models` |
//! | `--cfg async_dsl_shuttle` | shuttle's | small programs run under random schedules: `tests/sweep` |
//!
//! Channels, `alt!`, promises, agents, tasks and schedulers take them from here. Std's are right where neither tool would find
//! anything, or could follow:
//!
//! - in a `static`, which outlives the run of a model, and in which loom's cannot be made;
//! - in the counts and lists of inspection, which is off in both builds, and in a simulation, which one thread drives;
//! - in `net` and the console, which are compiled for neither;
//! - for an [`Arc`] that is a waker or a trait object, has `Weak` handles, or methods on `self: &Arc<Self>`: loom's cannot be
//!   any of these. Where the number of handles matters, it is an atomic of its own (`chan/shared.rs`).

use std::sync::{Mutex as StdMutex, MutexGuard as StdGuard, PoisonError};

#[cfg(all(
    async_dsl_shuttle,
    any(feature = "net", feature = "console", not(async_dsl_no_inspect))
))]
compile_error!(
    "the sweep is built with `--cfg async_dsl_no_inspect`, and with `--no-default-features`"
);

#[cfg(not(any(async_dsl_loom, async_dsl_shuttle)))]
mod chosen {
    pub(crate) use async_io::block_on;
    pub(crate) use std::sync::{Arc, Mutex, MutexGuard, atomic};
    pub(crate) use std::{thread, thread_local};
}

#[cfg(async_dsl_shuttle)]
mod chosen {
    pub(crate) use shuttle::future::block_on;
    pub(crate) use shuttle::sync::{Arc, Mutex, MutexGuard, atomic};
    pub(crate) use shuttle::{thread, thread_local};
}

#[cfg(async_dsl_loom)]
mod chosen {
    pub(crate) use loom::future::block_on;
    pub(crate) use loom::sync::{Arc, Mutex, MutexGuard, atomic};

    pub(crate) mod thread {
        pub(crate) use loom::thread::{Builder, JoinHandle, Thread, current, park};

        /// Time does not pass in a model: another thread has a turn.
        pub(crate) fn park_timeout(_: std::time::Duration) {
            loom::thread::yield_now();
        }
    }

    /// Loom's does not know `const { .. }`.
    macro_rules! local {
        ($($(#[$attribute:meta])* static $name:ident: $type:ty = const $value:block;)+) => {
            loom::thread_local! { $($(#[$attribute])* static $name: $type = $value;)+ }
        };
    }
    pub(crate) use local as thread_local;
}

/// `block_on` is how a thread waits for a future: with a look at the reactor, or, where it is checked, without.
pub(crate) use chosen::{Arc, Mutex, MutexGuard, atomic, block_on, thread, thread_local};

/// Locks it, whether or not a thread panicked while it held the lock: every critical section of this crate leaves the state
/// consistent at each point where it can unwind.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same, of a lock that is std's in every build.
pub(crate) fn lock_std<T>(mutex: &StdMutex<T>) -> StdGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs it in every interleaving with so many preemptions. Three find every bug that is known to us; of four threads two must
/// do.
#[cfg(all(test, async_dsl_loom))]
pub(crate) fn model(preemptions: usize, run: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(run);
}
