//! Channels, promises and `alt!` polled by executors that are not ours.

use async_dsl::prelude::*;
use async_dsl_tests::takers_parked;

/// Two tasks of another executor, and one of ours, pass values through every kind of wait.
#[linear]
async fn player(out: Chan<u32>, back: Chan<u32>, answer: Promise<u32>) -> Vec<u32> {
    let mut seen = Vec::new();
    for n in 0..100 {
        put!(out, n).unwrap();
        alt! {
            value = take!(back) => seen.extend(value),
            sleep!(1min) => panic!("nobody answers"),
        }
    }
    // Where nobody else is, by the clock of the global scheduler.
    let quiet = chan::fixed(0);
    assert_eq!(put!(quiet, 1, 1ms), Err(PutError::Elapsed(1)));
    assert_eq!(take!(quiet, 1ms, 7), Some(7));
    assert!(timeout!(1ms, { take!(quiet) }).is_err());
    seen.push(answer.await.unwrap());
    seen
}

#[linear]
async fn partner(numbers: Chan<u32>, doubled: Chan<u32>, resolver: Resolver<u32>) {
    while let Some(n) = take!(numbers) {
        alt! {
            sent = put!(doubled, n * 2) => sent.unwrap(),
        }
        if n == 99 {
            break;
        }
    }
    let task = go!({ 1000 });
    resolver.deliver(task.await);
}

fn expected() -> Vec<u32> {
    (0..100).map(|n| n * 2).chain([1000]).collect()
}

// N18
#[test]
fn operations_work_on_tokio() {
    for workers in [1, 2] {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .build()
            .unwrap();
        for size in [0, 1, 10] {
            let (numbers, doubled) = (chan::fixed(size), chan::fixed(size));
            let (resolver, answer) = promise();
            let one = runtime.spawn(player(numbers.clone(), doubled.clone(), answer));
            let two = runtime.spawn(partner(numbers, doubled, resolver));
            let seen = runtime.block_on(async { two.await.and(one.await) });
            assert_eq!(seen.unwrap(), expected());
        }
    }
}

// N18
#[test]
fn operations_work_on_a_tokio_of_one_thread_with_ours_at_the_other_end() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (numbers, doubled) = (chan::fixed(0), chan::fixed(0));
    let (resolver, answer) = promise();
    go!(|numbers, doubled| partner(numbers, doubled, resolver).await);
    let seen = runtime.block_on(player(numbers, doubled, answer));
    assert_eq!(seen, expected());
}

// N18
#[test]
fn operations_work_under_futures_lite() {
    let (numbers, doubled) = (chan::fixed(0), chan::fixed(0));
    let (resolver, answer) = promise();
    let (from, to) = (numbers.clone(), doubled.clone());
    let thread = std::thread::spawn(move || {
        futures_lite::future::block_on(partner(from, to, resolver));
    });
    let seen = futures_lite::future::block_on(player(numbers, doubled, answer));
    thread.join().unwrap();
    assert_eq!(seen, expected());
}

// N18, N8: what tokio aborts leaves nothing behind.
#[test]
fn a_task_that_tokio_aborts_passes_its_value_on() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    for n in 0..200 {
        let c = chan::fixed(0);
        let [first, second] = [(); 2].map(|()| {
            let c = c.clone();
            runtime.spawn(async move { c.take().await })
        });
        while c.waiting() != takers_parked(2) {
            std::thread::yield_now();
        }
        c.try_put(n).unwrap();
        first.abort();
        let got = runtime.block_on(async {
            let first = first.await.ok().flatten();
            if first.is_some() {
                c.close(); // it was done before it could be aborted
            }
            first.or(second.await.unwrap())
        });
        assert_eq!(got, Some(n));
        assert_eq!((c.len(), c.waiting()), (0, chan::Waiting::default()));
    }
}
