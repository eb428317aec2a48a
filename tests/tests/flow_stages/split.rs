//! One channel into two.

use std::panic::{AssertUnwindSafe, catch_unwind};

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

// A18
#[async_dsl::test(seeds = 1000)]
async fn each_value_goes_to_its_side_in_order() {
    for size in [0, 1, 6] {
        let (even, odd) = flow::split(flow::from_iter(0..6, size), size, |n| n % 2 == 0);
        let odd = go!({ odd.collect_vec().await });
        assert_eq!(even.collect_vec().await, [0, 2, 4]);
        assert_eq!(odd.await, [1, 3, 5]);
    }
}

// A18
#[test]
fn the_report_of_a_deadlock_names_the_side_that_is_not_taken_from() {
    let line = line!() + 6;
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let run = AssertUnwindSafe(|| {
        scheduler.block_on(scheduler.enter(|| {
            async_block!({
                let (even, _odd) = flow::split(flow::from_iter(0..6, 0), 0, |n| n % 2 == 0);
                even.collect_vec().await
            })
        }))
    });
    let payload = catch_unwind(run).expect_err("it stalls");
    let report = payload.downcast::<String>().expect("a message");
    let (_, of_split) = report
        .split_once("\"split\", started at")
        .expect("the stage");
    let lines: Vec<&str> = of_split.lines().take(4).map(str::trim).collect();
    let here = format!("{}:{line}", file!());
    assert!(
        lines[0].starts_with(&here) && lines[0].contains("waits"),
        "{report}"
    );
    assert!(lines[1].starts_with(&format!("at {here}")), "{report}");
    assert!(
        lines[2].starts_with("for a taker of `split: false`, made at"),
        "{report}"
    );
    assert!(
        lines[3].starts_with("nobody has taken yet; 1 of its handles could take"),
        "{report}"
    );
    assert!(
        report.contains("for a value from `split: true`"),
        "{report}"
    );
}

#[async_dsl::test(seeds = 200)]
async fn the_other_side_goes_on_when_one_is_dropped() {
    for first in [false, true] {
        let (putter, from) = chan::fixed(0).split();
        let (even, odd) = flow::split(from, 0, |n: &u32| n % 2 == 0);
        let putting = go!(|putter| {
            for n in 0..6 {
                put!(putter, n).unwrap();
            }
        });
        let (left, dropped) = if first { (odd, even) } else { (even, odd) };
        go!({ drop(dropped) });
        for n in 0..3 {
            assert_eq!(take!(left), Some(n * 2 + u32::from(first)));
        }
        putting.await;
        drop(left);
        sleep!(1ms);
        assert_eq!(put!(putter, 7), Err(Closed(7)), "now nobody takes");
    }
}

#[async_dsl::test(seeds = 200)]
async fn both_sides_close_with_the_input() {
    let (putter, from) = chan::fixed(0).split();
    let (even, odd) = flow::split(from, 0, |n: &u32| n % 2 == 0);
    go!({ put!(putter, 1) });
    assert_eq!(take!(odd), Some(1));
    assert_eq!((take!(even), take!(odd)), (None, None));
}

#[async_dsl::test(unawaited_panics = allow)]
async fn a_panic_of_the_predicate_ends_both() {
    let (putter, from) = chan().split();
    let (all, none) = flow::split(from, 2, |n: &u32| {
        assert!(*n < 2, "no more");
        true
    });
    (0..4).for_each(|n| putter.try_put(n).unwrap());
    assert_eq!(all.collect_vec().await, [0, 1]);
    assert_eq!(take!(none), None);
    assert!(put!(putter, 1).is_err());
}

#[test]
fn a_dump_shows_both_sides() {
    let scheduler = Scheduler::virtual_time();
    let kept = scheduler.enter(|| {
        let (putter, from) = chan::<u32>().named("numbers").split();
        (flow::split(from, 2, |n| *n > 0), putter)
    });
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    assert_eq!(snapshot.tasks[0].name.as_deref(), Some("split"));
    for name in ["split: true", "split: false"] {
        assert!(
            snapshot
                .channels
                .iter()
                .any(|c| c.name.as_deref() == Some(name)),
            "{snapshot}"
        );
    }
    drop(kept);
}
