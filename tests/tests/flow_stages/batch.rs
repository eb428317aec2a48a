//! Several values as one.

use std::time::Duration;

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::time;

// A25
#[async_dsl::test(seeds = 1000)]
async fn batches_are_whole_and_the_rest_comes_at_the_end() {
    for size in [0, 3] {
        let batches = flow::batch(flow::from_iter(0..8, size), 5, Duration::MAX);
        assert_eq!(
            batches.collect_vec().await,
            [vec![0, 1, 2, 3, 4], vec![5, 6, 7]]
        );
    }
    assert_eq!(take!(flow::batch(flow::from_iter([0; 0], 0), 5, 1s)), None);
    let singles = flow::batch(flow::from_iter(0..3, 0), 1, 1h);
    assert_eq!(singles.collect_vec().await, [[0], [1], [2]]);
}

#[async_dsl::test(seeds = 200)]
async fn a_value_waits_no_longer_than_the_time() {
    let (putter, from) = chan().split();
    let batches = flow::batch(from, 10, 10ms);
    go!({
        for n in [3, 9, 4, 20, 1] {
            sleep!(Duration::from_millis(n));
            put!(putter, n).unwrap();
        }
    });
    let start = time::now();
    // At 3 and 12 ms; at 16; at 36 and 37, when the input ends.
    for (batch, at) in [(vec![3, 9], 13), (vec![4], 26), (vec![20, 1], 37)] {
        assert_eq!(take!(batches), Some(batch));
        assert_eq!((time::now() - start).as_millis(), at);
    }
    assert_eq!(take!(batches), None);
}

/// The time counts from the first value, not from the last batch.
#[async_dsl::test]
async fn without_values_there_is_no_batch() {
    let (putter, from) = chan().split();
    let batches = flow::batch(from, 3, 10ms);
    assert_eq!(take!(batches, 1h, vec![0]), Some(vec![0]));
    put!(putter, 1).unwrap();
    let start = time::now();
    assert_eq!(take!(batches), Some(vec![1]));
    assert_eq!(time::now() - start, 10ms);
}

#[async_dsl::test(seeds = 200)]
async fn no_time_makes_a_batch_of_what_is_there() {
    let (putter, from) = chan().split();
    (0..5).for_each(|n| putter.try_put(n).unwrap());
    let batches = flow::batch(from, 4, Duration::ZERO);
    let mut all = Vec::new();
    while all.len() < 5 {
        all.extend(take!(batches).unwrap());
    }
    assert_eq!(all, [0, 1, 2, 3, 4]);
}

#[async_dsl::test(seeds = 200)]
async fn it_takes_no_more_than_two_batches_ahead() {
    let (putter, from) = chan::fixed(0).split();
    let batches = flow::batch(from, 2, 1h);
    let putting = go!(|putter| {
        for n in 0.. {
            if put!(putter, n).is_err() {
                break;
            }
        }
    });
    sleep!(1min);
    assert_eq!(putter.stats().puts, 4);
    assert_eq!(take!(batches), Some(vec![0, 1]));
    sleep!(1min);
    assert_eq!(putter.stats().puts, 6);
    drop(batches);
    putting.await;
}

#[async_dsl::test(seeds = 200)]
async fn it_stops_when_nobody_takes_from_it() {
    for puts in 0..3 {
        let (putter, from) = chan::fixed(0).split();
        let batches = flow::batch(from, 2, 1h);
        for n in 0..puts {
            put!(putter, n).unwrap();
        }
        drop(batches);
        sleep!(1ms);
        assert_eq!(put!(putter, 7), Err(Closed(7)));
    }
}

#[test]
#[should_panic(expected = "a batch of at most 0 values would never be full")]
fn a_batch_of_no_values_is_refused() {
    let (_putter, from) = chan::<u32>().split();
    drop(flow::batch(from, 0, Duration::MAX));
}
