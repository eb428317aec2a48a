//! The last handle that can put, or the last that can take, goes while another thread uses the channel.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::chan::{TryPutError, TryTakeError};
use async_dsl::prelude::*;
use loom::future::block_on;
use loom::thread;

use super::model;

/// A value that counts itself when it is dropped. The count is a std's, with which nothing is to be interleaved.
struct Value(Arc<AtomicUsize>);

impl Drop for Value {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

const MAKES: [fn() -> Chan<Value>; 3] = [|| chan::fixed(0), || chan::fixed(1), || chan()];

#[test]
fn the_last_of_two_putters_that_go_closes_the_channel() {
    model(|| {
        let (putter, taker) = chan::fixed::<u32>(1).split();
        let other = putter.clone();
        let thread = thread::spawn(move || drop(other));
        drop(putter);
        assert_eq!(block_on(taker.take()), None);
        thread.join().unwrap();
        assert_eq!(taker.try_take(), Err(TryTakeError::Closed));
    });
}

#[test]
fn the_last_of_two_takers_that_go_gives_a_parked_put_its_value_back() {
    model(|| {
        let (putter, taker) = chan::fixed(0).split();
        let other = taker.clone();
        let thread = thread::spawn(move || drop(other));
        let puts = thread::spawn(move || block_on(putter.put(7)));
        drop(taker);
        assert_eq!(puts.join().unwrap(), Err(Closed(7)));
        thread.join().unwrap();
    });
}

#[test]
fn what_was_put_before_the_last_putter_went_is_taken() {
    for make in MAKES {
        model(move || {
            let (putter, taker) = make().split();
            let count = Arc::new(AtomicUsize::new(0));
            let value = Value(Arc::clone(&count));
            let thread = thread::spawn(move || block_on(putter.put(value)).is_ok());
            let took = block_on(taker.take());
            assert!(thread.join().unwrap());
            assert!(took.is_some());
            drop(took);
            assert!(block_on(taker.take()).is_none());
            assert_eq!(count.load(Ordering::Relaxed), 1);
        });
    }
}

/// A value that was accepted goes with the channel; else whoever put it has it back.
#[test]
fn a_put_and_the_last_taker_that_goes_agree_on_who_has_the_value() {
    for make in MAKES {
        model(move || {
            let (putter, taker) = make().split();
            let count = Arc::new(AtomicUsize::new(0));
            let value = Value(Arc::clone(&count));
            let thread = thread::spawn(move || drop(taker));
            let put = block_on(putter.put(value));
            thread.join().unwrap();
            match put {
                Ok(()) => assert_eq!(count.load(Ordering::Relaxed), 1),
                Err(Closed(value)) => {
                    assert_eq!(count.load(Ordering::Relaxed), 0);
                    drop(value);
                }
            }
            let next = Value(Arc::clone(&count));
            assert!(matches!(putter.try_put(next), Err(TryPutError::Closed(_))));
        });
    }
}

#[test]
fn a_putter_that_is_cloned_while_the_other_goes_keeps_the_channel_open() {
    model(|| {
        let (putter, taker) = chan::fixed(1).split();
        let other = putter.clone();
        let goes = thread::spawn(move || drop(other));
        let thread = thread::spawn(move || {
            let clone = putter.clone();
            drop(putter);
            block_on(clone.put(7))
        });
        assert_eq!(block_on(taker.take()), Some(7));
        assert_eq!(thread.join().unwrap(), Ok(()));
        goes.join().unwrap();
        assert_eq!(block_on(taker.take()), None);
    });
}

/// A handle to both ends counts for both.
#[test]
fn the_last_handle_to_both_ends_closes_them_one_by_one() {
    model(|| {
        let both = chan::fixed(0);
        let (putter, taker) = both.clone().split();
        let goes = thread::spawn(move || drop(both));
        let took = thread::spawn(move || block_on(taker.take()));
        drop(putter);
        assert_eq!(took.join().unwrap(), None::<u32>);
        goes.join().unwrap();
    });
}
