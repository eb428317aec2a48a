//! A process that was forked has none of the threads of the one it comes from, and so no workers; and one of those may have
//! held the reactor as it forked.
//!
//! Which process this is costs a call of the system, too much for every task that is started: it is asked where a thread
//! is about to wait, which is where the child would hang.

use std::sync::atomic::{AtomicU32, Ordering};

/// The process in which the global scheduler has started its workers; 0 if it has not.
static HOME: AtomicU32 = AtomicU32::new(0);

/// The workers are started.
pub(crate) fn workers_start() {
    HOME.store(std::process::id(), Ordering::Relaxed);
}

/// A thread is about to wait for what the workers may have to do.
///
/// # Panics
/// In a child of the process in which they were started.
#[cold]
pub(crate) fn assert_not_forked() {
    let home = HOME.load(Ordering::Relaxed);
    let own = std::process::id();
    assert!(
        home == 0 || home == own,
        "this process, {own}, was forked from {home} after the global scheduler had started: its worker threads are in \
         {home} only, and what is waited for here might never come. Fork before the first task is started, or start \
         another program in the child"
    );
}
