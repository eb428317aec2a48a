//! The latest value: what is read is never old, and what is new is never missed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::chan::Kind;
use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use futures_lite::StreamExt;

#[async_dsl::test]
async fn a_take_waits_for_a_value_that_is_newer() {
    let (putter, watch) = flow::watch(1);
    assert_eq!(watch.get(), 1);
    assert_eq!(take!(watch, 1ms, 0), Some(0));
    put!(putter, 2).unwrap();
    assert_eq!(take!(watch), Some(2));
    assert_eq!(take!(watch, 1ms, 0), Some(0));
    let waits = go!({ (take!(watch), watch) });
    sleep!(1ms);
    put!(putter, 3).unwrap();
    let (taken, watch) = waits.await;
    assert_eq!((taken, watch.get()), (Some(3), 3));
    put!(putter, 4).unwrap();
    drop(putter);
    assert_eq!((take!(watch), take!(watch)), (Some(4), None));
    assert_eq!(watch.get(), 4);
}

/// Whatever the schedule, each watch sees a rising row that ends with the last value.
#[async_dsl::test]
async fn nobody_misses_the_last_value_or_sees_an_older_one() {
    let (putter, watch) = flow::watch(0);
    let tasks: Vec<_> = (0..3)
        .map(|n| {
            go!(|watch| {
                let never = chan::<u32>();
                let mut seen = Vec::new();
                loop {
                    let taken = if n == 0 {
                        take!(watch)
                    } else {
                        alt! {
                            taken = take!(watch) => taken,
                            taken = take!(never) => taken,
                        }
                    };
                    match taken {
                        Some(value) => seen.push(value),
                        None => break seen,
                    }
                }
            })
        })
        .collect();
    for value in 1..=4 {
        put!(putter, value).unwrap();
    }
    drop(putter);
    for task in tasks {
        let seen = task.await;
        assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
        assert_eq!(seen.last(), Some(&4));
    }
    assert_eq!(watch.get(), 4);
}

/// A take that is cancelled, even after it was woken, leaves the value to the next.
#[async_dsl::test]
async fn nothing_is_lost_wherever_a_take_is_cancelled() {
    let (putter, watch) = flow::watch(0);
    let watch = Arc::new(watch);
    let tasks = [(); 3].map(|()| go!(|watch| take!(watch)));
    let canceller = tasks[0].canceller();
    go!({ canceller.cancel() });
    go!({ put!(putter, 1).unwrap() });
    let mut taken = Vec::new();
    for task in tasks {
        taken.extend(task.outcome().await.ok().flatten());
    }
    assert!(taken.len() <= 1);
    let rest = take!(watch);
    assert_eq!(rest.is_some(), taken.is_empty());
}

#[async_dsl::test]
async fn clones_go_on_alone() {
    let (putter, watch) = flow::watch(1);
    put!(putter, 2).unwrap();
    let other = watch.clone();
    assert_eq!((take!(watch), take!(other)), (Some(2), Some(2)));
    let third = other.clone();
    assert_eq!(take!(third, 0ms, 0), Some(0));
    assert_eq!(take!(putter.watch(), 0ms, 0), Some(0));
}

#[async_dsl::test]
async fn a_put_that_nobody_watches_gives_its_value_back() {
    let (putter, watch) = flow::watch(1);
    drop(watch);
    assert_eq!(put!(putter, 2), Err(Closed(2)));
    assert_eq!(put!(putter, 2, 1ms), Err(PutError::Closed(2)));
    let sent = alt! { sent = put!(putter, 3) => sent, };
    assert_eq!(sent, Err(Closed(3)));
    let watch = putter.watch();
    let sent = alt! { sent = put!(putter, 4) => sent, };
    assert_eq!((sent, watch.get()), (Ok(()), 4));
}

#[async_dsl::test]
async fn what_nobody_saw_is_counted() {
    let (putter, watch) = flow::watch(0);
    for value in 1..=5 {
        put!(putter, value).unwrap();
        if value == 3 {
            assert_eq!(take!(watch), Some(3));
        }
    }
    assert_eq!((watch.discarded(), watch.get()), (3, 5));
}

/// A value that counts how many of it there are, and uses its watch while it is cloned and dropped.
struct Nosy(Arc<AtomicUsize>, Option<Arc<flow::WatchPutter<Nosy>>>);

impl Clone for Nosy {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::SeqCst);
        if let Some(putter) = &self.1 {
            drop(putter.watch());
        }
        Self(Arc::clone(&self.0), None)
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
        if let Some(putter) = &self.1 {
            drop(putter.watch());
        }
    }
}

#[test]
fn values_are_cloned_and_dropped_under_no_lock() {
    let count = Arc::new(AtomicUsize::new(3));
    let (putter, watch) = flow::watch(Nosy(Arc::clone(&count), None));
    let putter = Arc::new(putter);
    for _ in 0..2 {
        let value = Nosy(Arc::clone(&count), Some(Arc::clone(&putter)));
        putter.put(value).ok().unwrap();
        drop(watch.get());
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
    // The value holds its own putter: a plain one ends that circle.
    putter.put(Nosy(Arc::clone(&count), None)).ok().unwrap();
}

#[async_dsl::test]
async fn a_watch_is_a_stream() {
    let (putter, mut watch) = flow::watch(1);
    put!(putter, 2).unwrap();
    assert_eq!(watch.next().await, Some(2));
    let rest = go!({ watch.collect::<Vec<_>>().await });
    sleep!(1ms);
    put!(putter, 3).unwrap();
    drop(putter);
    assert_eq!(rest.await, [3]);
}

#[test]
fn a_dump_shows_a_watch_and_who_waits() {
    let scheduler = Scheduler::virtual_time();
    let line = line!() + 1;
    let (putter, watch) = scheduler.enter(|| flow::watch(0));
    let putter = putter.named("limit");
    let waits = scheduler.enter(|| {
        let other = watch.clone();
        go!({
            alt! {
                taken = take!(other) => taken,
                sleep!(1min) => None,
            }
        });
        go!({ take!(watch) })
    });
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    let limit = &snapshot.channels[0];
    assert_eq!((limit.kind, limit.made_at.line), (Some(Kind::Watch), line));
    assert_eq!(limit.parked_takers.len(), 2);
    let text = snapshot.to_string();
    assert!(
        text.contains("take!(watch)") && text.contains("| take!(other)"),
        "{text}"
    );
    assert!(text.contains("  watch  "), "{text}");
    scheduler.enter(|| putter.put(1).unwrap());
    assert_eq!(scheduler.block_on(waits), Some(1));
    assert!(
        scheduler
            .snapshot()
            .channels
            .iter()
            .all(|c| c.parked_takers.is_empty())
    );
}

#[test]
fn a_deadlock_names_the_watch() {
    let scheduler = Scheduler::virtual_time();
    let (putter, watch) = flow::watch(0);
    let putter = putter.named("limit");
    let waits = scheduler.enter(|| go!({ take!(watch) }));
    scheduler.panic_on_deadlock();
    let block = std::panic::AssertUnwindSafe(|| scheduler.block_on(waits));
    let panic = std::panic::catch_unwind(block);
    let panic = panic.unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(
        text.contains("limit") && text.contains("take!(watch)"),
        "{text}"
    );
    drop(putter);
}
