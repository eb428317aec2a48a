//! Code of the user's that panics while a channel runs it: the channel goes on, and nobody hangs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use async_dsl::chan::Buffer;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// Panics without the message on standard error.
fn fail() {
    std::panic::resume_unwind(Box::new("an accident"));
}

/// A queue whose methods panic as often as they are told to.
struct Fragile {
    values: Vec<u32>,
    fails: Arc<Fails>,
}

/// How often each method is still to panic.
#[derive(Default)]
struct Fails {
    push: AtomicUsize,
    pop: AtomicUsize,
    len: AtomicUsize,
    is_full: AtomicUsize,
}

fn check(times: &AtomicUsize) {
    let left = times.load(Ordering::Relaxed);
    if left > 0 {
        times.store(left - 1, Ordering::Relaxed);
        fail();
    }
}

impl Buffer<u32> for Fragile {
    fn push(&mut self, value: u32) -> Option<u32> {
        check(&self.fails.push);
        self.values.push(value);
        None
    }

    fn pop(&mut self) -> Option<u32> {
        check(&self.fails.pop);
        (!self.values.is_empty()).then(|| self.values.remove(0))
    }

    fn len(&self) -> usize {
        check(&self.fails.len);
        self.values.len()
    }

    fn is_full(&self) -> bool {
        check(&self.fails.is_full);
        self.values.len() >= 2
    }
}

fn fragile() -> (Chan<u32>, Arc<Fails>) {
    let fails = Arc::new(Fails::default());
    let buffer = Fragile {
        values: Vec::new(),
        fails: Arc::clone(&fails),
    };
    (chan::with(buffer), fails)
}

/// Counts its wake-ups, and then panics if it is to.
#[derive(Default)]
struct Counting {
    woken: AtomicUsize,
    panics: bool,
}

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.woken.fetch_add(1, Ordering::Relaxed);
        if self.panics {
            fail();
        }
    }
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Arc<Counting>) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(&Waker::from(Arc::clone(waker))))
}

/// A value that panics when it is dropped, unless that has been seen to.
struct Heavy(Arc<AtomicBool>);

impl Drop for Heavy {
    fn drop(&mut self) {
        if self.0.swap(false, Ordering::Relaxed) {
            fail();
        }
    }
}

fn heavy() -> Heavy {
    Heavy(Arc::new(AtomicBool::new(true)))
}

impl Heavy {
    fn lay_down(self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

// E3
#[test]
fn a_value_whose_push_panics_counts_as_discarded() {
    let (c, fails) = fragile();
    fails.push.store(1, Ordering::Relaxed);
    assert_eq!(c.try_put(1), Ok(()));
    assert_eq!((c.discarded(), c.len()), (1, 0));
    assert_eq!(c.try_put(2), Ok(()));
    assert_eq!((c.try_take(), c.stats().puts), (Ok(2), 2));
}

// E4
#[async_dsl::test]
async fn a_take_whose_pop_panics_gets_the_value_next_time() {
    let (c, fails) = fragile();
    put!(c, 1).unwrap();
    fails.pop.store(1, Ordering::Relaxed);
    let taker = go!(|c| take!(c));
    yield_now!();
    put!(c, 2).unwrap();
    assert_eq!((taker.await, take!(c)), (Some(1), Some(2)));
}

// E4
#[async_dsl::test]
async fn an_alt_whose_pop_panics_is_not_won_for_ever() {
    let (c, fails) = fragile();
    let other = chan::fixed(1);
    // Parked first, so that others see its flag.
    let taker = go!(|c, other| {
        alt! {
            biased;
            value = take!(c) => value,
            value = take!(other) => value,
        }
    });
    yield_now!();
    fails.pop.store(1, Ordering::Relaxed);
    put!(c, 1).unwrap();
    sleep!(1ms);
    put!(other, 2).unwrap();
    let got = taker.await.unwrap();
    let left = if got == 1 { &other } else { &c };
    assert_eq!(take!(left), Some(3 - got));
}

// E4
#[async_dsl::test]
async fn an_alt_that_finds_a_broken_buffer_takes_from_another_channel() {
    let (c, fails) = fragile();
    let other = chan::fixed(1);
    put!(c, 1).unwrap();
    // Once while nobody sees the flag of the `alt!`, once while everybody does.
    fails.pop.store(2, Ordering::Relaxed);
    let taker = go!(|c, other| {
        alt! {
            value = take!(c) => value,
            value = take!(other) => value,
        }
    });
    sleep!(1ms);
    assert_eq!(fails.pop.load(Ordering::Relaxed), 0);
    put!(other, 2).unwrap();
    assert_eq!(timeout!(1s, { taker.await }), Ok(Some(2)));
    assert_eq!(take!(c), Some(1));
}

// E3
#[async_dsl::test]
async fn a_buffer_that_cannot_say_its_length_wedges_nobody() {
    let (c, fails) = fragile();
    for broken in [&fails.len, &fails.is_full] {
        broken.store(1, Ordering::Relaxed);
        put!(c, 1).unwrap();
        broken.store(1, Ordering::Relaxed);
        let taker = go!(|c| take!(c));
        sleep!(1ms);
        put!(c, 2).unwrap();
        assert_eq!(taker.await, Some(1));
        assert_eq!(take!(c), Some(2));
    }
}

// E3
#[test]
fn a_putters_waker_that_panics_keeps_nobody_asleep() {
    let c = chan::fixed(1);
    c.try_put(0).unwrap();
    let wakers = [true, false].map(|panics| {
        let woken = AtomicUsize::new(0);
        Arc::new(Counting { woken, panics })
    });
    let mut puts = [c.put(1), c.put(2)].map(Box::pin);
    for (put, waker) in puts.iter_mut().zip(&wakers) {
        assert!(poll(put, waker).is_pending());
    }
    assert!(c.close(), "the panic stays in there");
    for (put, waker) in puts.iter_mut().zip(&wakers) {
        assert_eq!(waker.woken.load(Ordering::Relaxed), 1);
        assert!(matches!(poll(put, waker), Poll::Ready(Err(Closed(_)))));
    }
    assert_eq!((c.try_take(), c.is_closed()), (Ok(0), true));
}

// E4
#[test]
fn a_takers_waker_that_panics_loses_no_value() {
    let c = chan::fixed(0);
    let (woken, panics) = (AtomicUsize::new(0), true);
    let waker = Arc::new(Counting { woken, panics });
    let mut take = Box::pin(c.take());
    assert!(poll(&mut take, &waker).is_pending());
    assert_eq!(c.try_put(7), Ok(()));
    assert_eq!(poll(&mut take, &waker), Poll::Ready(Some(7)));
}

// E3
#[test]
fn a_discarded_value_whose_drop_panics_is_its_putters_panic_and_nobody_elses() {
    let c = chan::sliding(1);
    assert!(c.try_put(heavy()).is_ok());
    let second = heavy();
    let panic = catch_unwind(AssertUnwindSafe(|| c.try_put(second)));
    assert!(panic.is_err());
    assert_eq!((c.len(), c.discarded()), (1, 1));
    c.try_take().expect("the second one").lay_down();
}

// E4
#[test]
fn when_the_last_taker_goes_and_a_value_panics_putters_are_told() {
    let (putter, taker) = chan::fixed(1).split();
    assert!(putter.try_put(heavy()).is_ok());
    let waker = Arc::new(Counting::default());
    let mut put = Box::pin(putter.put(heavy()));
    assert!(poll(&mut put, &waker).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(taker))).is_err());
    assert_eq!(waker.woken.load(Ordering::Relaxed), 1);
    match poll(&mut put, &waker) {
        Poll::Ready(Err(Closed(value))) => value.lay_down(),
        other => panic!("{:?}", other.map_ok(drop)),
    }
    assert_eq!((putter.len(), putter.discarded()), (0, 1));
}

// E3: driven by hand, because the panic reaches the hook, which fails a simulated test
#[test]
fn a_value_that_panics_while_its_put_is_cancelled_harms_nobody() {
    Scheduler::virtual_time().block_on(async_block!({
        let c = chan::fixed(0);
        let putter = go!(|c| put!(c, heavy()).is_ok());
        yield_now!();
        assert_eq!(putter.cancel().await, None);
        assert_eq!(c.waiting(), chan::Waiting::default());
        let taker = go!(|c| take!(c));
        yield_now!();
        assert!(put!(c, heavy()).is_ok());
        taker.await.expect("the channel works").lay_down();
    }));
}
