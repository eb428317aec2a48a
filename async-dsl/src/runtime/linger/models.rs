//! What a drop leaves to be waited for, in every interleaving with its end.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc as StdArc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Waker;

use loom::future::block_on;
use loom::thread;

use super::*;
use crate::runtime::sync::{Mutex, lock, model};

/// What ends in another thread.
#[derive(Default)]
struct Ending {
    state: Mutex<(bool, Option<Waker>)>,
    /// What nothing is to be interleaved with.
    is_over: AtomicBool,
}

impl Ending {
    fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        let mut state = lock(&self.state);
        state.0 = true;
        let waker = state.1.take();
        drop(state);
        waker.map(Waker::wake);
    }
}

struct Over(StdArc<Ending>);

impl Future for Over {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut state = lock(&self.0.state);
        if state.0 {
            return Poll::Ready(());
        }
        let old = state.1.replace(waker);
        drop(state);
        drop(old);
        Poll::Pending
    }
}

/// Leaves its end to be waited for when it is dropped, and then calls.
struct Holder {
    ending: StdArc<Ending>,
    called: StdArc<AtomicUsize>,
}

impl Drop for Holder {
    fn drop(&mut self) {
        let wait = StdArc::clone(&self.ending);
        leave(|| Box::pin(Over(wait)));
        let (ending, called) = (StdArc::clone(&self.ending), StdArc::clone(&self.called));
        after(move || {
            assert!(
                ending.is_over.load(Ordering::SeqCst),
                "called before the end"
            );
            called.fetch_add(1, Ordering::SeqCst);
        });
    }
}

fn holder() -> (Holder, StdArc<Ending>, StdArc<AtomicUsize>) {
    let (ending, called) = (
        StdArc::<Ending>::default(),
        StdArc::<AtomicUsize>::default(),
    );
    let holder = Holder {
        ending: StdArc::clone(&ending),
        called: StdArc::clone(&called),
    };
    (holder, ending, called)
}

#[test]
fn what_was_left_is_waited_for_and_then_it_is_called_once() {
    model(3, || {
        let (holder, ending, called) = holder();
        let thread = thread::spawn(move || ending.end());
        let mut left = collect(|| drop(holder)).expect("something was left");
        block_on(poll_fn(|cx| left.poll(cx)));
        assert_eq!(called.load(Ordering::SeqCst), 1);
        drop(left);
        assert_eq!(called.load(Ordering::SeqCst), 1);
        thread.join().unwrap();
    });
}

#[test]
fn of_two_that_were_left_both_are_waited_for() {
    model(2, || {
        let ((one, ends, called), (other, ends_too, called_too)) = (holder(), holder());
        let threads = [ends, ends_too].map(|ending| thread::spawn(move || ending.end()));
        let mut left = collect(|| drop((one, other))).expect("something was left");
        block_on(poll_fn(|cx| left.poll(cx)));
        for called in [called, called_too] {
            assert_eq!(called.load(Ordering::SeqCst), 1);
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// Whoever gave up waiting hands on what is left.
#[test]
fn what_is_not_waited_for_to_its_end_goes_to_whoever_collects_then() {
    model(3, || {
        let (holder, ending, called) = holder();
        let thread = thread::spawn(move || ending.end());
        let mut first = collect(|| drop(holder)).expect("something was left");
        let over = block_on(poll_fn(|cx| Poll::Ready(first.poll(cx))));
        let second = collect(|| drop(first));
        match second {
            Some(mut second) => block_on(poll_fn(|cx| second.poll(cx))),
            None => assert!(over.is_ready()),
        }
        assert_eq!(called.load(Ordering::SeqCst), 1);
        thread.join().unwrap();
    });
}
