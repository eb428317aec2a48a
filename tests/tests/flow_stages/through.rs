//! Adaptors of streams between two channels: core.async's transducers.

use std::future::ready;
use std::sync::Arc;

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use futures_util::{Stream, StreamExt, stream};

fn adapted<S>(
    values: impl IntoIterator<Item = u32, IntoIter: Send + 'static>,
    adapt: impl FnOnce(Taker<u32>) -> S,
) -> Taker<S::Item>
where
    S: Stream<Item: Send + 'static> + Send + 'static,
{
    flow::through(flow::from_iter(values, 1), 1, adapt)
}

// A15, X6
#[async_dsl::test(seeds = 1000)]
async fn adaptors_of_streams_are_transducers() {
    let mapped = adapted(1..=4, |s| s.map(|n| n + 1));
    assert_eq!(mapped.collect_vec().await, [2, 3, 4, 5]);
    let even = adapted(1..=6, |s| s.filter(|n| ready(n % 2 == 0)));
    assert_eq!(even.collect_vec().await, [2, 4, 6]);
    let odd = adapted(1..=6, |s| s.filter(|n| ready(n % 2 != 0)));
    assert_eq!(odd.collect_vec().await, [1, 3, 5]);
    let expanded = adapted(1..=3, |s| s.flat_map(|n| stream::iter(0..n)));
    assert_eq!(expanded.collect_vec().await, [0, 0, 1, 0, 1, 2]);
    let same = adapted(0..3, |s| s);
    assert_eq!(same.collect_vec().await, [0, 1, 2]);
}

/// The runs of equal keys, the last one at the end: core.async's `partition-by`.
fn runs_by<K: PartialEq>(
    values: impl Stream<Item = u32> + Unpin,
    key: fn(u32) -> K,
) -> impl Stream<Item = Vec<u32>> {
    stream::unfold(values.peekable(), move |mut values| async move {
        let first = values.next().await?;
        let mut run = vec![first];
        let mut pinned = std::pin::Pin::new(&mut values);
        while let Some(next) = pinned
            .as_mut()
            .next_if(|next| key(*next) == key(first))
            .await
        {
            run.push(next);
        }
        Some((run, values))
    })
}

// A25, X6
#[async_dsl::test(seeds = 1000)]
async fn parts_are_whole_but_for_the_last_which_comes_at_the_end() {
    let unique = adapted([1, 1, 2, 2, 3, 3, 3, 4], |s| {
        let mut last = None;
        s.filter(move |n| ready(last.replace(*n) != Some(*n)))
    });
    assert_eq!(unique.collect_vec().await, [1, 2, 3, 4]);
    let pairs = adapted([1, 2, 2, 3], |s| s.chunks(2));
    assert_eq!(pairs.collect_vec().await, [[1, 2], [2, 3]]);
    let fives = adapted(0..8, |s| s.chunks(5));
    assert_eq!(
        fives.collect_vec().await,
        [vec![0, 1, 2, 3, 4], vec![5, 6, 7]]
    );
    let runs = adapted([1, 3, 2, 4, 5], |s| runs_by(s, |n| n % 2));
    assert_eq!(runs.collect_vec().await, [vec![1, 3], vec![2, 4], vec![5]]);
}

// A26, A30
#[async_dsl::test(seeds = 200)]
async fn a_channel_is_reduced_by_the_fold_of_its_stream() {
    let sum = |values: Taker<u32>| values.fold(0, |sum, n| ready(sum + n));
    assert_eq!(sum(flow::from_iter([], 0)).await, 0);
    assert_eq!(sum(flow::from_iter(0..10, 0)).await, 45);
    // Early: a number that is too large ends it.
    let numbers = flow::from_iter(0.., 0);
    let summed = numbers
        .clone()
        .take_while(|n| ready(*n < 4))
        .fold(0, |sum, n| ready(sum + n));
    assert_eq!((summed.await, take!(numbers)), (6, Some(5)));
    let transduced = adapted(0..5, |s| s.map(|n| n + 1));
    assert_eq!(transduced.collect_vec().await, [1, 2, 3, 4, 5]);
}

// A27
#[async_dsl::test(seeds = 20)]
async fn each_of_many_waiting_takers_is_served_by_an_expansion() {
    for size in 1..10 {
        for takers in 1..10 {
            let (putter, from) = chan::fixed(0).split();
            let expanded = flow::through(from, size, |s| s.flat_map(stream::iter));
            let tasks: Vec<_> = (0..takers)
                .map(|_| go!(|expanded| take!(expanded)))
                .collect();
            sleep!(1ms);
            put!(putter, (0..takers).collect::<Vec<_>>()).unwrap();
            let mut got = Vec::new();
            for task in tasks {
                got.extend(task.await);
            }
            got.sort_unstable();
            assert_eq!(got, (0..takers).collect::<Vec<_>>());
            drop(putter);
            assert_eq!(take!(expanded), None);
        }
    }
}

// A28, A29: ours holds no more than its size. What an expansion has left waits in the stage, and with it the puts into its input.
#[async_dsl::test(seeds = 200)]
async fn an_expansion_does_not_overfill_the_channel() {
    let (putter, from) = chan::fixed(0).split();
    let expanded = flow::through(from, 1, |s| s.flat_map(stream::iter));
    put!(putter, vec![1, 2, 3]).unwrap();
    sleep!(1ms);
    assert_eq!(expanded.len(), 1);
    let next = go!(|putter| put!(putter, vec![4]));
    for n in 1..=2 {
        sleep!(1ms);
        assert!(!next.is_finished() && putter.try_put(vec![5]).is_err());
        assert_eq!(take!(expanded), Some(n));
    }
    sleep!(1ms); // the last of the three has room
    assert!(next.is_finished());
    assert_eq!((take!(expanded), take!(expanded)), (Some(3), Some(4)));
}

#[async_dsl::test(seeds = 200)]
async fn it_ends_with_its_stream_which_may_end_before_the_input() {
    let (putter, from) = chan::fixed(0).split();
    let two = flow::through(from, 0, |s| StreamExt::take(s, 2));
    go!(|putter| {
        for n in 1.. {
            if put!(putter, n).is_err() {
                break;
            }
        }
    });
    assert_eq!(
        (take!(two), take!(two), take!(two)),
        (Some(1), Some(2), None)
    );
    sleep!(1ms);
    assert!(put!(putter, 9).is_err());
}

#[async_dsl::test(seeds = 200)]
async fn it_stops_when_nobody_takes_from_it() {
    for puts in [false, true] {
        let held = Arc::new(());
        let captured = Arc::clone(&held);
        let (putter, from) = chan::fixed(0).split();
        let mapped = flow::through(from, 0, |s| {
            s.map(move |n| (n, Arc::strong_count(&captured)))
        });
        if puts {
            put!(putter, 1).unwrap(); // it waits for the output
        }
        sleep!(1ms);
        drop(mapped);
        sleep!(1ms);
        assert_eq!(put!(putter, 2), Err(Closed(2)));
        assert_eq!(Arc::strong_count(&held), 1, "the adaptor is dropped");
    }
}

/// A value that was served to the stream while its stage is parked at the output stays in the input.
#[async_dsl::test(seeds = 200)]
async fn what_the_stream_has_not_returned_stays_in_the_input() {
    let (putter, from) = chan::fixed(2).split();
    let rest = from.clone();
    let same = flow::through(from, 0, |s| s);
    for n in 1..=3 {
        put!(putter, n).unwrap();
    }
    sleep!(1ms);
    drop(same);
    drop(putter);
    assert_eq!(rest.collect_vec().await, [2, 3]);
}

#[async_dsl::test(unawaited_panics = allow)]
async fn a_panic_of_an_adaptor_ends_both_channels() {
    let (putter, from) = chan().split();
    let mapped = flow::through(from, 0, |s| s.map(|n| 10 / n));
    for n in [5, 0, 2] {
        put!(putter, n).unwrap();
    }
    assert_eq!((take!(mapped), take!(mapped)), (Some(2), None));
    assert!(put!(putter, 1).is_err());
}

#[test]
fn a_dump_shows_the_input_and_the_line() {
    let scheduler = Scheduler::virtual_time();
    let (line, kept) = scheduler.enter(|| {
        let (putter, from) = chan::<u32>().named("orders").split();
        let line = line!() + 1;
        (line, (flow::through(from, 0, |s| s.map(|n| n + 1)), putter))
    });
    scheduler.run_until_parked();
    let text = scheduler.snapshot().to_string();
    let row = text.lines().find(|row| row.contains(" through ")).unwrap();
    assert!(
        row.contains("orders") && row.contains(&format!("through.rs:{line}")),
        "{text}"
    );
    drop(kept);
}
