//! Channels with blocking threads at both ends. After crossbeam-channel's `spsc`, `mpmc`, `stress_oneshot`, `stress_iter`,
//! `drops`, `linearizable`, `len`, `channel_through_channel`, and async-channel's `mpmc_stream`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use async_dsl::chan::TryTakeError;
use async_dsl::prelude::*;

use super::{Array, Counted, Flavour, List, Zero};

const THREADS: usize = 4;

#[test]
fn blocking_and_parking_and_trying_ends_mix() {
    for flavour in [Array(1), List] {
        let (s, r) = flavour.make();
        s.put_blocking(7).unwrap();
        assert_eq!(r.try_take(), Ok(7));
        s.put_blocking(8).unwrap();
        assert_eq!(async_dsl::block_on(r.take()), Some(8));
        async_dsl::block_on(s.put(9)).unwrap();
        assert_eq!(r.take_blocking(), Some(9));
        assert_eq!(r.try_take(), Err(TryTakeError::Empty));
    }
}

#[test]
fn one_thread_takes_in_order_what_another_puts() {
    const COUNT: usize = 20_000;
    for flavour in [Array(3), List, Zero] {
        let (s, r) = flavour.make();
        thread::scope(|scope| {
            scope.spawn(move || {
                for i in 0..COUNT {
                    s.put_blocking(i).unwrap();
                }
            });
            for i in 0..COUNT {
                assert_eq!(r.take_blocking(), Some(i), "{flavour:?}");
            }
            assert_eq!(r.take_blocking(), None);
        });
    }
}

/// Takes by `take`, `COUNT` times, on each of some threads, what as many others put.
fn many_to_many(flavour: Flavour, take: fn(&Taker<usize>) -> Option<usize>) {
    const COUNT: usize = 2_500;
    let (s, r) = flavour.make::<usize>();
    let seen: Vec<AtomicUsize> = (0..COUNT).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..COUNT {
                    seen[take(&r).unwrap()].fetch_add(1, SeqCst);
                }
            });
            scope.spawn(|| {
                for i in 0..COUNT {
                    s.put_blocking(i).unwrap();
                }
            });
        }
    });
    assert_eq!(r.try_take(), Err(TryTakeError::Empty));
    assert!(seen.iter().all(|n| n.load(SeqCst) == THREADS));
}

#[test]
fn many_threads_take_once_what_many_put() {
    for flavour in [Array(3), List, Zero] {
        many_to_many(flavour, Taker::take_blocking);
    }
}

#[test]
fn many_threads_take_once_what_many_put_by_streams() {
    use futures_lite::StreamExt;
    many_to_many(Array(3), |taker| async_dsl::block_on(taker.clone().next()));
}

#[test]
fn two_threads_meet_at_each_of_many_channels() {
    for flavour in [Array(1), List, Zero] {
        for _ in 0..500 {
            let (s, r) = flavour.make();
            thread::scope(|scope| {
                scope.spawn(move || assert_eq!(r.take_blocking(), Some(0)));
                scope.spawn(move || s.put_blocking(0).unwrap());
            });
        }
    }
}

/// Each asks until it is answered; the one that answers ends with its partner.
#[test]
fn requests_and_answers_go_both_ways() {
    const COUNT: usize = 10_000;
    for flavour in [Array(1), List] {
        let (ask, asked) = flavour.make::<()>();
        let (answer, answers) = flavour.make::<usize>();
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut count = 0;
                while count < COUNT {
                    ask.put_blocking(()).unwrap();
                    count += std::iter::from_fn(|| answers.try_take().ok()).sum::<usize>();
                }
            });
            while asked.take_blocking().is_some() {
                if answer.put_blocking(1).is_err() {
                    break;
                }
            }
        });
    }
}

#[test]
fn every_value_is_dropped_once() {
    for flavour in [Array(50), List, Zero] {
        for round in 0..10_usize {
            let steps = (round * 769) % 2_000;
            let left = if flavour == Zero { 0 } else { round * 31 % 50 };
            let dropped = Arc::new(AtomicUsize::new(0));
            let (s, r) = flavour.make();
            let put = || assert!(s.put_blocking(Counted(Arc::clone(&dropped))).is_ok());
            thread::scope(|scope| {
                scope.spawn(|| (0..steps).for_each(|_| drop(r.take_blocking().unwrap())));
                (0..steps).for_each(|_| put());
            });
            (0..left).for_each(|_| put());
            assert_eq!(dropped.load(SeqCst), steps, "{flavour:?}");
            drop((s, r));
            assert_eq!(dropped.load(SeqCst), steps + left, "{flavour:?}");
            assert_eq!(Arc::strong_count(&dropped), 1);
        }
    }
}

/// After one's own put there is a value for one's own take, whoever's it is.
#[test]
fn who_has_put_finds_a_value() {
    for flavour in [Array(4), List] {
        let (s, r) = flavour.make();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for _ in 0..5_000 {
                        s.put_blocking(0).unwrap();
                        r.try_take().expect("what I put, or another for it");
                    }
                });
            }
        });
    }
}

/// A try never sees an empty channel while a value that was accepted is there.
#[test]
fn a_try_finds_what_another_thread_said_it_has_put() {
    const COUNT: usize = 20_000;
    let (s, r) = List.make();
    let accepted = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0..COUNT {
                s.try_put(i).unwrap();
                accepted.store(i + 1, SeqCst);
            }
        });
        let mut taken = 0;
        while taken < COUNT {
            let there = accepted.load(SeqCst);
            match r.try_take() {
                Ok(i) => {
                    assert_eq!(i, taken);
                    taken += 1;
                }
                Err(error) => assert!(there <= taken, "{there} put, {taken} taken: {error}"),
            }
        }
    });
}

#[test]
fn a_channel_never_holds_more_than_it_has_places() {
    const COUNT: usize = 10_000;
    let places = 100;
    let (s, r) = Array(places).make();
    thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0..COUNT {
                s.put_blocking(i).unwrap();
                assert!(s.len() <= places);
            }
        });
        for i in 0..COUNT {
            assert_eq!(r.take_blocking(), Some(i));
            assert!(r.len() <= places);
        }
    });
    assert_eq!((s.len(), r.len()), (0, 0));
}

#[test]
fn a_rendezvous_of_plain_puts_and_takes_never_holds_a_value() {
    const COUNT: usize = 5_000;
    let (s, r) = Zero.make();
    thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0..COUNT {
                s.put_blocking(i).unwrap();
                assert_eq!(s.len(), 0);
            }
        });
        for i in 0..COUNT {
            assert_eq!(r.take_blocking(), Some(i));
            assert_eq!(r.len(), 0);
        }
    });
}

#[test]
fn channels_go_through_channels() {
    const COUNT: usize = 500;
    type Any = Box<dyn std::any::Any + Send>;
    for flavour in [Array(1), List, Zero] {
        let (first, mut taker) = flavour.make::<Any>();
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut putter = first;
                for _ in 0..COUNT {
                    let (next, taker) = flavour.make::<Any>();
                    putter.put_blocking(Box::new(taker)).unwrap();
                    putter = next;
                }
            });
            for _ in 0..COUNT {
                taker = *taker.take_blocking().unwrap().downcast().unwrap();
            }
            assert!(taker.take_blocking().is_none());
        });
    }
}
