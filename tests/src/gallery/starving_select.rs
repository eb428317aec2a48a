//! A select that starves: the arm that is tried first is always ready, so that the other one is never taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_dsl::prelude::*;

/// The number of jobs that a worker may do after it was told to stop.
const PATIENCE: u32 = 4;

/// Tells the worker to stop, while there is always one more job.
struct Office {
    jobs: Chan<u32>,
    stop: Chan<()>,
    told: Arc<AtomicBool>,
}

impl Office {
    fn open() -> Self {
        let (jobs, stop) = (chan::fixed(2), chan::fixed(1));
        let told = Arc::new(AtomicBool::new(false));
        go!(|jobs| {
            for job in 0..20 {
                put!(jobs, job).ok();
            }
        });
        go!(|stop, told| {
            put!(stop, ()).ok();
            told.store(true, Ordering::Relaxed);
        });
        Self { jobs, stop, told }
    }

    /// Counts a job that was done too late.
    fn count(&self, late: &mut u32) {
        *late += u32::from(self.told.load(Ordering::Relaxed));
        assert!(*late <= PATIENCE, "the worker does not stop");
    }
}

/// Takes a job if there is one.
#[linear]
pub async fn wrong() {
    let office = Office::open();
    let mut late = 0;
    loop {
        alt! {
            biased;
            _ = take!(office.jobs) => office.count(&mut late),
            _ = take!(office.stop) => break,
        }
    }
}

/// Checks first whether to stop.
#[linear]
pub async fn right() {
    let office = Office::open();
    let mut late = 0;
    loop {
        alt! {
            biased;
            _ = take!(office.stop) => break,
            _ = take!(office.jobs) => office.count(&mut late),
        }
    }
}
