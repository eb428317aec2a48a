//! Futures of channels that are polled by hand, left, dropped or moved to another task, and the wakers that they keep.
//! After async-channel's `bounded`, `forget_blocked_*` and tokio's `mpsc`, `task_abort`.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use async_dsl::chan::{TryPutError, TryTakeError};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use futures_lite::future::poll_once;

use super::{Woken, poll};

// N8
#[async_dsl::test]
async fn a_put_that_nobody_polls_keeps_nobody() {
    let (s, r) = chan::fixed(2).split();
    put!(s, 3).unwrap();
    put!(s, 7).unwrap();
    let mut left = Box::pin(s.put(13));
    assert!(poll_once(&mut left).await.is_none());
    let other = go!(|s| put!(s, 42));
    assert_eq!((take!(r), take!(r)), (Some(3), Some(7)));
    let mut got = [take!(r, 1s, 0), take!(r, 1s, 0)];
    got.sort_unstable();
    assert_eq!(got, [Some(13), Some(42)]);
    other.await.unwrap();
}

// N8
#[async_dsl::test]
async fn a_take_that_nobody_polls_hides_no_value() {
    let (s, r) = chan::fixed(2).split();
    let mut left = Box::pin(r.take());
    assert!(poll_once(&mut left).await.is_none());
    let other = go!(|r| take!(r));
    yield_now!();
    put!(s, 3).unwrap();
    put!(s, 7).unwrap();
    let got = timeout!(1s, { other.await });
    assert!(matches!(got, Ok(Some(3 | 7))), "{got:?}");
    assert_eq!(s.try_put(42), Ok(()), "two were taken, one is not yet read");
}

/// A stream that was polled and left is not in anybody's way, and one that ends says so for ever.
#[async_dsl::test]
async fn a_stream_that_nobody_polls_hides_no_value() {
    use futures_lite::StreamExt;
    let (s, mut left) = chan::fixed::<i32>(1).split();
    let taker = left.clone();
    assert!(poll_once(left.next()).await.is_none());
    put!(s, 1).unwrap();
    s.try_put(2).ok();
    assert!(taker.take_for(super::ms(500)).await.is_ok());
    drop(s);
    while left.next().await.is_some() {}
    assert_eq!((left.next().await, left.next().await), (None, None));
}

#[test]
fn the_last_waker_of_a_take_is_woken_and_the_first_let_go() {
    let (s, r) = chan::fixed::<i32>(1).split();
    let ((first, first_waker), (last, last_waker)) = (Woken::new(), Woken::new());
    let mut take = Box::pin(r.take());
    assert!(poll(&mut take, &first_waker).is_pending());
    let held = Arc::strong_count(&first);
    assert!(poll(&mut take, &last_waker).is_pending());
    assert_eq!(Arc::strong_count(&first), held - 1);
    s.try_put(1).unwrap();
    assert_eq!((first.times(), last.times()), (0, 1));
    assert_eq!(poll(&mut take, &last_waker), Poll::Ready(Some(1)));
}

/// Nothing keeps a waker after its future is gone.
#[test]
fn a_dropped_operation_lets_its_waker_go() {
    // Where a timer that is dropped is gone at once.
    Scheduler::virtual_time().enter(|| {
        let (full, empty) = (chan::fixed::<i32>(1), chan::<i32>());
        full.try_put(1).unwrap();
        let (_resolver, answer) = promise::<i32>();
        let (woken, waker) = Woken::new();
        let before = Arc::strong_count(&woken);
        let parks = |future: &mut (dyn Future<Output = ()> + Unpin)| {
            assert!(poll(future, &waker).is_pending());
            assert!(Arc::strong_count(&woken) > before);
        };
        macro_rules! lets_go {
            ($($operation:expr),+ $(,)?) => { $(
                let operation = async {
                    let _ = $operation.await;
                };
                let mut operation = Box::pin(operation);
                parks(&mut operation);
                drop(operation);
                assert_eq!(Arc::strong_count(&woken), before, stringify!($operation));
            )+ };
        }
        lets_go!(
            empty.take(),
            full.put(2),
            full.reserve(),
            empty.take_for(super::ms(10_000)),
            full.put_for(2, super::ms(10_000)),
            alts([&empty, &chan()].map(Chan::take)),
            alts([full.reserve()]),
            async_dsl::time::sleep(super::ms(10_000)),
            answer,
        );
    });
}

/// A real timer is let go when the reactor next looks at its timers.
#[test]
fn a_dropped_real_sleep_lets_its_waker_go() {
    let (woken, waker) = Woken::new();
    let before = Arc::strong_count(&woken);
    let mut sleep = Box::pin(async_dsl::time::sleep(super::ms(10_000)));
    assert!(poll(&mut sleep, &waker).is_pending());
    drop(sleep);
    while Arc::strong_count(&woken) > before {
        async_dsl::block_on(async_dsl::time::sleep(super::ms(1)));
    }
}

/// A place that is given back goes to the first in line alone, and not to one that left.
#[test]
fn places_go_to_the_first_in_line() {
    let c = chan::fixed::<i32>(2);
    let (p1, p2) = async_dsl::block_on(async { (c.reserve().await, c.reserve().await) });
    let ((third, third_waker), (fourth, fourth_waker)) = (Woken::new(), Woken::new());
    let (mut r3, mut r4) = (Box::pin(c.reserve()), Box::pin(c.reserve()));
    assert!(poll(&mut r3, &third_waker).is_pending());
    assert!(poll(&mut r4, &fourth_waker).is_pending());
    drop(p2);
    assert_eq!((third.times(), fourth.times()), (1, 0));
    drop(p1);
    assert_eq!((third.times(), fourth.times()), (1, 1));
    let Poll::Ready(p3) = poll(&mut r3, &third_waker) else {
        panic!("it was woken")
    };
    drop(r4);
    let Poll::Ready(p1) = poll(&mut pin!(c.reserve()), &third_waker) else {
        panic!("the place of the one that left")
    };
    assert_eq!(c.try_put(1), Err(TryPutError::Full(1)));
    p3.put(3).unwrap();
    p1.put(4).unwrap();
    assert_eq!((c.try_take(), c.try_take()), (Ok(3), Ok(4)));
}

/// F2: handed to one that is cancelled before it runs, as the last producer goes: no other is told the end before that.
#[test]
fn none_is_said_only_when_no_value_can_come_back() {
    for capacity in [0, 1, 8] {
        let scheduler = Scheduler::manual();
        let (jobs, queue) = chan::fixed(capacity).split();
        let work = |queue: Taker<i32>| scheduler.enter(|| go!({ take!(queue) }));
        let (first, second) = (work(queue.clone()), work(queue.clone()));
        scheduler.run_until_parked();
        scheduler.enter(|| go!({ put!(jobs, 3).unwrap() })); // which ends it: `jobs` goes
        scheduler.run_once();
        let cancelled = first.cancel();
        let got = scheduler.block_on(second);
        assert_eq!(scheduler.block_on(cancelled), None);
        let left = queue.try_take();
        assert_eq!(
            (got, left),
            (Some(3), Err(TryTakeError::Closed)),
            "capacity {capacity}"
        );
    }
}
