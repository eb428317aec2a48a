//! A set of takers, which stays in line between two takes.

use async_dsl::alt::TakerSet;
use async_dsl::prelude::*;
use loom::future::block_on;
use loom::thread;

use super::{bounded, model, park_then_wait, poll_once};

fn set(chans: &[&Chan<u32>]) -> TakerSet<u32> {
    chans.iter().map(|c| (*c).clone().split().1).collect()
}

/// Puts in another thread.
fn puts(c: &Chan<u32>, value: u32) -> thread::JoinHandle<()> {
    let c = c.clone();
    thread::spawn(move || block_on(c.put(value)).unwrap())
}

fn is_empty(chans: &[&Chan<u32>]) {
    for c in chans {
        assert_eq!((c.len(), c.waiting()), (0, chan::Waiting::default()));
    }
}

/// Fails if an arm that is passed over is not looked at again, or before the flag is open.
#[test]
fn a_value_that_comes_between_two_rounds_is_found() {
    for size in [0, 1] {
        model(move || {
            let (a, b) = (chan::fixed(size), chan::fixed(size));
            let mut set = set(&[&a, &b]);
            // In line, and away.
            assert!(poll_once(&mut set.take()).is_pending());
            let threads = [puts(&a, 1), puts(&b, 2)];
            let first = block_on(set.take()).unwrap();
            let second = block_on(set.take()).unwrap();
            let mut both = [first, second];
            both.sort_unstable();
            assert_eq!(both, [(0, Some(1)), (1, Some(2))]);
            for thread in threads {
                thread.join().unwrap();
            }
            drop(set);
            is_empty(&[&a, &b]);
        });
    }
}

#[test]
fn a_set_takes_two_values_of_one_channel_in_two_rounds() {
    for size in [0, 1] {
        model(move || {
            let (a, b) = (chan::fixed(size), chan::fixed(size));
            let putter = a.clone();
            let thread = thread::spawn(move || {
                for value in [1, 2] {
                    block_on(putter.put(value)).unwrap();
                }
            });
            let mut set = set(&[&b, &a]);
            assert_eq!(block_on(set.take()), Some((1, Some(1))));
            assert_eq!(block_on(set.take()), Some((1, Some(2))));
            thread.join().unwrap();
            drop(set);
            is_empty(&[&a, &b]);
        });
    }
}

/// Fails if a set that is away can be won: nobody would collect the value.
#[test]
fn between_two_rounds_another_taker_gets_the_value() {
    model(|| {
        let (a, b) = (chan::fixed(0), chan::fixed(0));
        let mut set = set(&[&a, &b]);
        let put = puts(&a, 7);
        let round = poll_once(&mut set.take());
        if round.is_pending() {
            assert_eq!(block_on(a.take()), Some(7));
        }
        put.join().unwrap();
        drop(set);
        is_empty(&[&a, &b]);
    });
}

#[test]
fn a_set_that_is_dropped_while_it_is_handed_a_value_passes_it_on() {
    model(|| {
        let (a, b) = (chan::fixed(0), chan::fixed(0));
        let mut set = set(&[&b, &a]);
        let mut take = set.take();
        assert!(poll_once(&mut take).is_pending());
        let put = puts(&a, 7);
        std::mem::forget(take); // so that it is the set that gives it up
        drop(set);
        assert_eq!(block_on(a.take()), Some(7));
        put.join().unwrap();
        is_empty(&[&a, &b]);
    });
}

#[test]
fn a_take_that_is_dropped_while_it_is_handed_a_value_leaves_it_to_the_next() {
    model(|| {
        let (a, b) = (chan::fixed(0), chan::fixed(0));
        let mut set = set(&[&b, &a]);
        let mut take = set.take();
        assert!(poll_once(&mut take).is_pending());
        let put = puts(&a, 7);
        drop(take);
        assert_eq!(block_on(set.take()), Some((1, Some(7))));
        put.join().unwrap();
        drop(set);
        is_empty(&[&a, &b]);
    });
}

/// A set that is away stands before another one that starts.
#[test]
fn a_set_that_is_away_keeps_no_value_from_another() {
    model(|| {
        let (a, b) = (chan::fixed(0), chan::fixed(0));
        let mut one = set(&[&a, &b]);
        assert!(poll_once(&mut one.take()).is_pending());
        let mut other = set(&[&b, &a]);
        let takes = thread::spawn(move || block_on(other.take()).unwrap());
        block_on(a.put(1)).unwrap();
        assert_eq!(takes.join().unwrap(), (1, Some(1)));
        let mut take = one.take();
        assert!(poll_once(&mut take).is_pending());
        assert_eq!(b.try_put(2), Ok(()));
        assert_eq!(block_on(take), Some((1, Some(2))));
        drop(one);
        is_empty(&[&a, &b]);
    });
}

#[test]
fn two_sets_over_the_same_channels_take_one_value_each() {
    // Of three threads, of which two choose, three preemptions take some minutes.
    bounded(2, || {
        let (a, b) = (chan::fixed(0), chan::fixed(0));
        let mut one = set(&[&a, &b]);
        let mut other = set(&[&b, &a]);
        let takes = thread::spawn(move || block_on(other.take()).unwrap().1);
        let puts = thread::spawn({
            let (a, b) = (a.clone(), b.clone());
            move || {
                block_on(a.put(1)).unwrap();
                block_on(b.put(2)).unwrap();
            }
        });
        let mine = block_on(one.take()).unwrap().1;
        let mut both = [mine, takes.join().unwrap()];
        both.sort_unstable();
        assert_eq!(both, [Some(1), Some(2)]);
        puts.join().unwrap();
        drop(one);
        is_empty(&[&a, &b]);
    });
}

#[test]
fn a_set_and_a_put_arm_meet() {
    model(|| {
        let (a, b) = (chan::fixed::<u32>(0), chan::fixed::<u32>(0));
        let mut set = set(&[&a, &b]);
        assert!(poll_once(&mut set.take()).is_pending());
        let (a2, b2) = (a.clone(), b.clone());
        let thread = thread::spawn(move || {
            let (index, permit) = block_on(alts([b2.reserve(), a2.reserve()]).biased()).unwrap();
            permit.put(7).unwrap();
            1 - index
        });
        let (index, value) = block_on(set.take()).unwrap();
        assert_eq!(value, Some(7));
        assert_eq!(thread.join().unwrap(), index);
        drop(set);
        is_empty(&[&a, &b]);
    });
}

#[test]
fn a_set_whose_promise_is_not_kept_hears_of_its_other_arm() {
    model(|| {
        let (a, b) = (chan::fixed(0), chan::fixed(1));
        let mut set = set(&[&a, &b]);
        let (reserver, other) = (a.clone(), b.clone());
        let breaks = thread::spawn(move || {
            let mut reserve = Box::pin(reserver.reserve());
            drop(poll_once(&mut reserve));
        });
        let serves = thread::spawn(move || block_on(other.put(7)).unwrap());
        assert_eq!(block_on(set.take()), Some((1, Some(7))));
        breaks.join().unwrap();
        serves.join().unwrap();
        drop(set);
        is_empty(&[&a, &b]);
    });
}

#[test]
fn a_channel_that_closes_between_two_rounds_is_told_of() {
    model(|| {
        let (a, b) = (chan::fixed(1), chan::fixed(1));
        let mut set = set(&[&a, &b]);
        assert!(poll_once(&mut set.take()).is_pending());
        let closer = b.clone();
        let thread = thread::spawn(move || {
            closer.try_put(7).unwrap();
            closer.close();
        });
        assert_eq!(block_on(set.take()), Some((1, Some(7))));
        assert_eq!(park_then_wait(set.take()), Some((1, None)));
        thread.join().unwrap();
        drop(set);
        is_empty(&[&a, &b]);
    });
}
