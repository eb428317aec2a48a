//! Taking many values: until the end, or all that are there.

use async_dsl::flow;
use async_dsl::prelude::*;
// Beside it: none of the names is one of its.
use futures_util::StreamExt;

#[async_dsl::test(seeds = 1000)]
async fn all_values_are_collected_until_the_end() {
    for size in [0, 1, 4] {
        let values = flow::from_iter(0..6, size);
        assert_eq!(values.collect_vec().await, [0, 1, 2, 3, 4, 5]);
        assert_eq!(values.collect_vec().await, [0; 0], "it has ended");
    }
    let whole = chan();
    put!(whole, 1).unwrap();
    whole.close();
    assert_eq!(whole.collect_vec().await, [1]);
    let mapped = flow::from_iter(1..=2, 0).map(|n| n * 2);
    assert_eq!(mapped.collect::<Vec<_>>().await, [2, 4]);
}

#[async_dsl::test(seeds = 500)]
async fn a_collection_that_is_dropped_counts_what_it_had() {
    let (putter, taker) = chan::fixed(1).split();
    let collecting = go!(|taker| taker.collect_vec().await);
    let canceller = collecting.canceller();
    let putting = go!(|putter| {
        for n in 0..4 {
            put!(putter, n).unwrap();
        }
    });
    go!({ canceller.cancel() });
    let collected = collecting.outcome().await;
    assert!(collected.is_err(), "it has no end");
    sleep!(1ms);
    drop(putter);
    let rest = taker.collect_vec().await;
    putting.await;
    assert_eq!(rest.len() as u64 + taker.discarded(), 4);
    assert!([0, 1, 2, 3].ends_with(&rest));
}

#[async_dsl::test(seeds = 200)]
async fn a_drain_takes_what_is_there_and_does_not_wait() {
    let c = chan::fixed(2);
    assert_eq!(c.drain(), [0; 0]);
    let putters: Vec<_> = (0..4).map(|n| go!(|c| put!(c, n))).collect();
    sleep!(1ms);
    let mut all = c.drain(); // two in the buffer, two that are parked
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3]);
    for putter in putters {
        putter.await.unwrap();
    }
    let (putter, taker) = chan::fixed(0).split();
    let parked = go!({ put!(putter, 7) });
    sleep!(1ms);
    assert_eq!((taker.drain(), taker.drain()), (vec![7], vec![]));
    parked.await.unwrap();
}
