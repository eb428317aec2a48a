use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::scheduler::Scheduler;

#[test]
fn the_memory_of_a_burst_is_given_back() {
    let scheduler = Scheduler::manual();
    let capacity = || {
        let handle = scheduler.handle();
        lock(&handle.queue.state).ready.capacity()
    };
    for _ in 0..3 * KEEP {
        scheduler.spawn(async {}).detach();
    }
    assert!(capacity() >= 3 * KEEP);
    assert_eq!(scheduler.run_until_parked(), 3 * KEEP);
    assert!(capacity() <= KEEP);
}

/// As it is discarded it pushes one less.
struct Pushes {
    left: usize,
    discarded: Arc<AtomicUsize>,
    queue: Arc<RunQueue<Self>>,
}

impl Item for Pushes {
    fn discard(mut self) {
        self.discarded.fetch_add(1, Ordering::Relaxed);
        if self.left > 0 {
            self.left -= 1;
            Arc::clone(&self.queue).push(self);
        }
    }
}

#[test]
fn what_pushes_as_it_is_discarded_does_not_deepen_the_stack() {
    let queue = Arc::new(RunQueue::new(0, 0));
    queue.stop();
    let discarded = Arc::new(AtomicUsize::new(0));
    queue.push(Pushes {
        left: 1_000_000,
        discarded: Arc::clone(&discarded),
        queue: Arc::clone(&queue),
    });
    assert_eq!(discarded.load(Ordering::Relaxed), 1_000_001);
}
