//! Groups of tasks: what is started, taken, cancelled, limited.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::prelude::*;
use async_dsl::sim::Config;
use async_dsl::task::TaskError;
use async_dsl_tests::alive::{Alive, alive};

#[async_dsl::test(seeds = 200)]
async fn every_outcome_is_taken_once() {
    let g = Group::new();
    let starts = chan();
    for n in 0..5 {
        go!(group = g, |starts| {
            put!(starts, n).unwrap();
            n
        });
    }
    let mut all = Vec::new();
    while let Some(outcome) = take!(g) {
        all.push(outcome.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3, 4]);
    assert!(g.is_empty());
}

#[async_dsl::test]
async fn an_empty_group_gives_none_at_once() {
    let g = Group::<u32>::new();
    assert!(take!(g).is_none());
    assert!(take!(g, 1s, Ok(1)).is_none());
}

#[async_dsl::test(seeds = 100)]
async fn outcomes_come_in_the_order_in_which_tasks_end() {
    let g = Group::new();
    for n in [30, 10, 20] {
        go!(group = g, {
            sleep!(std::time::Duration::from_millis(n));
            n
        });
    }
    let mut all = Vec::new();
    while let Some(outcome) = take!(g) {
        all.push(outcome.unwrap());
    }
    assert_eq!(all, [10, 20, 30]);
}

#[async_dsl::test(seeds = 100)]
async fn a_take_that_loses_leaves_the_outcome() {
    let g = Group::new();
    let others = chan();
    go!(group = g, { 1 });
    go!(|others| put!(others, ()));
    let (mut outcomes, mut values) = (0, 0);
    for _ in 0..2 {
        alt! {
            outcome = take!(g), if outcomes == 0 => {
                assert_eq!(outcome.unwrap().unwrap(), 1);
                outcomes += 1;
            }
            value = take!(others), if values == 0 => {
                value.unwrap();
                values += 1;
            }
            sleep!(1h) => panic!("one of them is there"),
        }
    }
    assert_eq!((outcomes, values), (1, 1));
}

#[async_dsl::test(seeds = 200)]
async fn a_panic_is_an_outcome() {
    let g = Group::new();
    go!(group = g, name = "unlucky", {
        yield_now!();
        assert!(take!(chan::<u32>(), 1ms, 0).is_none(), "no luck");
        1
    });
    go!(name = "lucky", group = g, { 2 });
    let (mut panics, mut values) = (0, 0);
    while let Some(outcome) = take!(g) {
        match outcome {
            Ok(value) => values += value,
            Err(TaskError::Panicked(panic)) => {
                assert_eq!(panic.message(), "no luck");
                assert!(panic.started_at().file().ends_with("group.rs"));
                panics += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((panics, values), (1, 2));
}

#[async_dsl::test(unawaited_panics = allow)]
async fn a_panic_that_nobody_takes_ends_no_other_task() {
    let g = Group::new();
    let done = chan();
    go!(group = g, { panic!("no luck") });
    go!(group = g, |done| {
        sleep!(1ms);
        put!(done, ()).unwrap();
    });
    assert_eq!(take!(done), Some(()));
}

#[test]
fn a_panic_that_nobody_takes_fails_a_simulation() {
    let failure = async_dsl::sim::check(&Config::default(), || async {
        async_block!({
            let g = Group::new();
            go!(group = g, { panic!("no luck") });
            sleep!(1ms);
            drop(g);
        })
        .await;
    })
    .unwrap_err();
    assert!(failure.to_string().contains("no luck"), "{failure}");
}

#[async_dsl::test(seeds = 200)]
async fn cancel_waits_for_what_tasks_hold() {
    let (g, count) = (Group::new(), Arc::new(AtomicUsize::new(0)));
    let steps = chan();
    for _ in 0..3 {
        let held = Alive::new(&count);
        go!(group = g, |steps| {
            let _held = held;
            put!(steps, ()).unwrap();
            std::future::pending::<()>().await;
        });
    }
    g.cancel().await;
    assert_eq!((alive(&count), g.running()), (0, 0));
    let mut cancelled = 0;
    while let Some(outcome) = take!(g) {
        assert!(matches!(outcome, Err(TaskError::Cancelled { .. })));
        cancelled += 1;
    }
    assert_eq!(cancelled, 3);
}

#[async_dsl::test(seeds = 200)]
async fn a_value_that_was_there_survives_the_cancellation() {
    let (g, values) = (Group::new(), chan());
    for n in 0..3 {
        go!(group = g, |values| {
            put!(values, n).unwrap();
            n
        });
    }
    take!(values);
    g.cancel().await;
    let (mut ended, mut seen) = (0, Vec::new());
    while let Some(outcome) = take!(g) {
        ended += 1;
        seen.extend(outcome.ok());
    }
    assert_eq!(ended, 3);
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() <= 3);
}

#[async_dsl::test(seeds = 100)]
async fn a_group_can_be_used_after_it_was_cancelled() {
    let g = Group::new();
    go!(group = g, { std::future::pending::<u32>().await });
    let cancelled = g.cancel();
    go!(group = g, { 7 });
    cancelled.await;
    let mut values = 0;
    while let Some(outcome) = take!(g) {
        values += outcome.unwrap_or_default();
    }
    assert_eq!(values, 7);
}

// S27
#[async_dsl::test(seeds = 200)]
async fn dropping_a_group_cancels_its_tasks() {
    let count = Arc::new(AtomicUsize::new(0));
    let (ends, _begins) = chan::<()>().split();
    let g = Group::new();
    for _ in 0..3 {
        let held = Alive::new(&count);
        go!(group = g, |ends| {
            let (_held, _ends) = (held, ends);
            std::future::pending::<()>().await;
        });
    }
    drop(g);
    sleep!(1ms); // nothing can go on: all that can end has ended
    assert_eq!(alive(&count), 0);
    drop(ends);
}

#[async_dsl::test(seeds = 200)]
async fn a_limited_group_runs_so_many_at_a_time() {
    let (g, count) = (Group::new(), Arc::new(AtomicUsize::new(0)));
    g.limit(2);
    let most = Arc::new(AtomicUsize::new(0));
    for n in 0..6 {
        go!(group = g, |count, most| {
            let held = Alive::new(&count);
            most.fetch_max(alive(&count), Ordering::Relaxed);
            sleep!(1ms);
            drop(held);
            n
        });
    }
    let mut sum = 0;
    while let Some(outcome) = take!(g) {
        sum += outcome.unwrap();
    }
    assert_eq!((sum, most.load(Ordering::Relaxed)), (15, 2));
}

#[async_dsl::test(seeds = 200)]
async fn a_start_that_gives_up_lets_the_next_one_go() {
    let g = Arc::new(Group::new());
    g.limit(1);
    let gate = chan::fixed::<()>(0);
    go!(group = g, |gate| {
        take!(gate);
        0
    });
    let first = go!(|g| { go!(group = g, { 1 }) });
    let second = go!(|g| { go!(group = g, { 2 }) });
    sleep!(1ms);
    first.cancel().await;
    put!(gate, ()).unwrap();
    second.await;
    let mut seen = Vec::new();
    while let Some(outcome) = take!(g) {
        seen.push(outcome.unwrap());
    }
    // The first was in line, and its start may have had its turn before it was cancelled.
    assert!(seen == [0, 2] || seen == [0, 1, 2], "{seen:?}");
}

#[async_dsl::test(seeds = 100)]
async fn a_canceller_stops_one_task() {
    let g = Group::new();
    let first = go!(group = g, { std::future::pending::<u32>().await });
    go!(group = g, { 2 });
    first.cancel();
    let (mut cancelled, mut values) = (0, 0);
    while let Some(outcome) = take!(g) {
        match outcome {
            Ok(value) => values += value,
            Err(_) => cancelled += 1,
        }
    }
    assert_eq!((cancelled, values), (1, 2));
}

#[async_dsl::test(seeds = 100)]
async fn several_tasks_may_take() {
    let g = Arc::new(Group::new());
    for n in 0..4 {
        go!(group = g, {
            sleep!(1ms);
            n
        });
    }
    let takers = [(); 3].map(|()| {
        go!(|g| {
            let mut sum = 0;
            while let Some(outcome) = take!(g) {
                sum += outcome.unwrap();
            }
            sum
        })
    });
    let mut sum = 0;
    for taker in takers {
        sum += taker.await;
    }
    assert_eq!(sum, 6);
}

#[async_dsl::test(seeds = 100)]
async fn a_token_ends_its_tasks() {
    let (token, count) = (CancelToken::new(), Arc::new(AtomicUsize::new(0)));
    let tasks = [1, 2].map(|n| {
        let held = Alive::new(&count);
        go!(name = format!("task {n}"), token = token, {
            let _held = held;
            std::future::pending::<()>().await;
        })
    });
    let free = go!(token = token.child(), { 3 });
    assert_eq!(free.await, 3);
    token.cancel();
    for task in tasks {
        assert!(matches!(
            task.outcome().await,
            Err(TaskError::Cancelled { .. })
        ));
    }
    assert_eq!(alive(&count), 0);
    let late = go!(token = &token, { panic!("it must not run") });
    assert!(matches!(
        late.outcome().await,
        Err(TaskError::Cancelled { .. })
    ));
}

#[async_dsl::test(seeds = 100)]
async fn a_group_and_a_token_go_together() {
    let (g, token) = (Group::new(), CancelToken::new());
    go!(token = token, group = g, name = "both", {
        std::future::pending::<u32>().await
    });
    go!(group = g, { 1 });
    token.child().cancel();
    assert_eq!(take!(g).unwrap().unwrap(), 1);
    token.cancel();
    assert!(matches!(take!(g), Some(Err(TaskError::Cancelled { .. }))));
    assert!(take!(g).is_none());
}

#[test]
fn a_group_shows_in_a_dump_and_in_the_report_of_a_deadlock() {
    let failure = async_dsl::sim::check(&Config::default(), || async {
        async_block!({
            let g = Group::new().named("workers");
            let jobs = chan::fixed::<u32>(1).named("jobs");
            g.limit(2);
            for _ in 0..2 {
                go!(name = "worker", group = g, |jobs| { take!(jobs) });
            }
            let dump = async_dsl::inspect::snapshot().to_string();
            assert!(
                dump.contains("1 group\n") && dump.contains("workers"),
                "{dump}"
            );
            take!(g);
            drop(jobs);
        })
        .await;
    })
    .unwrap_err()
    .to_string();
    assert!(failure.contains("take!(g)"), "{failure}");
    assert!(
        failure.contains("for a task of group `workers`, made at"),
        "{failure}"
    );
    assert!(
        failure.contains("to end: task 1 \"worker\", task 2 \"worker\""),
        "{failure}"
    );
}
