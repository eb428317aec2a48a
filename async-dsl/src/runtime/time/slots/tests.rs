//! The slots, with an alarm that only remembers what it is set to.

use std::sync::Arc;
use std::task::{Wake, Waker};

use super::{Alarm, End, Slots};
use crate::runtime::sync::{Mutex, lock};
use crate::runtime::wake::counting::counting;

#[derive(Clone, Default)]
struct Bell(Arc<Mutex<Option<u64>>>);

impl Alarm for Bell {
    fn set(&mut self, tick: Option<u64>) {
        *lock(&self.0) = tick;
    }
}

impl Bell {
    fn is_set_to(&self) -> Option<u64> {
        *lock(&self.0)
    }
}

fn slots() -> (Bell, Slots<Bell>) {
    let bell = Bell::default();
    (bell.clone(), Slots::new(bell))
}

fn end(slot: u64) -> End {
    End { slot, within: 1 }
}

#[test]
fn the_alarm_is_set_to_the_first() {
    let (bell, slots) = slots();
    let (_, waker) = counting();
    for (slot, set_to) in [(7, 7), (9, 7), (3, 3), (7, 3)] {
        slots.register(end(slot), &waker).unwrap();
        assert_eq!(bell.is_set_to(), Some(set_to));
    }
    for (tick, set_to) in [(2, Some(3)), (3, Some(7)), (8, Some(9)), (9, None)] {
        slots.go_off(tick);
        assert_eq!(bell.is_set_to(), set_to);
    }
}

#[test]
fn what_is_over_is_woken_once_and_in_order() {
    struct Writes(u32, Arc<Mutex<Vec<u32>>>);
    impl Wake for Writes {
        fn wake(self: Arc<Self>) {
            lock(&self.1).push(self.0);
        }
    }
    let (_, slots) = slots();
    let written = Arc::new(Mutex::default());
    for (slot, within, number) in [
        (2, 5, 3),
        (1, 9, 1),
        (2, 3, 2),
        (1, 4, 0),
        (2, 5, 4),
        (4, 1, 5),
    ] {
        let waker = Waker::from(Arc::new(Writes(number, Arc::clone(&written))));
        slots.register(End { slot, within }, &waker).unwrap();
    }
    slots.go_off(3);
    assert_eq!(*lock(&written), [0, 1, 2, 3, 4]);
    slots.go_off(u64::MAX);
    assert_eq!(*lock(&written), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_slot_that_is_over_takes_nobody() {
    let (bell, slots) = slots();
    let (count, waker) = counting();
    let key = slots.register(end(4), &waker).unwrap();
    slots.go_off(5);
    assert_eq!(count.woken(), 1);
    assert!(slots.poll_over(&key, &waker));
    assert!(slots.register(end(5), &waker).is_none());
    // A thread that was called earlier, and comes later.
    slots.go_off(2);
    assert!(slots.register(end(4), &waker).is_none());
    assert_eq!(bell.is_set_to(), None);
    slots.register(end(6), &waker).unwrap();
    assert_eq!(bell.is_set_to(), Some(6));
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let (_, slots) = slots();
    let (old, old_waker) = counting();
    let (new, new_waker) = counting();
    let key = slots.register(end(1), &old_waker).unwrap();
    assert!(!slots.poll_over(&key, &old_waker));
    assert!(!slots.poll_over(&key, &new_waker));
    drop(old_waker);
    assert_eq!(Arc::strong_count(&old), 1, "the old waker was kept");
    slots.go_off(1);
    assert_eq!((old.woken(), new.woken()), (0, 1));
}

#[test]
fn one_that_is_cancelled_leaves_nothing() {
    let (bell, slots) = slots();
    let (count, waker) = counting();
    let keys = [3, 3, 2, u64::MAX].map(|slot| slots.register(end(slot), &waker).unwrap());
    for (key, left) in keys.iter().zip([3, 2, 1, 0]) {
        slots.cancel(key);
        assert_eq!(lock(&slots.state).slots.len(), left);
    }
    assert_eq!(Arc::strong_count(&count), 2, "a waker was kept");
    assert_eq!(bell.is_set_to(), None);
    slots.go_off(3);
    assert_eq!(count.woken(), 0);
}

#[test]
fn a_waker_that_panics_keeps_nobody_asleep() {
    struct Bomb;
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            std::panic::resume_unwind(Box::new("boom"));
        }
    }
    let (bell, slots) = slots();
    let (count, waker) = counting();
    let bomb = Waker::from(Arc::new(Bomb));
    for waker in [&waker, &bomb, &waker] {
        slots.register(end(1), waker).unwrap();
    }
    slots.register(end(2), &waker).unwrap();
    slots.go_off(1);
    assert_eq!(count.woken(), 2);
    assert_eq!(bell.is_set_to(), Some(2));
}
