//! A scheduler with worker threads of its own, for one future: for tests on real threads.

use std::future::Future;
use std::panic::Location;

use super::block_on::block_on_thread;
use crate::runtime::handle::Handle;
use crate::runtime::running::assert_may_block;
use crate::runtime::sync::thread::{self, JoinHandle};
use crate::runtime::worker;

/// Ends the scheduler with its threads.
struct Workers {
    scheduler: Handle,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.scheduler.cancel_all();
        for thread in self.threads.drain(..) {
            // A worker does not panic; if it did, the panic was printed.
            let _ = thread.join();
        }
    }
}

/// Blocks this thread until the future is ready, and returns its output. The tasks it starts run on `count` new
/// threads.
///
/// Tasks that are left then are dropped where they are parked. Those that are running are waited for.
///
/// # Panics
///
/// If `count` is 0, inside a task, or if the future panics.
#[track_caller]
pub fn on_threads<F: Future>(count: usize, future: F) -> F::Output {
    let at = Location::caller();
    assert_may_block("on_threads", at);
    assert!(count > 0, "a scheduler needs at least one thread, not 0");
    let scheduler = Handle::for_workers(count);
    let mut workers = Workers {
        scheduler: scheduler.clone(),
        threads: Vec::new(),
    };
    for index in 0..count {
        let scheduler = scheduler.clone();
        let spawned = thread::Builder::new()
            .name(format!("async-dsl-test-worker-{index}"))
            .spawn(move || worker::work(&scheduler, index));
        match spawned {
            Ok(thread) => workers.threads.push(thread),
            Err(error) => panic!("could not start a worker thread: {error}"),
        }
    }
    block_on_thread(&scheduler, future, at)
}
