//! The schedulers driven by hand that are alive.

use std::sync::{Arc, Mutex as StdMutex, MutexGuard, Weak};

use super::clock::ClockHandle;
use super::handle::{Core, Handle, Runnable};
use super::note::ON;
use super::schedule::Simulation;
use super::sync::{Mutex, lock_std};

struct Made {
    cores: Vec<Weak<Core>>,
    count: u16,
}

static MADE: StdMutex<Made> = StdMutex::new(Made {
    cores: Vec::new(),
    count: 0,
});

fn lock() -> MutexGuard<'static, Made> {
    lock_std(&MADE)
}

/// Makes a scheduler with a number of its own. Numbers come again after 65 535; 0 is the global one.
fn scheduler_made(core: impl FnOnce(u16) -> Core) -> Arc<Core> {
    let mut made = lock();
    made.count = made.count.checked_add(1).unwrap_or(1);
    let core = Arc::new(core(made.count));
    if ON {
        if made.cores.len() == made.cores.capacity() {
            made.cores.retain(|core| core.strong_count() > 0);
        }
        made.cores.push(Arc::downgrade(&core));
    }
    core
}

/// Those that are alive.
pub(crate) fn alive() -> Vec<Handle> {
    let cores: Vec<_> = lock().cores.iter().filter_map(Weak::upgrade).collect();
    cores.into_iter().map(Handle::of).collect()
}

impl Handle {
    pub(crate) fn manual(clock: ClockHandle) -> Self {
        Self::of(scheduler_made(|number| Core {
            rng: Some(Mutex::new(fastrand::Rng::with_seed(0))),
            ..Core::new(1, number, clock)
        }))
    }

    /// One with a clock and random source as the global one has, for workers of its own.
    pub(crate) fn for_workers(count: usize) -> Self {
        Self::of(scheduler_made(|number| {
            Core::new(count + 1, number, ClockHandle::real())
        }))
    }

    pub(crate) fn simulated(sim: Simulation<Runnable>) -> Self {
        Self::of(scheduler_made(|number| Core {
            sim: Some(sim),
            ..Core::new(1, number, ClockHandle::standing())
        }))
    }
}
