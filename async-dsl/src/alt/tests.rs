//! How often a choice locks a channel.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::alt::{TakerSet, alts, awaiting};
use crate::chan::{self, Chan, SECTIONS};
use crate::promise::promise;

/// Returns what `run` returns, and the critical sections that it enters.
fn sections<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = SECTIONS.get();
    let result = run();
    (result, SECTIONS.get() - before)
}

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn hundred() -> Vec<Chan<u32>> {
    (0..100).map(|_| chan::fixed(1)).collect()
}

#[test]
fn only_a_channel_that_may_be_ready_is_locked() {
    let chans = hundred();
    for n in [0, 42, 99] {
        chans[n].try_put(7).unwrap();
        let (taken, entered) = sections(|| poll(alts(chans.iter().map(Chan::take))));
        assert_eq!((taken, entered), (Poll::Ready(Ok((n, Some(7)))), 1));
    }
    for c in &chans {
        c.try_put(7).unwrap();
    }
    chans[42].try_take().unwrap();
    let (reserved, entered) = sections(|| poll(alts(chans.iter().map(Chan::reserve))));
    let Poll::Ready(Ok((42, permit))) = reserved else {
        panic!("one has room")
    };
    permit.put(7).unwrap();
    assert_eq!(entered, 1);
}

#[test]
fn each_channel_is_locked_once_to_park_and_once_to_leave() {
    let chans = hundred();
    let mut all = alts(chans.iter().map(Chan::take));
    assert_eq!(sections(|| poll(&mut all)), (Poll::Pending, 100));
    assert!(chans.iter().all(|c| c.waiting().takers == 1));
    assert_eq!(sections(|| chans[42].try_put(7)).1, 1);
    // One to collect the value.
    assert_eq!(
        sections(|| poll(&mut all)),
        (Poll::Ready(Ok((42, Some(7)))), 100)
    );
    assert!(chans.iter().all(|c| c.waiting().takers == 0));
    assert_eq!(sections(|| drop(all)).1, 0);
}

#[test]
fn a_set_locks_a_channel_once_a_value() {
    let chans = hundred();
    let mut set: TakerSet<u32> = chans.iter().map(|c| c.clone().split().1).collect();
    // In line.
    assert_eq!(sections(|| poll(set.take()).is_pending()), (true, 100));
    assert_eq!(sections(|| poll(set.take()).is_pending()), (true, 0));
    for n in [42, 7] {
        // Passed over: it is away.
        chans[n].try_put(7).unwrap();
        assert_eq!(
            sections(|| poll(set.take())),
            (Poll::Ready(Some((n, Some(7)))), 1)
        );
    }
    for n in [42, 7] {
        let mut take = set.take();
        assert_eq!(sections(|| poll(&mut take).is_pending()), (true, 0));
        chans[n].try_put(7).unwrap();
        assert_eq!(
            sections(|| poll(&mut take)),
            (Poll::Ready(Some((n, Some(7)))), 1)
        );
    }
    assert!(chans.iter().all(|c| c.waiting().takers == 1));
    assert_eq!(sections(|| drop(set)).1, 100);
}

#[test]
fn a_set_looks_again_where_it_left_something() {
    let c = chan::fixed(3);
    let mut set = TakerSet::new([c.clone().split().1]);
    assert!(poll(set.take()).is_pending());
    for n in 0..3 {
        c.try_put(n).unwrap();
    }
    for n in 0..3 {
        assert_eq!(
            sections(|| poll(set.take())),
            (Poll::Ready(Some((0, Some(n)))), 1)
        );
    }
    assert_eq!(sections(|| poll(set.take()).is_pending()), (true, 0));
}

#[test]
fn a_put_to_a_set_that_is_away_locks_once_to_park() {
    let c = chan::fixed(0);
    let mut set = TakerSet::new([c.clone().split().1]);
    assert!(poll(set.take()).is_pending());
    for n in 0..3 {
        let mut put = pin!(c.put(n));
        let (parked, entered) = sections(|| poll(&mut put).is_pending());
        // The first finds out that nobody can be claimed.
        assert_eq!((parked, entered), (true, if n == 0 { 2 } else { 1 }));
        assert_eq!(poll(set.take()), Poll::Ready(Some((0, Some(n)))));
        assert_eq!(poll(&mut put), Poll::Ready(Ok(())));
    }
    // What it is told is not what arms and `try_put` are told, for the set may be there again.
    let mut take = set.take();
    assert!(poll(&mut take).is_pending());
    let mut put = pin!(c.put(7));
    assert_eq!(sections(|| poll(&mut put)), (Poll::Ready(Ok(())), 1));
    assert_eq!(poll(&mut take), Poll::Ready(Some((0, Some(7)))));
    let Poll::Ready(Ok((0, _permit))) = ({
        assert!(poll(&mut take).is_pending());
        poll(alts([c.reserve()]))
    }) else {
        panic!("it waits")
    };
}

#[test]
fn a_list_that_is_pinned_goes_on_with_what_it_has() {
    for len in [1, 2, 15, 16, 17, 40] {
        let (mut resolvers, promises): (Vec<_>, Vec<_>) =
            (0..len).map(|_| promise::<u32>()).unzip();
        let mut all = alts(promises.iter().map(|promise| awaiting(promise)));
        assert!(poll(&mut all).is_pending());
        resolvers.pop().unwrap().deliver(7); // the others are not broken
        let Poll::Ready(Ok((index, done))) = poll(&mut all) else {
            panic!("the last was delivered")
        };
        assert_eq!((index, done.ok()), (len - 1, Some(7)));
    }
}
