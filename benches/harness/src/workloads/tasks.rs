//! Many tasks: started, joined, parked, in a tree.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use super::sum_below;
use crate::channels::{Channels, Rx, Tx};
use crate::meter::{Outcome, resident};
use crate::runtimes::Runtime;

/// `n` tasks that do nothing, then all of their results. An operation is a task.
pub(super) async fn spawn_join<R: Runtime>(n: u32) -> u32 {
    let tasks: Vec<_> = (0..n)
        .map(|i| R::spawn(async move { u64::from(i) }))
        .collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await;
    }
    assert_eq!(sum, sum_below(n));
    n
}

/// The same, one after the other.
pub(super) async fn spawn_join_each<R: Runtime>(n: u32) -> u32 {
    let mut sum = 0;
    for i in 0..n {
        sum += R::spawn(async move { u64::from(i) }).await;
    }
    assert_eq!(sum, sum_below(n));
    n
}

/// `n` tasks, each parked on a channel of its own. An operation is a task with its channel.
pub(super) async fn parked<R: Runtime, C: Channels>(n: u32) -> Outcome {
    let mut senders = Vec::with_capacity(n as usize);
    let outcome = held_by::<R, _>(n, |parked| {
        let (tx, mut rx) = C::bounded(0);
        senders.push(tx);
        async move {
            parked.fetch_add(1, Relaxed);
            rx.recv().await;
            unreachable!("its sender is there, and sends nothing");
        }
    });
    let outcome = outcome.await;
    // Else the tasks would go on, at their end.
    std::mem::forget(senders);
    outcome
}

/// `n` tasks whose wakers are in a list. An operation is a task, with the 16 bytes of its waker.
pub(super) async fn parked_bare<R: Runtime>(n: u32) -> Outcome {
    let wakers = Arc::new(Mutex::new(Vec::with_capacity(n as usize)));
    let outcome = held_by::<R, _>(n, |parked| {
        let wakers = wakers.clone();
        poll_fn(move |cx| {
            let waker = cx.waker().clone();
            wakers.lock().expect("no task panics").push(waker);
            parked.fetch_add(1, Relaxed);
            Poll::Pending
        })
    });
    outcome.await
}

/// The memory of `n` tasks, once all of them are parked.
async fn held_by<R: Runtime, F>(n: u32, mut task: impl FnMut(Arc<AtomicU32>) -> F) -> Outcome
where
    F: Future<Output = ()> + Send + 'static,
{
    let parked = Arc::new(AtomicU32::new(0));
    let before = resident();
    for _ in 0..n {
        R::go(task(parked.clone()));
    }
    while parked.load(Relaxed) < n {
        R::sleep_until(Instant::now() + Duration::from_millis(5)).await;
    }
    // Not more: each was polled once.
    assert_eq!(parked.load(Relaxed), n);
    Outcome {
        operations: n,
        figures: vec![("bytes_per_task", (resident() - before) / f64::from(n))],
    }
}

/// A tree of tasks, ten children each, whose `n` leaves send their number up. An operation is a leaf.
pub(super) async fn skynet<R: Runtime, C: Channels>(n: u32) -> u32 {
    assert_eq!(10_u32.pow(n.ilog10()), n, "ten children, all alike");
    let (tx, mut rx) = C::bounded(1);
    R::go(node::<R, C>(tx, 0, n));
    assert_eq!(rx.recv().await, Some(sum_below(n)));
    n
}

/// Boxed because it is recursive; the leaves are not.
fn node<R: Runtime, C: Channels>(
    mut up: C::Tx,
    first: u32,
    leaves: u32,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let (tx, mut rx) = C::bounded(10);
        let each = leaves / 10;
        for child in 0..10 {
            let mut tx = tx.clone();
            let first = first + child * each;
            if each == 1 {
                R::go(async move { tx.send(u64::from(first)).await });
            } else {
                R::go(node::<R, C>(tx, first, each));
            }
        }
        let mut sum = 0;
        for _ in 0..10 {
            sum += rx.recv().await.expect("each child sends");
        }
        up.send(sum).await;
    })
}
