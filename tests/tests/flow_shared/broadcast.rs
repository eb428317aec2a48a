//! One value for many, of whom none delays the putter, and each knows what it missed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::chan::{Kind, TryTakeError};
use async_dsl::flow::{self, Lagged, Subscriber};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use futures_lite::StreamExt;

#[async_dsl::test]
async fn each_subscriber_gets_each_value_from_when_it_came() {
    let news = flow::broadcast(8);
    put!(news, 0).unwrap();
    let first = news.subscribe();
    put!(news, 1).unwrap();
    let second = news.subscribe();
    put!(news, 2).unwrap();
    drop(news);
    assert_eq!(take!(second), Some(Ok(2)));
    assert_eq!(take!(second), None);
    assert_eq!(take!(first), Some(Ok(1)));
    assert_eq!(take!(first), Some(Ok(2)));
    assert_eq!(take!(first), None);
}

/// What a subscriber got and what it missed is all that was put, in order.
async fn all(subscriber: Subscriber<u64>, by: u32) -> (Vec<u64>, u64) {
    async_block!({
        let never = chan::<Result<u64, Lagged>>();
        let (mut got, mut missed) = (Vec::new(), 0);
        loop {
            let taken = match by {
                0 => take!(subscriber),
                1 => take!(subscriber, 1h, Ok(99)),
                _ => alt! {
                    taken = take!(subscriber) => taken,
                    taken = take!(never) => taken,
                },
            };
            match taken {
                Some(Ok(value)) => {
                    assert_eq!(value, got.len() as u64 + missed);
                    got.push(value);
                }
                Some(Err(Lagged(values))) => missed += values,
                None => break (got, missed),
            }
        }
    })
    .await
}

#[async_dsl::test]
async fn what_a_subscriber_gets_and_what_it_misses_is_all_there_was() {
    let news = flow::broadcast(2);
    let tasks: Vec<_> = (0..3)
        .map(|by| {
            let subscriber = news.subscribe();
            go!({ all(subscriber, by).await })
        })
        .collect();
    for n in 0..6 {
        put!(news, n).unwrap();
    }
    drop(news);
    for task in tasks {
        let (got, missed) = task.await;
        assert_eq!(got.len() as u64 + missed, 6);
        assert!(got.ends_with(&[4, 5]), "{got:?}");
    }
}

/// All see the values of several putters in one order.
#[async_dsl::test]
async fn all_subscribers_see_one_order() {
    let news = flow::broadcast(8);
    let subscribers = [news.subscribe(), news.subscribe()];
    for n in 0..3 {
        go!(|news| {
            put!(news, n).unwrap();
            put!(news, n + 10).unwrap();
        });
    }
    drop(news);
    let mut seen = Vec::new();
    for subscriber in subscribers {
        seen.push(subscriber.collect::<Vec<_>>().await);
    }
    assert_eq!(seen[0].len(), 6);
    assert_eq!(seen[0], seen[1]);
}

#[async_dsl::test]
async fn nothing_is_lost_wherever_a_take_is_cancelled() {
    let news = flow::broadcast(8);
    let subscriber = Arc::new(news.subscribe());
    let tasks = [(); 3].map(|()| go!(|subscriber| take!(subscriber)));
    let canceller = tasks[1].canceller();
    go!({ canceller.cancel() });
    go!(|news| {
        put!(news, 1).unwrap();
        put!(news, 2).unwrap();
    });
    drop(news);
    let mut taken = Vec::new();
    for task in tasks {
        taken.extend(task.outcome().await.ok().flatten());
    }
    while let Ok(value) = subscriber.try_take() {
        taken.push(value);
    }
    taken.sort_by_key(|taken| taken.unwrap());
    assert_eq!(taken, [Ok(1), Ok(2)]);
}

#[async_dsl::test]
async fn what_nobody_gets_is_counted() {
    let news = flow::broadcast(2);
    put!(news, 1).unwrap();
    assert_eq!(news.discarded(), 1);
    let (one, other) = (news.subscribe(), news.subscribe());
    (2..=4).for_each(|n| news.put(n).unwrap()); // 2 is discarded
    assert_eq!(news.discarded(), 2);
    assert_eq!(one.try_take(), Ok(Err(Lagged(1))));
    assert_eq!(one.try_take(), Ok(Ok(3)));
    drop(other);
    assert_eq!(news.discarded(), 2); // 3 was taken by one, and 4 is still there for it
    drop(one);
    assert_eq!((news.discarded(), news.subscribers()), (3, 0));
}

/// How many of it there are.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn no_more_values_are_kept_than_said_and_each_goes_with_its_last_taker() {
    let count = Arc::new(AtomicUsize::new(0));
    let here = || count.load(Ordering::SeqCst);
    let news = flow::broadcast(3);
    let subscribers: Vec<_> = (0..100).map(|_| news.subscribe()).collect();
    for _ in 0..10 {
        news.put(Counted::new(&count)).unwrap();
    }
    assert_eq!(here(), 3);
    for subscriber in &subscribers {
        assert!(matches!(subscriber.try_take(), Ok(Err(Lagged(7)))));
        drop(subscriber.try_take().unwrap().unwrap());
    }
    assert_eq!(here(), 2);
    // One of them lags; the others leave.
    let last = subscribers.into_iter().next().unwrap();
    assert_eq!(here(), 2);
    let kept = last.try_take().unwrap().unwrap();
    assert_eq!(here(), 2); // the last one has the value itself
    drop((kept, last));
    assert_eq!(here(), 0);
    news.put(Counted::new(&count)).unwrap();
    assert_eq!((here(), news.discarded()), (0, 9));
}

/// A subscriber that never takes delays neither the putter nor another.
#[async_dsl::test]
async fn a_subscriber_that_never_takes_delays_nobody() {
    let news = flow::broadcast(1);
    let idle = news.subscribe();
    let (busy, seen) = (news.subscribe(), chan());
    go!(|seen| {
        while let Some(Ok(value)) = take!(busy) {
            put!(seen, value).unwrap();
        }
    });
    for n in 0..5 {
        put!(news, n).unwrap();
        assert_eq!(take!(seen), Some(n));
    }
    assert_eq!(take!(idle), Some(Err(Lagged(4))));
}

#[async_dsl::test]
async fn a_closed_broadcast_ends_all() {
    let news = flow::broadcast(2);
    let subscriber = news.subscribe();
    let waits = go!({ (take!(subscriber), subscriber) });
    sleep!(1ms);
    news.close();
    let (taken, subscriber) = waits.await;
    assert_eq!(
        (taken, subscriber.try_take()),
        (None, Err(TryTakeError::Closed))
    );
    assert_eq!(put!(news, 1), Err(Closed(1)));
    assert_eq!(put!(news, 1, 1ms), Err(PutError::Closed(1)));
    assert_eq!(take!(news.subscribe()), None);
}

#[async_dsl::test]
async fn a_put_is_an_arm() {
    let news = flow::broadcast(2);
    let subscriber = news.subscribe();
    let never = chan::<u32>();
    alt! {
        sent = put!(news, 1) => sent.unwrap(),
        _ = take!(never) => unreachable!("nobody puts"),
    }
    assert_eq!(take!(subscriber), Some(Ok(1)));
}

#[test]
#[should_panic = "a broadcast keeps at least 1 value; its size was 0"]
fn a_broadcast_of_no_value_is_refused() {
    drop(flow::broadcast::<u32>(0));
}

#[test]
fn a_dump_shows_a_broadcast_and_who_waits() {
    let scheduler = Scheduler::virtual_time();
    let line = line!() + 1;
    let news = scheduler.enter(|| flow::broadcast::<u32>(4).named("news"));
    let (idle, subscriber) = (news.subscribe(), news.subscribe());
    let waits = scheduler.enter(|| go!({ (take!(subscriber), take!(subscriber)) }));
    news.put(1).unwrap();
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    let row = &snapshot.channels[0];
    assert_eq!((row.kind, row.made_at.line), (Some(Kind::Broadcast), line));
    assert_eq!((row.len, row.capacity, row.takers), (1, Some(4), 2));
    assert_eq!((row.puts, row.takes, row.parked_takers.len()), (1, 1, 1));
    let text = snapshot.to_string();
    assert!(
        text.contains("take!(subscriber)") && text.contains("  broadcast  "),
        "{text}"
    );
    drop((idle, news));
    assert_eq!(scheduler.block_on(waits), (Some(Ok(1)), None));
}
