//! An `alt!` that starts and meets a partner which waits already and gives up: each pair of a starting arm and such a partner.

use std::future::Future;
use std::pin::Pin;

use async_dsl::chan::Permit;
use async_dsl::prelude::*;
use loom::future::block_on;
use loom::thread;

use super::{model, park_then_wait, poll_once};

/// An operation with its own handle, so that it can be dropped in another thread.
type Owned<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Polled once, so that it waits already.
fn parked<T>(operation: impl Future<Output = T> + Send + 'static) -> Owned<T> {
    let mut operation: Owned<T> = Box::pin(operation);
    assert!(poll_once(&mut operation).is_pending());
    operation
}

fn parked_reserve(c: &Chan<u32>) -> Owned<Permit<u32>> {
    let c = c.clone();
    parked(async move { c.reserve().await })
}

fn parked_take(c: &Chan<u32>) -> Owned<Option<u32>> {
    let c = c.clone();
    parked(async move { c.take().await })
}

/// Gives the partner up in another thread, and then puts.
fn drop_and_put<T: 'static>(partner: Owned<T>, c: &Chan<u32>) -> thread::JoinHandle<()> {
    let c = c.clone();
    thread::spawn(move || {
        drop(partner);
        block_on(c.put(7)).unwrap();
    })
}

/// Gives the partner up in another thread, and then takes.
fn drop_and_take<T: 'static>(partner: Owned<T>, c: &Chan<u32>) -> thread::JoinHandle<Option<u32>> {
    let c = c.clone();
    thread::spawn(move || {
        drop(partner);
        block_on(c.take())
    })
}

fn is_empty(c: &Chan<u32>) {
    assert_eq!((c.len(), c.waiting()), (0, chan::Waiting::default()));
}

#[test]
fn a_taker_starts_at_a_parked_reservation_that_is_dropped() {
    model(|| {
        let c = chan::fixed(0);
        let thread = drop_and_put(parked_reserve(&c), &c);
        assert_eq!(block_on(alts([c.take()])), Ok((0, Some(7))));
        thread.join().unwrap();
        is_empty(&c);
    });
}

#[test]
fn a_taker_of_two_that_starts_at_a_dropped_reservation_accepts_one_put() {
    model(|| {
        let (c, d) = (chan::fixed(0), chan::fixed(0));
        let partner = parked_reserve(&c);
        let drops = thread::spawn(move || drop(partner));
        let mut both = Box::pin(alts([c.take(), d.take()]).biased());
        assert!(poll_once(&mut both).is_pending());
        drops.join().unwrap();
        assert_eq!(c.try_put(7), Ok(()));
        assert!(d.try_put(8).is_err());
        assert_eq!(block_on(both), Ok((0, Some(7))));
        is_empty(&c);
        is_empty(&d);
    });
}

#[test]
fn a_taker_starts_at_a_permit_that_is_given_up() {
    model(|| {
        let c = chan::fixed(0);
        let other = c.clone();
        let thread = thread::spawn(move || {
            drop(block_on(other.reserve()));
            block_on(other.put(7)).unwrap();
        });
        assert_eq!(block_on(alts([c.take()])), Ok((0, Some(7))));
        thread.join().unwrap();
        is_empty(&c);
    });
}

#[test]
fn a_taker_starts_at_a_put_that_is_cancelled() {
    model(|| {
        let c = chan::fixed(0);
        let other = c.clone();
        let partner = parked(async move { other.put(1).await });
        let other = c.clone();
        let thread = thread::spawn(move || {
            drop(partner);
            let _ = block_on(other.put(7)); // nobody takes it, if the other was accepted after all
        });
        let (_, value) = block_on(alts([c.take()])).unwrap();
        assert!(matches!(value, Some(1 | 7)));
        c.close();
        thread.join().unwrap();
        is_empty(&c);
    });
}

#[test]
fn a_putter_starts_at_a_taker_that_is_cancelled() {
    model(|| {
        let c = chan::fixed(0);
        let thread = drop_and_take(parked_take(&c), &c);
        let (_, permit) = block_on(alts([c.reserve()])).unwrap();
        permit.put(7).unwrap();
        assert_eq!(thread.join().unwrap(), Some(7));
        is_empty(&c);
    });
}

#[test]
fn a_taking_alts_starts_at_a_putting_one_that_is_dropped() {
    model(|| {
        let c = chan::fixed(0);
        let other = c.clone();
        let partner = parked(async move { drop(alts([other.reserve()]).await) });
        let thread = drop_and_put(partner, &c);
        assert_eq!(block_on(alts([c.take()])), Ok((0, Some(7))));
        thread.join().unwrap();
        is_empty(&c);
    });
}

#[test]
fn a_putting_alts_starts_at_a_taking_one_that_is_dropped() {
    model(|| {
        let c = chan::fixed(0);
        let other = c.clone();
        let partner = parked(async move { alts([other.take()]).await });
        let thread = drop_and_take(partner, &c);
        let (_, permit) = block_on(alts([c.reserve()])).unwrap();
        permit.put(7).unwrap();
        assert_eq!(thread.join().unwrap(), Some(7));
        is_empty(&c);
    });
}

#[test]
fn a_taker_with_a_promise_starts_at_a_reservation_that_is_dropped() {
    model(|| {
        let c = chan::fixed::<u32>(0);
        let (_resolver, never) = promise::<u32>();
        let thread = drop_and_put(parked_reserve(&c), &c);
        let got = park_then_wait(Box::pin(async_block!(|c| {
            alt! {
                biased; // loom replays: nothing may be random
                value = take!(c) => value,
                _ = await!(never) => None,
            }
        })));
        assert_eq!(got, Some(7));
        thread.join().unwrap();
        is_empty(&c);
    });
}

#[test]
fn a_default_that_starts_at_a_reservation_that_is_dropped_does_not_wait() {
    model(|| {
        let c = chan::fixed::<u32>(0);
        let partner = parked_reserve(&c);
        let thread = thread::spawn(move || drop(partner));
        let got = block_on(async_block!(|c| {
            alt! {
                biased; // loom replays: nothing may be random
                value = take!(c) => value,
                default => None,
            }
        }));
        assert_eq!(got, None);
        thread.join().unwrap();
        is_empty(&c);
    });
}

// E
#[test]
fn a_close_ends_a_taker_that_starts_at_a_permit_which_is_kept() {
    model(|| {
        let c = chan::fixed::<u32>(0);
        let other = c.clone();
        let thread = thread::spawn(move || {
            let permit = block_on(other.reserve());
            other.close();
            permit
        });
        assert_eq!(block_on(alts([c.take()])), Ok((0, None)));
        let permit = thread.join().unwrap();
        assert_eq!(permit.put(1), Err(Closed(1)));
    });
}
