//! Pipelines: closures on each value, several at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_dsl::flow;
use async_dsl::inspect::GroupKind;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::sim::{self, Config};
use async_dsl_tests::alive::{Alive, alive};

/// The depths and sizes of core.async's test.
const SIZES: [(usize, u32); 5] = [(1, 0), (1, 10), (10, 10), (20, 10), (5, 1000)];

async fn keep_the_order(sizes: &[(usize, u32)]) {
    for &(depth, count) in sizes {
        let expected: Vec<u32> = (0..count).collect();
        let numbers = || flow::from_iter(0..count, 1);
        let results = flow::pipeline(numbers(), depth, async |n| [n]);
        assert_eq!(results.collect_vec().await, expected);
        let results = flow::pipeline_blocking(numbers(), depth, |n| [n]);
        assert_eq!(results.collect_vec().await, expected);
        let results = flow::pipeline_unordered(numbers(), depth, async |n| [n]);
        let mut results = results.collect_vec().await;
        results.sort_unstable();
        assert_eq!(results, expected);
    }
}

// P1
#[async_dsl::test(seed = 0)]
async fn order_is_kept_whatever_the_depth_and_the_number_of_values() {
    keep_the_order(&SIZES).await;
}

#[async_dsl::test(seeds = 1000)]
async fn order_is_kept_under_every_schedule() {
    keep_the_order(&[(1, 4), (2, 6), (6, 4)]).await;
}

// P1
#[async_dsl::test(threads = 2)]
async fn order_is_kept_on_real_threads() {
    keep_the_order(&SIZES).await;
}

// P4
#[async_dsl::test(seeds = 1000)]
async fn a_closure_may_give_any_number_of_values() {
    let expected = [0, 0, 1, 0, 1, 2, 0, 1, 2, 3];
    let counted = flow::pipeline(flow::from_iter(1..5, 0), 2, async |n| 0..n);
    assert_eq!(counted.collect_vec().await, expected);
    let counted =
        flow::pipeline_blocking(flow::from_iter(0..5, 0), 3, |n| (0..n).collect::<Vec<_>>());
    assert_eq!(counted.collect_vec().await, expected);
    let odd = flow::pipeline(flow::from_iter(0..6, 0), 2, async |n| {
        (n % 2 == 1).then_some(n)
    });
    assert_eq!(odd.collect_vec().await, [1, 3, 5]);
}

// P5
#[async_dsl::test(seeds = 1000)]
async fn the_slow_are_waited_for_in_their_order() {
    let delays = [2000, 50, 1000, 100];
    let begun = async_dsl::time::now();
    let slept = flow::pipeline(flow::from_iter(delays, 0), 4, async |ms| {
        sleep!(Duration::from_millis(ms));
        [ms]
    });
    assert_eq!(slept.collect_vec().await, delays);
    assert_eq!(async_dsl::time::now() - begun, 2000ms, "side by side");
}

// P5
#[async_dsl::test(threads = 2)]
async fn the_slow_that_block_are_waited_for_in_their_order() {
    let delays = [20, 1, 10, 2];
    let slept = flow::pipeline_blocking(flow::from_iter(delays, 0), 4, |ms| {
        std::thread::sleep(Duration::from_millis(ms));
        [ms]
    });
    assert_eq!(slept.collect_vec().await, delays);
}

#[async_dsl::test(seeds = 200)]
async fn without_order_the_first_to_end_is_the_first() {
    let slept =
        flow::pipeline_unordered(flow::from_iter([2000, 50, 1000, 100], 0), 4, async |ms| {
            sleep!(Duration::from_millis(ms));
            [ms]
        });
    assert_eq!(slept.collect_vec().await, [50, 100, 1000, 2000]);
}

fn fib(n: u64) -> u64 {
    (0..n).fold((0, 1), |(a, b), _| (b, a + b)).0
}

// P6, P7
#[async_dsl::test(seeds = 100)]
async fn closures_compute_and_await() {
    let computed = flow::pipeline_blocking(flow::from_iter(0..50, 0), 10, |n| [fib(n)]);
    assert_eq!(computed.collect_vec().await.last(), Some(&7_778_742_049));
    let increment = 1; // moved into a closure that is called many times
    let awaited = flow::pipeline(flow::from_iter(0..100, 0), 10, async move |n| {
        yield_now!();
        Some(n + increment)
    });
    assert_eq!(awaited.collect_vec().await, (1..=100).collect::<Vec<_>>());
}

// P3: an error is a value like any other.
#[async_dsl::test(seeds = 1000)]
async fn an_error_stands_in_the_place_of_its_value() {
    let checked = |n: u32| if n == 3 { Err("three") } else { Ok(n) };
    let expected = [Ok(1), Ok(2), Err("three"), Ok(4)];
    let results = flow::pipeline(flow::from_iter(1..=4, 0), 2, async move |n| [checked(n)]);
    assert_eq!(results.collect_vec().await, expected);
    let results = flow::pipeline_blocking(flow::from_iter(1..=4, 0), 2, move |n| [checked(n)]);
    assert_eq!(results.collect_vec().await, expected);
}

/// Counts those that run, and those that were started.
#[derive(Clone, Default)]
struct Counts {
    running: Arc<AtomicUsize>,
    started: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Counts {
    fn start(&self) -> Alive {
        let one = Alive::new(&self.running);
        self.started.fetch_add(1, Ordering::Relaxed);
        self.most.fetch_max(alive(&self.running), Ordering::Relaxed);
        one
    }

    fn started(&self) -> usize {
        self.started.load(Ordering::Relaxed)
    }
}

#[async_dsl::test(seeds = 200)]
async fn as_many_are_busy_as_it_is_deep_and_no_more() {
    let counts = Counts::default();
    let gate = chan::fixed(0);
    let (start, pass) = (counts.clone(), gate.clone());
    let results = flow::pipeline(flow::from_iter(0.., 0), 3, async move |n: u32| {
        let _one = start.start();
        take!(pass);
        [n]
    });
    sleep!(1ms);
    assert_eq!((counts.started(), alive(&counts.running)), (3, 3));
    for n in 0..3 {
        put!(gate, ()).unwrap();
        sleep!(1ms);
        assert_eq!(alive(&counts.running), 3, "{n}");
    }
    gate.close(); // now none waits
    for n in 0..20 {
        assert_eq!(take!(results), Some(n));
    }
    assert_eq!(counts.most.load(Ordering::Relaxed), 3);
}

#[async_dsl::test(seeds = 200)]
async fn while_the_first_is_slow_the_others_go_ahead_by_as_many() {
    let counts = Counts::default();
    let gate = chan::fixed::<()>(0);
    let (start, pass) = (counts.clone(), gate.clone());
    let results = flow::pipeline(flow::from_iter(0.., 0), 3, async move |n: u32| {
        let _one = start.start();
        if n == 0 {
            take!(pass);
        }
        [n]
    });
    sleep!(1ms);
    // The first, and five that have ended and wait for it.
    assert_eq!((counts.started(), alive(&counts.running)), (6, 1));
    gate.close();
    for n in 0..20 {
        assert_eq!(take!(results), Some(n));
    }
    assert!(counts.most.load(Ordering::Relaxed) <= 3);
}

/// When nobody takes, it stops taking: what is under way, and what is in the channel, is all.
#[async_dsl::test(seeds = 200)]
async fn it_does_not_run_ahead_of_who_takes() {
    let counts = Counts::default();
    let start = counts.clone();
    let results = flow::pipeline(flow::from_iter(0.., 0), 2, async move |n: u32| {
        drop(start.start());
        [n]
    });
    sleep!(1h);
    let ahead = counts.started();
    assert!((3..=7).contains(&ahead), "{ahead}");
    assert_eq!(take!(results), Some(0));
}

#[async_dsl::test(seeds = 500)]
async fn it_stops_and_cancels_its_calls_when_nobody_takes_from_it() {
    for parks in [false, true] {
        let counts = Counts::default();
        let start = counts.clone();
        let (putter, from) = chan::fixed(0).split();
        let results = flow::pipeline(from, 2, async move |n: u32| {
            let _one = start.start();
            if parks {
                sleep!(1h);
            }
            [n]
        });
        let putting = go!({
            for n in 0.. {
                if put!(putter, n).is_err() {
                    break;
                }
            }
        });
        yield_now!();
        drop(results);
        timeout!(1min, await!(putting)).expect("it has stopped");
        sleep!(1ms);
        assert_eq!(alive(&counts.running), 0);
    }
}

#[async_dsl::test(seeds = 500, unawaited_panics = allow)]
async fn what_comes_before_a_panic_is_put_and_then_it_ends() {
    let counts = Counts::default();
    let start = counts.clone();
    let (putter, from) = chan().split();
    (0..8).for_each(|n| putter.try_put(n).unwrap());
    let results = flow::pipeline(from, 3, async move |n| {
        let _one = start.start();
        yield_now!();
        assert!(n != 4 && n != 5, "no {n}");
        if n == 6 {
            sleep!(1h);
        }
        [n]
    });
    assert_eq!(results.collect_vec().await, [0, 1, 2, 3]);
    sleep!(1ms);
    assert_eq!(alive(&counts.running), 0, "the others are cancelled");
    assert_eq!(results.discarded(), putter.stats().takes - 4);
    assert!(put!(putter, 9).is_err());
}

#[async_dsl::test(threads = 2)]
async fn a_panic_on_a_thread_ends_a_blocking_pipeline() {
    let results = flow::pipeline_blocking(flow::from_iter(0..9, 0), 2, |n| {
        assert!(n != 2, "no two");
        [n]
    });
    assert_eq!(results.collect_vec().await, [0, 1]);
}

#[async_dsl::test(seeds = 200, unawaited_panics = allow)]
async fn a_panic_of_the_results_ends_it() {
    let results = flow::pipeline(flow::from_iter([3], 0), 2, async |n| {
        (0..n).inspect(|n| assert!(*n < 2, "no more"))
    });
    assert_eq!(results.collect_vec().await, [0, 1]);
}

#[test]
fn each_panic_is_reported_with_the_line_of_the_pipeline() {
    let line = line!() + 3;
    let failure = sim::check(&Config::new().seeds(1), || {
        async_block!({
            let results = flow::pipeline(flow::from_iter([1], 0), 2, async |n: u32| {
                assert!(n == 0, "not {n}");
                [n]
            });
            assert_eq!(results.collect_vec().await, []);
        })
    });
    let message = failure.expect_err("nobody awaits it").to_string();
    assert!(message.contains("not 1"), "{message}");
    assert!(
        message.contains(&format!("pipeline.rs:{line}")),
        "{message}"
    );
}

#[test]
#[should_panic(expected = "a pipeline of depth 0 would never take a value")]
fn a_pipeline_without_places_is_refused() {
    let (_putter, from) = chan::<u32>().split();
    drop(flow::pipeline(from, 0, async |n| [n]));
}

#[test]
fn a_dump_shows_its_places() {
    let scheduler = Scheduler::virtual_time();
    let (line, results) = scheduler.enter(|| {
        let numbers = flow::from_iter(0_u32.., 0);
        let line = line!() + 1;
        let results = flow::pipeline(numbers, 3, async |n| {
            std::future::pending::<()>().await;
            [n]
        });
        (line, results)
    });
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    let [group] = &snapshot.groups[..] else {
        panic!("{snapshot}")
    };
    assert_eq!(group.kind, GroupKind::Pipeline);
    assert_eq!(
        (group.running, group.limit, group.made_at.line),
        (3, Some(3), line)
    );
    let named = |name| {
        snapshot
            .tasks
            .iter()
            .filter(move |task| task.name.as_deref() == Some(name))
    };
    assert_eq!(
        (named("pipeline").count(), named("pipelined").count()),
        (1, 3)
    );
    let text = snapshot.to_string();
    assert!(
        text.lines().any(|row| row.contains(" pipeline  3     3 ")),
        "{text}"
    );
    drop(results);
    scheduler.run_until_parked();
    assert!(scheduler.snapshot().tasks.is_empty());
}
