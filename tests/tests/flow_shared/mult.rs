//! Mults and topics: each value for all who want it, none of whom is left out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_dsl::flow;
use async_dsl::inspect;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

#[linear]
async fn rest<T>(taker: &Taker<T>) -> Vec<T> {
    let mut rest = Vec::new();
    while let Some(value) = take!(taker) {
        rest.push(value);
    }
    rest
}

/// Puts these and drops the putter.
fn source(
    values: impl IntoIterator<Item = u32, IntoIter: Send> + Send + 'static,
    size: usize,
) -> Taker<u32> {
    let (putter, taker) = chan::fixed(size).split();
    go!({
        for value in values {
            if put!(putter, value).is_err() {
                break;
            }
        }
    });
    taker
}

// A21
#[async_dsl::test]
async fn all_taps_see_all_values_in_order() {
    let (putter, taker) = chan::fixed(0).split();
    let mult = flow::mult(taker);
    let taps = [mult.tap(0), mult.tap(4), mult.tap(1)];
    let tasks = taps.map(|tap| go!({ rest(&tap).await }));
    for n in 0..4 {
        put!(putter, n).unwrap();
    }
    drop(putter);
    for task in tasks {
        assert_eq!(task.await, [0, 1, 2, 3]);
    }
    assert_eq!(mult.discarded(), 0);
    assert_eq!(take!(mult.tap(1)), None); // it has ended
}

// A22, L2: it stalls with one slow receiver
#[async_dsl::test]
async fn a_fast_tap_gets_the_next_value_once_the_slow_one_has_this() {
    let (putter, taker) = chan().split();
    let mult = flow::mult(taker);
    let (slow, fast) = (mult.tap(0), mult.tap(0));
    (1..=3).for_each(|n| putter.try_put(n).unwrap());
    assert_eq!(take!(fast), Some(1));
    assert_eq!(take!(fast, 1h, 0), Some(0));
    assert_eq!(take!(slow), Some(1));
    assert_eq!(take!(fast), Some(2));
    // A22 (ASYNC-127): a tap that is dropped is removed, also while it is waited for.
    sleep!(1ms);
    drop(slow);
    assert_eq!(take!(fast), Some(3));
    drop(putter);
    assert_eq!(take!(fast), None);
}

// L2: with buffers it does not
#[async_dsl::test]
async fn buffers_let_the_fast_go_ahead() {
    let mult = flow::mult(source(0..5, 5));
    let (slow, fast) = (mult.tap(5), mult.tap(0));
    // Those that were taken before there was a tap are counted.
    let got = rest(&fast).await;
    assert_eq!(got.len() as u64 + mult.discarded(), 5);
    assert!([0, 1, 2, 3, 4].ends_with(&got));
    assert!(rest(&slow).await.ends_with(&got));
}

#[async_dsl::test]
async fn without_a_tap_values_are_counted() {
    let (putter, taker) = chan::fixed(0).split();
    let mult = flow::mult(taker);
    put!(putter, 1).unwrap();
    put!(putter, 2).unwrap();
    sleep!(1ms);
    assert_eq!(mult.discarded(), 2);
    let tap = mult.tap(1);
    put!(putter, 3).unwrap();
    assert_eq!(take!(tap), Some(3));
    drop(tap);
    put!(putter, 4).unwrap();
    sleep!(1ms);
    assert_eq!(mult.discarded(), 3);
}

#[async_dsl::test]
async fn it_stops_once_nobody_can_get_a_value() {
    // The handle goes last, or a tap does, before a value or in the middle of one.
    for order in 0..4 {
        let (putter, taker) = chan::fixed(0).split();
        let mult = flow::mult(taker);
        let (one, other) = (mult.tap(0), mult.tap(0));
        if order % 2 == 1 {
            put!(putter, 1).unwrap();
        }
        sleep!(1ms);
        if order < 2 {
            drop((one, mult, other));
        } else {
            drop((mult.clone(), one, other));
            put!(putter, 2).unwrap();
            drop(mult);
        }
        sleep!(1ms);
        assert_eq!(put!(putter, 9, 1h), Err(PutError::Closed(9)), "{order}");
    }
}

/// Whoever comes and goes meanwhile, each tap gets a part of the row without a gap.
#[async_dsl::test]
async fn taps_come_and_go() {
    let mult = flow::mult(source(0..8, 0));
    let tasks: Vec<_> = (0..4)
        .map(|n| {
            go!(|mult| {
                let tap = mult.tap(n);
                drop(mult);
                let mut got = Vec::new();
                for _ in 0..=n {
                    got.extend(take!(tap));
                }
                got
            })
        })
        .collect();
    tasks[1].canceller().cancel();
    for task in tasks {
        let got = task.outcome().await.unwrap_or_default();
        assert!(got.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{got:?}");
    }
}

// A24
#[async_dsl::test]
async fn two_subscribers_of_each_topic_get_all_of_it_in_order() {
    let (putter, taker) = chan::fixed(1).split();
    let topics = flow::topics(taker, |n: &u32| n % 2);
    let tasks: Vec<_> = (0..4)
        .map(|n| {
            let subscriber = topics.subscribe(n % 2, 1);
            go!({ rest(&subscriber).await })
        })
        .collect();
    drop(topics);
    for n in 0..6 {
        put!(putter, n).unwrap();
    }
    drop(putter);
    for (n, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await, if n % 2 == 0 { [0, 2, 4] } else { [1, 3, 5] });
    }
}

#[async_dsl::test]
async fn values_of_a_topic_that_nobody_wants_are_counted() {
    let (putter, taker) = chan::fixed(0).split();
    let topics = flow::topics(taker, |n: &u32| n % 3);
    let zeros = topics.subscribe(0, 8);
    for n in 0..9 {
        put!(putter, n).unwrap();
    }
    sleep!(1ms);
    assert_eq!((zeros.len(), topics.discarded()), (3, 6));
    drop(zeros);
    put!(putter, 9).unwrap();
    sleep!(1ms);
    assert_eq!(topics.discarded(), 7);
    drop(topics);
    sleep!(1ms);
    assert!(put!(putter, 10).is_err());
}

/// Those who left are forgotten, also where no value comes.
#[test]
fn subscribers_that_were_dropped_are_forgotten() {
    let scheduler = Scheduler::virtual_time();
    let (putter, taker) = scheduler.enter(|| chan::<u32>().split());
    let topics = scheduler.enter(|| flow::topics(taker, |n: &u32| *n));
    for n in 0..1000 {
        drop(scheduler.enter(|| topics.subscribe(n, 1)));
        scheduler.run_until_parked();
    }
    let channels = scheduler.snapshot().channels.len();
    assert!(channels < 50, "{channels}");
    drop((putter, topics));
    scheduler.run_until_parked();
    assert!(scheduler.snapshot().tasks.is_empty());
}

#[async_dsl::test(unawaited_panics = allow)]
async fn a_panic_of_the_key_ends_the_subscribers() {
    let (putter, taker) = chan().split();
    let topics = flow::topics(taker, |n: &u32| {
        assert!(*n < 2, "no such topic");
        *n
    });
    let one = topics.subscribe(1, 1);
    put!(putter, 1).unwrap();
    put!(putter, 2).unwrap();
    assert_eq!(rest(&one).await, [1]);
    assert_eq!(take!(topics.subscribe(1, 1)), None);
    assert!(put!(putter, 1).is_err());
}

/// Its second clone panics.
struct Bomb(Arc<AtomicU32>);

impl Clone for Bomb {
    fn clone(&self) -> Self {
        assert!(self.0.fetch_add(1, Ordering::SeqCst) < 1, "no more clones");
        Self(Arc::clone(&self.0))
    }
}

#[async_dsl::test(unawaited_panics = allow)]
async fn a_panic_of_a_clone_ends_the_taps() {
    let (putter, taker) = chan().split();
    let mult = flow::mult(taker);
    let (one, other) = (mult.tap(2), mult.tap(2));
    let fuse = Arc::new(AtomicU32::new(0));
    put!(putter, Bomb(Arc::clone(&fuse))).ok().unwrap();
    put!(putter, Bomb(fuse)).ok().unwrap();
    assert_eq!((rest(&one).await.len(), rest(&other).await.len()), (1, 1));
    assert!(put!(putter, Bomb(Arc::default())).is_err());
}

#[test]
fn a_dump_shows_a_mult_that_waits_for_its_slow_tap() {
    let scheduler = Scheduler::virtual_time();
    let (line, kept) = scheduler.enter(|| {
        let (putter, taker) = chan().split();
        let line = line!() + 1;
        let mult = flow::mult(taker);
        let kept = (mult.tap(0), mult.tap(4));
        putter.try_put(1).unwrap();
        (line, (kept, mult, putter))
    });
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    assert_eq!(snapshot.tasks[0].name.as_deref(), Some("mult"));
    assert_eq!(snapshot.tasks[0].started_at.line, line);
    let [parked] = &snapshot.tasks[0].parked[..] else {
        panic!("{snapshot}")
    };
    let inspect::WaitsFor::Put(number) = parked.waits_for else {
        panic!("{snapshot}")
    };
    let slow = snapshot
        .channels
        .iter()
        .find(|c| c.number == number)
        .unwrap();
    assert_eq!(
        (slow.name.as_deref(), slow.made_at.line),
        (Some("tap"), line + 1)
    );
    drop(kept);
}
