//! A choice over a fixed set of takers that is made once and awaited many times.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use async_dsl::alt::TakerSet;
use async_dsl::chan::{Buffer, Waiting};
use async_dsl::inspect::{TaskState, WaitsFor};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl_tests::{parked, takers_parked};

fn takers<T: Send + 'static>(chans: &[Chan<T>]) -> TakerSet<T> {
    chans.iter().map(|c| c.clone().split().1).collect()
}

fn rendezvous<const N: usize>() -> [Chan<u32>; N] {
    std::array::from_fn(|_| chan::fixed(0))
}

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs what polls by hand: on a simulated scheduler the schedule could answer a poll.
fn by_hand(test: impl Future<Output = ()>) {
    futures_lite::future::block_on(test);
}

#[async_dsl::test]
async fn it_takes_from_the_channel_after_the_last() {
    let chans: Vec<Chan<usize>> = (0..5).map(|_| chan()).collect();
    let mut set = takers(&chans);
    for round in 0..4 {
        for c in &chans {
            c.try_put(round).unwrap();
        }
    }
    for n in 0..20 {
        assert_eq!(set.take().await, Some((n % 5, Some(n / 5))));
    }
    chans[3].try_put(1).unwrap();
    chans[1].try_put(2).unwrap();
    assert_eq!(set.take().await, Some((1, Some(2))));
    assert_eq!(set.take().await, Some((3, Some(1))));
}

#[async_dsl::test]
async fn it_is_woken_by_any_channel_again_and_again() {
    let chans: Vec<Chan<usize>> = (0..150).map(|_| chan::fixed(0)).collect();
    let mut set = takers(&chans);
    for n in (0..150).chain((0..150).rev()) {
        let c = chans[n].clone();
        let putter = go!({ put!(c, n) });
        assert_eq!(set.take().await, Some((n, Some(n))));
        putter.await.unwrap();
    }
}

#[async_dsl::test]
async fn every_value_of_many_putters_comes_once() {
    for size in [0, 1, 3] {
        let chans: Vec<Chan<usize>> = (0..7).map(|_| chan::fixed(size)).collect();
        let mut set = takers(&chans);
        for n in 0..21 {
            let putter = chans[n % 7].clone();
            go!({
                for i in 0..20 {
                    put!(putter, n * 20 + i).unwrap();
                }
            });
        }
        let mut all = Vec::new();
        while all.len() < 420 {
            let (from, value) = set.take().await.unwrap();
            let value = value.unwrap();
            assert_eq!(value / 20 % 7, from);
            all.push(value);
        }
        all.sort_unstable();
        assert!(all.into_iter().eq(0..420));
    }
}

#[async_dsl::test]
async fn a_channel_that_ends_is_told_of_once_and_the_others_keep_their_index() {
    let (putters, takers): (Vec<_>, Vec<_>) = (0..3).map(|_| chan::fixed(1).split()).unzip();
    let mut set = TakerSet::new(takers);
    let mut putters = putters.into_iter();
    let (first, second, third) = (
        putters.next().unwrap(),
        putters.next().unwrap(),
        putters.next().unwrap(),
    );
    put!(second, 1).unwrap();
    drop(second);
    assert_eq!((set.len(), set.is_empty()), (3, false));
    assert_eq!(set.take().await, Some((1, Some(1))));
    assert_eq!(set.take().await, Some((1, None)));
    let closes = go!({ drop(third) });
    assert_eq!(set.take().await, Some((2, None)));
    closes.await;
    put!(first, 2).unwrap();
    assert_eq!(set.take().await, Some((0, Some(2))));
    assert_eq!(set.len(), 1);
    drop(first);
    assert_eq!(set.take().await, Some((0, None)));
    assert_eq!((set.take().await, set.take().await), (None, None));
    assert!(set.is_empty());
}

#[async_dsl::test]
async fn an_empty_set_ends_at_once() {
    assert_eq!(TakerSet::<u32>::new([]).take().await, None);
}

#[test]
fn between_two_takes_it_is_handed_nothing() {
    by_hand(async {
        let [a, b] = rendezvous();
        let mut set = takers(&[a.clone(), b.clone()]);
        assert!(poll(set.take()).is_pending());
        for c in [&a, &b] {
            assert!(c.try_put(1).is_err());
            assert_eq!(c.waiting(), takers_parked(1));
        }
        let mut put = Box::pin(b.put(7));
        assert!(poll(&mut put).is_pending());
        // Another taker has it, who came later.
        assert_eq!(b.take().await, Some(7));
        put.await.unwrap();
        let mut take = Box::pin(set.take());
        assert!(poll(&mut take).is_pending());
        b.try_put(8).unwrap();
        assert_eq!(take.await, Some((1, Some(8))));
        assert!(b.try_put(9).is_err());
    });
}

#[test]
fn what_was_put_between_two_takes_is_taken_by_the_next() {
    by_hand(async {
        let chans: Vec<Chan<u32>> = (0..3).map(|_| chan::fixed(2)).collect();
        let mut set = takers(&chans);
        assert!(poll(set.take()).is_pending());
        chans[2].try_put(1).unwrap();
        chans[2].try_put(2).unwrap();
        chans[0].try_put(3).unwrap();
        let mut all = Vec::new();
        while let Poll::Ready(taken) = poll(set.take()) {
            all.push(taken.unwrap());
        }
        assert_eq!(all, [(0, Some(3)), (2, Some(1)), (2, Some(2))]);
    });
}

// N8
#[test]
fn a_take_that_is_dropped_with_its_value_passes_it_on() {
    by_hand(async {
        let [a, b] = rendezvous();
        let mut set = takers(&[a.clone(), b.clone()]);
        {
            let mut take = Box::pin(set.take());
            assert!(poll(&mut take).is_pending());
            a.try_put(7).unwrap();
            let mut other = Box::pin(a.take());
            assert!(poll(&mut other).is_pending());
            drop(take);
            assert_eq!(other.await, Some(7));
        }
        {
            let mut take = Box::pin(set.take());
            assert!(poll(&mut take).is_pending());
            b.try_put(8).unwrap();
        }
        assert_eq!(b.len(), 1);
        assert_eq!(set.take().await, Some((1, Some(8))));
        assert_eq!(a.stats().takes + b.stats().takes, 2);
    });
}

#[test]
fn a_take_that_was_forgotten_is_gone_on_with() {
    by_hand(async {
        let [a] = rendezvous();
        let mut set = takers(std::slice::from_ref(&a));
        let mut take = Box::pin(set.take());
        assert!(poll(&mut take).is_pending());
        std::mem::forget(take);
        a.try_put(7).unwrap();
        assert_eq!(set.take().await, Some((0, Some(7))));
        assert!(a.try_put(8).is_err());
    });
}

#[test]
fn a_set_that_is_dropped_leaves_its_values_to_others() {
    by_hand(async {
        let [a, b] = rendezvous();
        let mut set = takers(&[a.clone(), b.clone()]);
        let mut take = Box::pin(set.take());
        assert!(poll(&mut take).is_pending());
        a.try_put(7).unwrap();
        std::mem::forget(take);
        drop(set);
        assert_eq!([a.waiting(), b.waiting()], [Waiting::default(); 2]);
        assert_eq!(a.try_take(), Ok(7));
    });
}

#[test]
fn takers_can_be_had_back() {
    by_hand(async {
        let chans: Vec<Chan<u32>> = (0..3).map(|_| chan::fixed(1)).collect();
        let mut set = takers(&chans);
        chans[1].close();
        assert_eq!(set.take().await, Some((1, None)));
        assert!(poll(set.take()).is_pending());
        chans[2].try_put(7).unwrap();
        let left = set.into_takers();
        assert_eq!(left.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(left[1].1.try_take(), Ok(7));
        assert!(chans.iter().all(|c| c.waiting() == Waiting::default()));
    });
}

#[test]
fn a_permit_that_is_given_up_leaves_the_set_waiting() {
    by_hand(async {
        let [a, b] = rendezvous();
        let mut set = takers(&[a.clone(), b.clone()]);
        let mut take = Box::pin(set.take());
        assert!(poll(&mut take).is_pending());
        let permit = a.reserve().await;
        // Promised to `a`, so it cannot have this:
        let mut put = Box::pin(b.put(7));
        assert!(poll(&mut put).is_pending());
        assert!(poll(&mut take).is_pending());
        drop(permit);
        assert_eq!(take.await, Some((1, Some(7))));
        put.await.unwrap();
    });
}

#[async_dsl::test]
async fn a_permit_brings_its_value_to_the_set() {
    let [a, b] = rendezvous();
    let mut set = takers(&[a.clone(), b.clone()]);
    let late = go!(|a, b| {
        let permit = b.reserve().await;
        yield_now!();
        permit.put(7).unwrap();
        let early = a.reserve().await;
        early.put(8).unwrap();
        put!(b, 9).unwrap();
    });
    for taken in [(1, Some(7)), (0, Some(8)), (1, Some(9))] {
        assert_eq!(set.take().await, Some(taken));
    }
    late.await;
}

#[test]
fn a_permit_whose_set_has_gone_on_brings_its_value_to_the_channel() {
    by_hand(async {
        let [a, b] = rendezvous();
        let mut set = takers(&[a.clone(), b.clone()]);
        let mut take = Box::pin(set.take());
        assert!(poll(&mut take).is_pending());
        let permit = a.reserve().await;
        drop(take);
        permit.put(7).unwrap();
        assert_eq!(set.take().await, Some((0, Some(7))));
    });
}

#[async_dsl::test]
async fn it_meets_the_put_arm_of_an_alt() {
    let [a, b, c] = rendezvous();
    let mut set = takers(&[a.clone(), b.clone()]);
    let puts = go!({
        for _ in 0..10 {
            alt! {
                done = put!(b, 7) => done.unwrap(),
                _ = take!(c) => {},
            }
        }
    });
    for _ in 0..10 {
        assert_eq!(set.take().await, Some((1, Some(7))));
    }
    puts.await;
}

#[test]
fn two_sets_on_the_same_channels_have_turns() {
    by_hand(async {
        let chans @ [a, b] = &rendezvous();
        let mut sets = [takers(chans), takers(chans)];
        let [one, two] = &mut sets;
        let [mut one_takes, mut two_takes] = [Box::pin(one.take()), Box::pin(two.take())];
        for n in 0..10 {
            assert!(poll(&mut one_takes).is_pending());
            assert!(poll(&mut two_takes).is_pending());
            a.try_put(n).unwrap();
            assert_eq!(poll(&mut one_takes), Poll::Ready(Some((0, Some(n)))));
            // Now the other is the first in the line of `a`, and in that of `b` this one still.
            assert!(poll(&mut one_takes).is_pending());
            a.try_put(n).unwrap();
            assert_eq!(poll(&mut two_takes), Poll::Ready(Some((0, Some(n)))));
            assert!(poll(&mut two_takes).is_pending());
            b.try_put(n).unwrap();
            assert_eq!(poll(&mut one_takes), Poll::Ready(Some((1, Some(n)))));
            assert!(poll(&mut one_takes).is_pending());
            b.try_put(n).unwrap();
            assert_eq!(poll(&mut two_takes), Poll::Ready(Some((1, Some(n)))));
        }
    });
}

#[async_dsl::test]
async fn a_channel_that_is_in_it_twice_has_two_turns() {
    let [a] = rendezvous();
    let mut set = takers(&[a.clone(), a.clone()]);
    let puts = go!(|a| {
        for n in 0..6 {
            put!(a, n).unwrap();
        }
    });
    for n in 0..6 {
        let (_, value) = set.take().await.unwrap();
        assert_eq!(value, Some(n));
    }
    puts.await;
    a.close();
    let ends = [set.take().await, set.take().await];
    assert!(ends.contains(&Some((0, None))) && ends.contains(&Some((1, None))));
    assert_eq!(set.take().await, None);
}

#[async_dsl::test]
async fn it_can_be_an_arm_that_loses() {
    let [a, b] = rendezvous();
    let mut set = takers(std::slice::from_ref(&a));
    let puts = go!(|a, b| {
        for n in 0..10 {
            put!(b, n).unwrap();
            put!(a, n).unwrap();
        }
    });
    let mut taken = [Vec::new(), Vec::new()];
    for _ in 0..20 {
        alt! {
            from_set = await!(cancel_safe(set.take())) => taken[0].push(from_set.unwrap().1.unwrap()),
            value = take!(b) => taken[1].push(value.unwrap()),
        }
    }
    assert!(taken.into_iter().all(|values| values.into_iter().eq(0..10)));
    puts.await;
}

/// Has a value whenever somebody else says so.
struct Moody(Arc<AtomicUsize>);

impl Buffer<u32> for Moody {
    fn push(&mut self, _: u32) -> Option<u32> {
        None
    }
    fn pop(&mut self) -> Option<u32> {
        let len = self.0.load(Ordering::Relaxed);
        self.0.store(len.saturating_sub(1), Ordering::Relaxed);
        (len > 0).then_some(7)
    }
    fn len(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn a_users_buffer_is_asked_at_each_take() {
    by_hand(async {
        let len = Arc::new(AtomicUsize::new(0));
        let moody = chan::with(Moody(Arc::clone(&len)));
        let [a] = rendezvous();
        let mut set = takers(&[a.clone(), moody.clone()]);
        assert!(poll(set.take()).is_pending());
        len.store(2, Ordering::Relaxed);
        assert_eq!(set.take().await, Some((1, Some(7))));
        assert_eq!(set.take().await, Some((1, Some(7))));
        assert!(poll(set.take()).is_pending());
    });
}

#[test]
fn a_snapshot_shows_it_where_it_is_awaited_and_only_then() {
    let [a, b] = rendezvous();
    let stop = chan::<()>();
    let (scheduler, snapshot) = {
        let (a, b, stop) = (a.clone(), b.clone(), stop.clone());
        parked(move || {
            go!(|stop| {
                let mut set = takers(&[a, b]);
                set.take().await;
                take!(stop);
                set.take().await;
            });
        })
    };
    let shown = |snapshot: &async_dsl::inspect::Snapshot| {
        assert_eq!(snapshot.tasks[0].state, TaskState::Parked);
        let lines = snapshot.tasks[0].parked.iter();
        let mut lines: Vec<_> = lines
            .map(|parked| (parked.place.unwrap().line, parked.waits_for))
            .collect();
        lines.sort_by_key(|(_, waits_for)| format!("{waits_for:?}"));
        lines
    };
    let line = (1..)
        .zip(include_str!("taker_set.rs").lines())
        .find(|(_, line)| line.trim() == "take!(stop);")
        .unwrap()
        .0;
    let first = shown(&snapshot);
    assert_eq!(
        first.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [line - 1; 2]
    );
    a.try_put(1).unwrap();
    scheduler.run_until_parked();
    let between = shown(&scheduler.snapshot());
    assert_eq!(between.len(), 1);
    assert_eq!(between[0].0, line);
    stop.try_put(()).unwrap();
    scheduler.run_until_parked();
    let second = shown(&scheduler.snapshot());
    assert_eq!(
        second.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [line + 1; 2]
    );
    assert!(
        second
            .iter()
            .all(|(_, waits_for)| matches!(waits_for, WaitsFor::Take(_)))
    );
}

#[test]
fn a_wait_is_as_long_as_its_take_is_awaited() {
    let scheduler = Scheduler::virtual_time();
    let chans = scheduler.enter(|| {
        let chans @ [a, b] = &rendezvous();
        let mut set = takers(chans);
        go!({
            set.take().await;
            sleep!(10s);
            set.take().await;
        });
        go!(|a, b| {
            put!(a, 1).unwrap();
            sleep!(11s);
            put!(b, 2).unwrap();
        });
        chans.clone()
    });
    scheduler.run_until_parked();
    scheduler.advance(std::time::Duration::from_secs(12));
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    let longest = snapshot.channels.iter().map(|c| c.longest_wait).max();
    assert_eq!(longest, Some(std::time::Duration::from_secs(1)));
    drop(chans);
}

// Real threads: each value is taken once, and nobody hangs.
#[test]
fn sets_and_other_takers_share_what_threads_put() {
    for (workers, size) in [(2, 0), (4, 1), (4, 0)] {
        async_dsl::scheduler::on_threads(workers, async {
            let chans: Vec<Chan<u32>> = (0..4).map(|_| chan::fixed(size)).collect();
            let sum = Arc::new(AtomicUsize::new(0));
            let mut all = Vec::new();
            for (n, c) in chans.iter().enumerate() {
                for _ in 0..2 {
                    let putter = c.clone();
                    all.push(go!({
                        for value in 1..=500 {
                            put!(putter, value).unwrap();
                            if value % 16 == u32::try_from(n).unwrap() {
                                drop(putter.reserve().await);
                            }
                        }
                    }));
                }
            }
            let mut takes = Vec::new();
            for taker in 0..3 {
                let (sum, chans) = (Arc::clone(&sum), chans.clone());
                takes.push(go!({
                    let mut set = takers(&chans[taker..]);
                    drop(chans);
                    let mut n = 0;
                    loop {
                        n += 1;
                        if n % 8 == 0 {
                            // Given up, perhaps with a value.
                            let _ = futures_lite::future::poll_once(set.take()).await;
                        }
                        match set.take().await {
                            Some((_, Some(value))) => {
                                sum.fetch_add(value as usize, Ordering::Relaxed);
                            }
                            Some((_, None)) => {}
                            None => break,
                        }
                    }
                }));
            }
            for putter in all {
                putter.await;
            }
            for c in &chans {
                c.close();
            }
            for take in takes {
                take.await;
            }
            let _ = sum;
            for c in chans {
                let stats = c.stats();
                assert_eq!((stats.puts, stats.takes), (1000, 1000));
            }
        });
    }
}
