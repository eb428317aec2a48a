//! The end of an output and what a stage had in hand, in every interleaving.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc as StdArc;
use std::task::Wake;

use loom::future::block_on;
use loom::thread;

use super::*;
use crate::chan;
use crate::runtime::sync::model;

/// A waker that only counts.
struct Nobody;

impl Wake for Nobody {
    fn wake(self: StdArc<Self>) {}
}

fn nobody() -> Waker {
    Waker::from(StdArc::new(Nobody))
}

fn line() -> Line {
    std::panic::Location::caller()
}

fn wait<T>(gone: &mut Gone<T>) {
    block_on(poll_fn(|cx| gone.poll(cx)));
}

#[test]
fn whoever_waits_for_the_end_is_told_of_it() {
    model(3, || {
        let (putter, taker) = chan::fixed::<u32>(1).split();
        let thread = thread::spawn(move || drop(taker));
        let mut gone = putter.gone();
        wait(&mut gone);
        assert!(gone.is_gone());
        thread.join().unwrap();
    });
}

/// The waker of the last poll is the one that is woken.
#[test]
fn a_wait_that_goes_to_another_task_is_told_there() {
    model(3, || {
        let (putter, taker) = chan::fixed::<u32>(1).split();
        let mut gone = putter.gone();
        let waker = nobody();
        assert!(gone.poll(&Context::from_waker(&waker)).is_pending());
        let thread = thread::spawn(move || drop(taker));
        wait(&mut gone);
        thread.join().unwrap();
    });
}

/// One who waits for the end is nobody who puts: he takes no turn of theirs.
#[test]
fn whoever_waits_for_the_end_and_leaves_takes_nothing_along() {
    model(3, || {
        let (putter, taker) = chan::fixed::<u32>(0).split();
        let mut gone = putter.gone();
        let waker = nobody();
        assert!(gone.poll(&Context::from_waker(&waker)).is_pending());
        let leaves = thread::spawn(move || drop(gone));
        let puts = thread::spawn(move || block_on(putter.put(7)));
        assert_eq!(block_on(taker.take()), Some(7));
        assert_eq!(puts.join().unwrap(), Ok(()));
        leaves.join().unwrap();
        assert_eq!(block_on(taker.take()), None);
    });
}

/// A value that a stage was about to put is taken, or counted, whoever is first.
#[test]
fn a_put_that_is_dropped_is_taken_or_counted() {
    model(3, || {
        let (putter, taker) = chan::fixed::<u32>(0).split();
        let keeps = putter.clone();
        let thread = thread::spawn(move || {
            let waker = nobody();
            let mut put = pin!(putter.put_counted(7, At::line(line())));
            put.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
        });
        let taken = block_on(async {
            let mut take = pin!(taker.take());
            poll_fn(|cx| Poll::Ready(take.as_mut().poll(cx))).await
        });
        let is_put = thread.join().unwrap();
        let taken = match taken {
            Poll::Ready(taken) => taken,
            Poll::Pending => None,
        };
        let counted = keeps.discarded();
        match taken {
            Some(7) => assert_eq!(counted, 0),
            // Handed to a take that was dropped then: the channel has it.
            _ if is_put => assert_eq!((counted, taker.try_take()), (0, Ok(7))),
            _ => assert_eq!(counted + u64::from(taker.try_take().is_ok()), 1),
        }
    });
}

/// An input that is removed from a mix as its task ends: the taker has what is there, or the channel has dropped it.
#[test]
fn a_taker_that_is_made_again_as_the_last_one_goes_has_all_or_nothing() {
    model(3, || {
        let (putter, taker) = chan::fixed::<u32>(1).split();
        putter.try_put(7).unwrap();
        let again = TakerAgain::of(&taker);
        let thread = thread::spawn(move || drop(taker));
        let taker = again.taker();
        let taken = taker.try_take();
        thread.join().unwrap();
        match taken {
            Ok(7) => {}
            Err(chan::TryTakeError::Closed) => assert!(taker.is_closed()),
            other => panic!("{other:?}"),
        }
    });
}
