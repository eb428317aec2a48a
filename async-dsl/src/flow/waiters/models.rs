//! Those who wait for something new, in every interleaving.

use std::future::poll_fn;
use std::sync::Arc as StdArc;

use loom::future::block_on;
use loom::thread;

use super::*;
use crate::runtime::sync::model;
use crate::runtime::wake::wake_all;

/// A number that only grows, and who waits for it.
#[derive(Default)]
struct State {
    number: u32,
    waiters: Waiters,
}

impl Watched for State {
    fn waiters(&mut self) -> &mut Waiters {
        &mut self.waiters
    }
}

type Shared = StdArc<Mutex<State>>;

fn grow(shared: &Mutex<State>) {
    let mut state = lock(shared);
    state.number += 1;
    let wakers = state.waiters.wake();
    drop(state);
    wake_all(wakers);
}

/// Waits until the number is at least this.
async fn reaches(shared: &Mutex<State>, number: u32) {
    let mut key = None;
    poll_fn(|cx| poll_once(shared, &mut key, number, cx)).await;
    assert!(key.is_none());
}

fn poll_once(
    shared: &Mutex<State>,
    key: &mut Option<usize>,
    number: u32,
    cx: &Context<'_>,
) -> Poll<()> {
    poll(shared, key, At::UNKNOWN, cx, |state| {
        if state.number >= number {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
}

fn nobody_waits(shared: &Mutex<State>) {
    assert!(lock(shared).waiters.0.is_empty());
}

#[test]
fn nobody_sleeps_through_what_is_new() {
    model(3, || {
        let shared = Shared::default();
        let other = StdArc::clone(&shared);
        let thread = thread::spawn(move || {
            grow(&other);
            grow(&other);
        });
        block_on(reaches(&shared, 2));
        thread.join().unwrap();
        nobody_waits(&shared);
    });
}

#[test]
fn all_who_wait_are_told() {
    model(2, || {
        let shared = Shared::default();
        let waits = [0, 1].map(|_| {
            let other = StdArc::clone(&shared);
            thread::spawn(move || block_on(reaches(&other, 1)))
        });
        grow(&shared);
        for wait in waits {
            wait.join().unwrap();
        }
        nobody_waits(&shared);
    });
}

/// One who leaves takes neither what is new along, nor the place of another.
#[test]
fn one_who_leaves_leaves_the_others() {
    model(3, || {
        let shared = Shared::default();
        let mut key = None;
        block_on(poll_fn(|cx| {
            assert!(poll_once(&shared, &mut key, 1, cx).is_pending());
            Poll::Ready(())
        }));
        let other = StdArc::clone(&shared);
        let waits = thread::spawn(move || block_on(reaches(&other, 1)));
        let other = StdArc::clone(&shared);
        let leaves = thread::spawn(move || {
            leave(&other, &mut key);
            leave(&other, &mut key); // its place may be another's by now
        });
        grow(&shared);
        waits.join().unwrap();
        leaves.join().unwrap();
        nobody_waits(&shared);
    });
}
