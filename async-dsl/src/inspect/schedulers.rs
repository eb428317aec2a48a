//! The schedulers driven by hand that are alive.

use std::sync::{Arc, Mutex, MutexGuard, Weak};

use super::note::ON;
use crate::scheduler::{Core, Handle};
use crate::sync::lock_std;

struct Made {
    cores: Vec<Weak<Core>>,
    count: u16,
}

static MADE: Mutex<Made> = Mutex::new(Made {
    cores: Vec::new(),
    count: 0,
});

fn lock() -> MutexGuard<'static, Made> {
    lock_std(&MADE)
}

/// Makes a scheduler with a number of its own. Numbers come again after 65 535; 0 is the global one.
pub(crate) fn scheduler_made(core: impl FnOnce(u16) -> Core) -> Arc<Core> {
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
