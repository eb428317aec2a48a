//! What handles, permits and values do when they go, in any order. After async-channel's `drop`, `weak`, tokio's `mpsc`,
//! crossbeam-channel's `drop_unreceived`, `panic_on_drop`, `stack_overflow`.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;

use async_dsl::chan::{TryPutError, TryTakeError};
use async_dsl::prelude::*;

use super::{Array, Counted, List, Woken, Zero, poll};

#[test]
fn both_halves_know_how_many_places_there_are() {
    for (flavour, capacity) in [(Array(3), Some(3)), (List, None), (Zero, Some(0))] {
        let (s, r) = flavour.make::<()>();
        assert_eq!((s.capacity(), r.capacity()), (capacity, capacity));
    }
}

// F4
#[test]
fn a_permit_of_a_closed_channel_gives_its_value_back() {
    let c = chan::fixed::<i32>(1);
    let (woken, waker) = Woken::new();
    let permit = async_dsl::block_on(c.reserve());
    let mut second = Box::pin(c.reserve());
    assert!(poll(&mut second, &waker).is_pending());
    c.close();
    assert_eq!(woken.times(), 1);
    let Poll::Ready(late) = poll(&mut second, &waker) else {
        panic!("it is closed")
    };
    assert_eq!(late.put(2), Err(Closed(2)));
    assert_eq!(permit.put(1), Err(Closed(1)));
    assert_eq!(c.try_take(), Err(TryTakeError::Closed));
}

#[test]
fn what_is_left_is_dropped_with_the_last_taker() {
    for flavour in [Array(3), List] {
        let value = Arc::new(());
        let (s, r) = flavour.make();
        s.try_put(Arc::clone(&value)).unwrap();
        s.try_put(Arc::clone(&value)).unwrap();
        let other = r.clone();
        drop(r);
        assert_eq!(Arc::strong_count(&value), 3, "{flavour:?}");
        drop(other);
        assert_eq!(Arc::strong_count(&value), 1, "with the putter there");
        drop(s);

        let (s, r) = flavour.make();
        s.try_put(Arc::clone(&value)).unwrap();
        s.try_put(Arc::clone(&value)).unwrap();
        drop(s);
        assert_eq!(Arc::strong_count(&value), 3, "{flavour:?}");
        drop(r);
        assert_eq!(Arc::strong_count(&value), 1, "without a putter");
    }
}

#[test]
fn what_is_left_in_a_closed_channel_can_be_taken_until_its_handles_go() {
    for c in [chan::fixed(3), chan()] {
        let value = Arc::new(());
        c.try_put(Arc::clone(&value)).unwrap();
        c.close();
        assert_eq!(Arc::strong_count(&value), 2);
        drop(c);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}

#[test]
fn the_values_of_a_channel_are_dropped_in_an_unwinding() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let caught = catch_unwind(|| {
        let c = chan();
        for _ in 0..3 {
            assert!(c.try_put(Counted(Arc::clone(&dropped))).is_ok());
        }
        std::panic::resume_unwind(Box::new("unwinding"));
    });
    assert!(caught.is_err());
    assert_eq!(dropped.load(SeqCst), 3);
}

/// No value is dropped twice when one panics, and those after it are dropped too.
#[test]
fn a_value_that_panics_when_it_is_dropped_keeps_no_other() {
    struct Once {
        _count: Counted,
        panics: bool,
    }
    impl Drop for Once {
        fn drop(&mut self) {
            if self.panics {
                std::panic::resume_unwind(Box::new("first drop"));
            }
        }
    }
    for flavour in [Array(2), List] {
        let counts = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let (s, r) = flavour.make();
        for (count, panics) in counts.iter().zip([true, false]) {
            let value = Once {
                _count: Counted(Arc::clone(count)),
                panics,
            };
            assert!(s.try_put(value).is_ok());
        }
        drop(s);
        let panic = catch_unwind(AssertUnwindSafe(move || drop(r))).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"first drop"));
        assert_eq!(counts.map(|count| count.load(SeqCst)), [1, 1]);
    }
}

#[test]
fn a_channel_ends_with_the_last_clone_of_a_half_only() {
    let (s, r) = chan::fixed::<i32>(5).split();
    let mut copies: Vec<_> = (0..20).map(|_| s.clone()).collect();
    drop(s);
    while copies.pop().is_some() {
        let ended = r.try_take() == Err(TryTakeError::Closed);
        assert_eq!(ended, copies.is_empty());
    }

    let (s, r) = chan::fixed::<i32>(5).split();
    let mut copies: Vec<_> = (0..20).map(|_| r.clone()).collect();
    drop(r);
    s.try_put(1).unwrap();
    while copies.pop().is_some() {
        let ended = matches!(s.try_put(2), Err(TryPutError::Closed(2)));
        assert_eq!(ended, copies.is_empty());
    }
}

/// Values do not multiply on the stack, which is small here.
#[test]
fn big_values_go_through_a_small_stack() {
    const SIZE: usize = 16 << 10;
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(|| {
        let (s, r) = List.make();
        for n in 0..4_u8 {
            s.try_put([n; SIZE]).unwrap();
        }
        let last = std::iter::from_fn(|| r.try_take().ok()).map(|big| usize::from(big[SIZE - 1]));
        last.sum::<usize>()
    });
    assert_eq!(thread.unwrap().join().unwrap(), 6);
}

/// Whatever the value is, as long as it can be sent.
#[test]
fn handles_and_futures_can_be_sent_and_handles_be_shared() {
    fn send<T: Send>(_: &T) {}
    fn sync<T: Sync>(_: &T) {}
    let (s, r) = chan::fixed::<Cell<i32>>(1).split();
    send(&s);
    sync(&s);
    send(&r);
    sync(&r);
    send(&s.put(Cell::new(1)));
    send(&s.put_for(Cell::new(1), super::ms(1)));
    send(&r.take());
    send(&r.take_for(super::ms(1)));
    send(&s.reserve());
    send(&alts([r.take()]));
    let task = go!({ Cell::new(1) });
    send(&task);
    sync(&task);
    send(&task.canceller());
    sync(&task.canceller());
    assert_eq!(async_dsl::block_on(task).get(), 1);
}
