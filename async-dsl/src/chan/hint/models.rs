//! The hint against those who read it, in every interleaving.

use loom::future::block_on;
use loom::thread;

use crate::chan::{self, Chan};
use crate::runtime::sync::model;

/// Fails if the hint is stored after the lock is released: the older of two sections may then be the last to store.
#[test]
fn it_is_that_of_the_last_section() {
    model(3, || {
        let c: Chan<u32> = chan::fixed(1);
        let (putter, taker) = (c.clone(), c.clone());
        let put = thread::spawn(move || putter.try_put(1).unwrap());
        let take = thread::spawn(move || taker.try_take().is_ok());
        put.join().unwrap();
        let is_empty = take.join().unwrap();
        assert_eq!(c.shared.may_take(), !is_empty);
        assert_eq!(c.shared.may_put(), is_empty);
    });
}

/// Fails if a poll that reads "no" gets in line without asking again.
#[test]
fn a_put_and_a_take_that_trust_it_meet() {
    for size in [0, 1] {
        model(3, move || {
            let c: Chan<u32> = chan::fixed(size);
            let putter = c.clone();
            let puts = thread::spawn(move || {
                for value in [1, 2] {
                    block_on(putter.put(value)).unwrap();
                }
            });
            assert_eq!(block_on(c.take()), Some(1));
            assert_eq!(block_on(c.take()), Some(2));
            puts.join().unwrap();
            assert_eq!(c.waiting(), chan::Waiting::default());
        });
    }
}

/// Whoever was told that a value is there is not told by the hint that none is.
#[test]
fn what_was_told_is_in_it() {
    model(3, || {
        let (c, told): (Chan<u32>, Chan<()>) = (chan::fixed(1), chan::fixed(1));
        let (putter, tells) = (c.clone(), told.clone());
        let puts = thread::spawn(move || {
            putter.try_put(1).unwrap();
            tells.try_put(()).unwrap();
        });
        if told.shared.may_take() {
            assert!(c.shared.may_take());
        }
        puts.join().unwrap();
    });
}
