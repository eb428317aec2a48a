//! Debounce and throttle: what passes, and what is counted.

use std::time::Duration;

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::time;

/// A channel on which `n` comes after `n` milliseconds.
fn at_times(times: &'static [u64]) -> Taker<u64> {
    let (putter, taker) = chan().split();
    go!({
        let start = time::now();
        for n in times {
            let until = start + Duration::from_millis(*n);
            sleep!(until - time::now());
            put!(putter, *n).ok();
        }
        sleep!(1h);
    });
    taker
}

#[async_dsl::test]
async fn the_last_of_a_burst_passes_once_it_is_quiet() {
    let start = time::now();
    let settled = flow::debounce(at_times(&[1, 5, 14, 40, 41, 100]), 10ms);
    for (value, at) in [(14, 24), (41, 51), (100, 110)] {
        assert_eq!(take!(settled), Some(value));
        assert_eq!((time::now() - start).as_millis(), at);
    }
    assert_eq!(settled.discarded(), 3);
}

#[async_dsl::test]
async fn the_end_of_the_input_ends_a_burst() {
    let (putter, taker) = chan().split();
    let settled = flow::debounce(taker, 1h);
    put!(putter, 1).unwrap();
    put!(putter, 2).unwrap();
    drop(putter);
    let start = time::now();
    assert_eq!((take!(settled), take!(settled)), (Some(2), None));
    assert_eq!((time::now() - start, settled.discarded()), (0ms, 1));
}

#[async_dsl::test]
async fn one_a_period_passes() {
    let start = time::now();
    let passed = flow::throttle(at_times(&[1, 5, 11, 12, 40, 49, 50]), 10ms);
    for at in [1, 11, 40, 50] {
        assert_eq!(take!(passed), Some(at));
        assert_eq!((time::now() - start).as_millis(), u128::from(at));
    }
    assert_eq!(passed.discarded(), 3);
}

/// A taker that is slow gets no two within a period either, but for what is in the buffer.
#[async_dsl::test]
async fn what_passes_and_what_is_counted_is_all_there_was() {
    let (putter, taker) = chan().split();
    let passed = flow::throttle(taker, 2ms);
    go!({
        for n in 0..10 {
            put!(putter, n).unwrap();
            sleep!(1ms);
        }
    });
    let mut got = Vec::new();
    while let Some(n) = take!(passed) {
        got.push(n);
        sleep!(3ms);
    }
    assert!(got.is_sorted());
    assert_eq!(got.len() as u64 + passed.discarded(), 10);
}

type Make = fn(Taker<u32>) -> Taker<u32>;
const MADE: [Make; 2] = [
    |from| flow::debounce(from, Duration::from_millis(1)),
    |from| flow::throttle(from, Duration::from_millis(1)),
];

#[async_dsl::test]
async fn each_ends_with_its_input_and_stops_with_its_output() {
    for make in MADE {
        let (putter, taker) = chan::fixed(0).split();
        let out = make(taker);
        drop(putter);
        assert_eq!(take!(out), None);

        // While it waits for a value, for the time, and for its taker.
        for values in 0..4 {
            let (putter, taker) = chan::fixed(1).split();
            let out = make(taker);
            for n in 0..values {
                put!(putter, n).unwrap();
                sleep!(if n == 0 { 0ms } else { 2ms });
            }
            drop(out);
            sleep!(1h);
            assert_eq!(putter.try_put(9).map_err(|_| ()), Err(()), "{values}");
        }
    }
}

/// What the stage has not taken when its output goes, others find.
#[async_dsl::test]
async fn what_is_left_in_the_input_stays_there() {
    for make in MADE {
        let (putter, taker) = chan().split();
        let other = taker.clone();
        let out = make(taker);
        sleep!(1ms);
        go!({ drop(out) });
        go!(|putter| put!(putter, 1).unwrap());
        sleep!(1ms);
        put!(putter, 2).unwrap();
        drop(putter);
        let mut rest = Vec::new();
        while let Some(n) = take!(other) {
            rest.push(n);
        }
        // The first was taken, or not; the second was put when the stage had stopped.
        assert!(rest == [1, 2] || rest == [2], "{rest:?}");
    }
}

#[test]
fn a_dump_shows_the_tasks_and_their_channels() {
    let scheduler = Scheduler::virtual_time();
    let (line, outs) = scheduler.enter(|| {
        let (_, taker) = chan::<u32>().split();
        let (_, other) = chan::<u32>().split();
        let line = line!() + 1;
        let debounced = flow::debounce(taker, Duration::ZERO);
        let throttled = flow::throttle(other, Duration::ZERO);
        let outs = (debounced, throttled);
        (line, outs)
    });
    let snapshot = scheduler.snapshot();
    let tasks: Vec<_> = snapshot
        .tasks
        .iter()
        .map(|t| (t.name.as_deref(), t.started_at.line))
        .collect();
    assert_eq!(
        tasks,
        [(Some("debounce"), line), (Some("throttle"), line + 1)]
    );
    let named = |name| {
        snapshot
            .channels
            .iter()
            .any(|c| c.name.as_deref() == Some(name) && c.made_at.line.abs_diff(line) < 2)
    };
    assert!(named("debounced") && named("throttled"));
    drop(outs);
}
