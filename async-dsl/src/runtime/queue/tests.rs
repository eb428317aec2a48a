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

struct Number(usize);

impl Item for Number {
    fn discard(self) {}
}

/// The turn at which each of `count` items is handed out, that were pushed so, while in each turn one more is woken and one
/// more is started.
fn turns_beside_more(count: usize, how: How) -> Vec<usize> {
    const MORE: usize = usize::MAX;
    let queue = RunQueue::new(1, 0);
    let mut worker = queue.worker();
    let local = worker.local().unwrap();
    let push = |number, how| assert!(local.push(Number(number), how).is_ok());
    (0..count).for_each(|number| push(number, how));
    let mut turns = vec![0; count];
    for turn in 1.. {
        let Next::Run(Number(number)) = worker.next() else {
            panic!("something is ready");
        };
        if number != MORE {
            turns[number] = turn;
            if turns.iter().all(|turn| *turn > 0) {
                break;
            }
        }
        push(MORE, How::Woken);
        push(MORE, How::Started);
    }
    drop(local);
    turns
}

#[test]
fn none_waits_longer_than_the_bound_for_those_before_it() {
    for (n, turn) in turns_beside_more(20, How::Yielded).into_iter().enumerate() {
        assert!(turn <= 34 * (n + 1), "woken, {n} before it: {turn}");
    }
    for (n, turn) in turns_beside_more(20, How::Started).into_iter().enumerate() {
        assert!(turn <= 136 * (n + 1), "started, {n} before it: {turn}");
    }
}

#[test]
fn what_other_threads_push_has_its_turn_beside_more() {
    let queue = RunQueue::new(1, 0);
    let mut worker = queue.worker();
    let local = worker.local().unwrap();
    queue.push(Number(0));
    for turn in 1.. {
        assert!(local.push(Number(1), How::Woken).is_ok());
        let Next::Run(Number(number)) = worker.next() else {
            panic!("something is ready");
        };
        if number == 0 {
            break;
        }
        assert!(turn < 61, "{turn} turns");
    }
    drop(local);
}

/// What a driver pushes, what is pushed to the shared part, and what another takes out to look at it, all in one order.
#[test]
fn a_driver_takes_first_what_was_pushed_first() {
    let queue = RunQueue::in_order();
    queue.push(Number(0));
    let mut driver = queue.worker();
    let local = driver.local().unwrap();
    let push = |number, how| assert!(local.push(Number(number), how).is_ok());
    assert_eq!(driver.round(), 1);
    push(1, How::Woken);
    push(2, How::Started);
    push(3, How::Yielded);
    assert_eq!(queue.len(), 4);
    assert_eq!(queue.ready(|number| number.0), [0, 1, 2, 3]);
    // What was looked at is in the shared part, and so is what comes after it.
    assert!(local.push(Number(4), How::Woken).is_err());
    queue.push(Number(4));
    queue.push(Number(5));
    let mut order = Vec::new();
    while driver.round() > 0 {
        let Next::Run(Number(number)) = driver.first() else {
            panic!("something is ready");
        };
        order.push(number);
    }
    assert_eq!(order, [0, 1, 2, 3, 4, 5]);
    drop(local);
}
