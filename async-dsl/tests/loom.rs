//! Model checks of the channel core and of the commit of `alt!`, over every interleaving:
//!
//! `RUSTFLAGS="--cfg async_dsl_loom" cargo test -p async-dsl --release --test loom`
#![cfg(async_dsl_loom)]

#[path = "loom/agents.rs"]
mod agents;
#[path = "loom/groups.rs"]
mod groups;
#[path = "loom/kept.rs"]
mod kept;
#[path = "loom/last.rs"]
mod last;
#[path = "loom/starting.rs"]
mod starting;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use async_dsl::chan::TryTakeError;
use async_dsl::prelude::*;
use loom::future::block_on;
use loom::thread;

fn model(f: impl Fn() + Sync + Send + 'static) {
    // Three preemptions find every bug of this size that is known to us; more take hours.
    bounded(3, f);
}

fn bounded(preemptions: usize, f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(f);
}

/// A waker that only counts.
struct Nobody;

impl Wake for Nobody {
    fn wake(self: Arc<Self>) {}
}

fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    let waker = Waker::from(Arc::new(Nobody));
    pin!(future).poll(&mut Context::from_waker(&waker))
}

#[test]
fn a_put_and_a_take_meet_on_every_kind_of_channel() {
    for make in [
        || chan::fixed(0),
        || chan::fixed(1),
        chan,
        || chan::sliding(1),
    ] {
        model(move || {
            let c: Chan<u32> = make();
            let putter = c.clone();
            let thread = thread::spawn(move || block_on(putter.put(7)).unwrap());
            assert_eq!(block_on(c.take()), Some(7));
            thread.join().unwrap();
            assert_eq!(c.waiting(), chan::Waiting::default());
        });
    }
}

#[test]
fn two_takers_get_one_value_each() {
    model(|| {
        let c = chan::fixed(1);
        let other = c.clone();
        let thread = thread::spawn(move || block_on(other.take()).unwrap());
        block_on(c.put(1)).unwrap();
        block_on(c.put(2)).unwrap();
        // The second put may itself be taken by nobody yet: take it here if the thread took the first.
        let mine = block_on(c.take()).unwrap();
        assert_eq!(mine + thread.join().unwrap(), 3);
    });
}

#[test]
fn two_alts_in_opposite_order_exchange_one_value() {
    model(|| {
        let (a, b) = (chan::fixed::<u32>(0), chan::fixed::<u32>(0));
        let (a2, b2) = (a.clone(), b.clone());
        let thread = thread::spawn(move || {
            let (index, permit) = block_on(alts([b2.reserve(), a2.reserve()]).biased()).unwrap();
            permit.put(7).unwrap();
            1 - index
        });
        let (index, value) = block_on(alts([a.take(), b.take()]).biased()).unwrap();
        assert_eq!(value, Some(7));
        assert_eq!(thread.join().unwrap(), index);
        assert_eq!([a.waiting(), b.waiting()], [chan::Waiting::default(); 2]);
    });
}

#[test]
fn an_alt_commits_exactly_one_of_two_puts() {
    model(|| {
        let (a, b) = (chan::fixed(0), chan::fixed(0));
        let puts: Vec<_> = [(&a, 1), (&b, 2)]
            .map(|(c, value)| {
                let c: Chan<u32> = c.clone();
                thread::spawn(move || block_on(c.put(value)).is_ok())
            })
            .into_iter()
            .collect();
        let (index, value) = block_on(alts([a.take(), b.take()]).biased()).unwrap();
        assert_eq!(value, Some(u32::try_from(index).unwrap() + 1));
        // The other put is untouched: it ends only because its channel closes.
        for c in [&a, &b] {
            c.close();
        }
        let done: Vec<bool> = puts.into_iter().map(|put| put.join().unwrap()).collect();
        assert_eq!(done, [index == 0, index == 1]);
    });
}

#[test]
fn close_and_put_agree_on_who_has_the_value() {
    model(|| {
        let c = chan::fixed(1);
        let putter = c.clone();
        let thread = thread::spawn(move || block_on(putter.put(7)));
        c.close();
        match thread.join().unwrap() {
            Ok(()) => assert_eq!(c.try_take(), Ok(7)),
            Err(Closed(value)) => assert_eq!(value, 7),
        }
        assert_eq!(c.try_take(), Err(TryTakeError::Closed));
    });
}

#[test]
fn close_wakes_a_parked_take() {
    model(|| {
        let c = chan::fixed::<u32>(0);
        let closer = c.clone();
        let thread = thread::spawn(move || closer.close());
        assert_eq!(block_on(c.take()), None);
        assert!(thread.join().unwrap());
    });
}

// N8
#[test]
fn a_take_cancelled_after_its_wake_up_passes_the_value_on() {
    model(|| {
        let c = chan::fixed(0);
        let (putter, second) = (c.clone(), c.clone());
        let mut cancelled = Box::pin(c.take());
        assert!(poll_once(&mut cancelled).is_pending());
        let put = thread::spawn(move || block_on(putter.put(7)).unwrap());
        let take = thread::spawn(move || block_on(second.take()));
        drop(cancelled);
        assert_eq!(take.join().unwrap(), Some(7));
        put.join().unwrap();
    });
}

#[test]
fn an_alt_cancelled_after_its_wake_up_passes_the_value_on() {
    model(|| {
        let (a, b) = (chan::fixed::<u32>(0), chan::fixed::<u32>(0));
        let putter = a.clone();
        let mut cancelled = Box::pin(alts([b.take(), a.take()]).biased());
        assert!(poll_once(&mut cancelled).is_pending());
        let put = thread::spawn(move || block_on(putter.put(7)).unwrap());
        drop(cancelled);
        assert_eq!(block_on(a.take()), Some(7));
        put.join().unwrap();
        assert_eq!([a.waiting(), b.waiting()], [chan::Waiting::default(); 2]);
    });
}

// N1
#[test]
fn a_promise_that_is_not_kept_leaves_its_taker_in_line() {
    model(|| {
        let c = chan::fixed(0);
        let reserver = c.clone();
        let thread = thread::spawn(move || {
            drop(block_on(reserver.reserve()));
            block_on(reserver.put(7)).unwrap();
        });
        assert_eq!(block_on(c.take()), Some(7));
        thread.join().unwrap();
        assert_eq!(c.waiting(), chan::Waiting::default());
    });
}

#[test]
fn an_alt_whose_promise_is_not_kept_hears_of_its_other_arm() {
    model(|| {
        let (a, b) = (chan::fixed(0), chan::fixed(1));
        let (reserver, other) = (a.clone(), b.clone());
        let breaks = thread::spawn(move || {
            let mut reserve = Box::pin(reserver.reserve());
            // Only if the alt is parked already; it must not be waited for, or nobody would serve it.
            drop(poll_once(&mut reserve));
        });
        let serves = thread::spawn(move || block_on(other.put(7)).unwrap());
        assert_eq!(
            block_on(alts([a.take(), b.take()]).biased()),
            Ok((1, Some(7)))
        );
        breaks.join().unwrap();
        serves.join().unwrap();
        assert_eq!([a.waiting(), b.waiting()], [chan::Waiting::default(); 2]);
    });
}

// N6
#[test]
fn three_alts_in_a_cycle_commit_one_pair_at_a_time() {
    model(|| {
        let (a, b) = (chan::fixed::<u32>(0), chan::fixed::<u32>(0));
        let (a2, b2) = (a.clone(), b.clone());
        // One alt puts on `a` or on `b`, two alts take from both: exactly one of them is served.
        let put = thread::spawn(move || {
            block_on(alts([a2.reserve(), b2.reserve()]).biased())
                .unwrap()
                .1
                .put(7)
                .unwrap();
        });
        let (a3, b3) = (a.clone(), b.clone());
        let take =
            thread::spawn(move || block_on(alts([b3.take(), a3.take()]).biased()).unwrap().1);
        let mut mine = Box::pin(alts([a.take(), b.take()]).biased());
        let got = match poll_once(&mut mine) {
            Poll::Ready(Ok((_, value))) => value,
            _ => None,
        };
        if got.is_some() {
            for c in [&a, &b] {
                c.close();
            }
        }
        drop(mine);
        let other = take.join().unwrap();
        put.join().unwrap();
        assert_eq!(got.xor(other), Some(7));
    });
}

/// Polls, and parks, once with a waker that wakes nobody, and then waits: so the second look at the promise comes while
/// the others run.
fn park_then_wait<F: Future + Unpin>(mut future: F) -> F::Output {
    match poll_once(&mut future) {
        Poll::Ready(output) => output,
        Poll::Pending => block_on(future),
    }
}

#[test]
fn an_alt_that_looks_at_a_promise_misses_no_put() {
    model(|| {
        let c = chan::fixed::<u32>(0);
        let (_resolver, never) = promise::<u32>();
        let putter = c.clone();
        let thread = thread::spawn(move || block_on(putter.put(7)).unwrap());
        let got = park_then_wait(Box::pin(async_block!(|c| {
            alt! {
                biased; // loom replays: nothing may be random
                value = take!(c) => value,
                _ = await!(never) => None,
            }
        })));
        assert_eq!(got, Some(7));
        thread.join().unwrap();
        assert_eq!((c.len(), c.waiting()), (0, chan::Waiting::default()));
    });
}

#[test]
fn an_alt_that_looks_at_a_promise_misses_no_take() {
    model(|| {
        let c = chan::fixed::<u32>(0);
        let (_resolver, never) = promise::<u32>();
        let taker = c.clone();
        let thread = thread::spawn(move || block_on(taker.take()));
        let sent = park_then_wait(Box::pin(async_block!(|c| {
            alt! {
                biased; // loom replays: nothing may be random
                sent = put!(c, 7) => sent.is_ok(),
                _ = await!(never) => false,
            }
        })));
        assert!(sent);
        assert_eq!(thread.join().unwrap(), Some(7));
        assert_eq!((c.len(), c.waiting()), (0, chan::Waiting::default()));
    });
}

#[test]
fn an_alt_takes_a_value_or_a_promise_and_never_both() {
    model(|| {
        let c = chan::fixed::<u32>(1);
        let (resolver, answer) = promise::<u32>();
        let putter = c.clone();
        let puts = thread::spawn(move || putter.try_put(1).unwrap());
        let delivers = thread::spawn(move || resolver.deliver(2));
        let got = park_then_wait(Box::pin(async_block!(|c| {
            alt! {
                biased; // loom replays: nothing may be random
                value = take!(c) => value,
                two = await!(answer) => two.ok(),
            }
        })));
        puts.join().unwrap();
        delivers.join().unwrap();
        match got {
            Some(1) => assert_eq!(c.try_take(), Err(TryTakeError::Empty)),
            Some(2) => assert_eq!(c.try_take(), Ok(1)),
            other => panic!("{other:?}"),
        }
        assert_eq!(c.waiting(), chan::Waiting::default());
    });
}

#[test]
fn a_promise_that_wins_over_a_promised_value_leaves_it_to_the_next() {
    model(|| {
        let c = chan::fixed::<u32>(0);
        let (resolver, answer) = promise::<u32>();
        let putter = c.clone();
        let puts = thread::spawn(move || {
            let permit = block_on(putter.reserve());
            resolver.deliver(2);
            permit.put(1).unwrap();
        });
        let got = block_on(async_block!(|c| {
            alt! {
                biased; // loom replays: nothing may be random
                value = take!(c) => value,
                two = await!(answer) => two.ok(),
            }
        }));
        puts.join().unwrap();
        match got {
            Some(1) => assert_eq!(c.try_take(), Err(TryTakeError::Empty)),
            Some(2) => assert_eq!(c.try_take(), Ok(1)),
            other => panic!("{other:?}"),
        }
        assert_eq!(c.waiting(), chan::Waiting::default());
    });
}
