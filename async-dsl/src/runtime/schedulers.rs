//! The schedulers driven by hand that are alive.

use std::sync::{Arc, Mutex, MutexGuard, Weak};

use super::INSPECTS;
use super::clock::Clock;
use super::handle::{Handle, Own, Runnable};
use super::schedule::Simulation;
use super::sync::lock_std;

struct Made {
    schedulers: Vec<Weak<Own>>,
    count: u16,
}

static MADE: Mutex<Made> = Mutex::new(Made {
    schedulers: Vec::new(),
    count: 0,
});

fn lock() -> MutexGuard<'static, Made> {
    lock_std(&MADE)
}

/// Makes a scheduler with a number of its own. Numbers come again after 65 535; 0 is the global one.
fn scheduler_made(own: impl FnOnce(u16) -> Own) -> Handle {
    let number = {
        let mut made = lock();
        made.count = made.count.checked_add(1).unwrap_or(1);
        made.count
    };
    // Under no lock: where models are checked, another thread may have its turn as a part of it is made.
    let own = Arc::new(own(number));
    if INSPECTS {
        let mut made = lock();
        if made.schedulers.len() == made.schedulers.capacity() {
            made.schedulers.retain(|own| own.strong_count() > 0);
        }
        made.schedulers.push(Arc::downgrade(&own));
    }
    Handle::of(own)
}

/// Those that are alive.
pub(crate) fn alive() -> Vec<Handle> {
    let made = lock();
    let alive = made.schedulers.iter().filter_map(Weak::upgrade);
    alive.map(Handle::of).collect()
}

impl Handle {
    pub(crate) fn manual(clock: Clock) -> Self {
        scheduler_made(|number| Own::manual(number, clock))
    }

    /// One with a clock and random source as the global one has, for workers of its own.
    pub(crate) fn for_workers(count: usize) -> Self {
        scheduler_made(|number| Own::for_workers(count, number, Clock::real()))
    }

    pub(crate) fn simulated(sim: Simulation<Runnable>) -> Self {
        scheduler_made(|number| Own::simulated(number, sim))
    }
}
