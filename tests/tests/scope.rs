//! Scopes: they end when all their tasks have ended, and so wait those that stop them.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::prelude::*;
use async_dsl::sim::Config;
use async_dsl::task::TaskError;
use async_dsl_tests::alive::{Alive, alive};

/// Runs tasks that never end by themselves, one of them with a scope of its own.
#[linear]
async fn endless(count: Arc<AtomicUsize>) {
    scope!(|s| {
        for _ in 0..2 {
            let held = Alive::new(&count);
            go!(group = s, {
                let _held = held;
                pending::<()>().await;
            });
        }
        let inner = count.clone();
        go!(group = s, {
            scope!(|s| {
                let held = Alive::new(&inner);
                go!(group = s, {
                    let _held = held;
                    pending::<()>().await;
                });
                pending::<()>().await;
            });
        });
        pending::<()>().await;
    });
}

#[async_dsl::test(seeds = 200)]
async fn a_scope_ends_when_its_tasks_have() {
    let (count, ready) = (Arc::new(AtomicUsize::new(0)), chan());
    let value = scope!(|s| {
        for n in 0..3 {
            let held = Alive::new(&count);
            go!(group = s, |ready| {
                sleep!(std::time::Duration::from_millis(n));
                put!(ready, n).unwrap();
                drop(held);
            });
        }
        "the block's"
    });
    assert_eq!((value, alive(&count), ready.len()), ("the block's", 0, 3));
}

#[async_dsl::test(seeds = 200)]
async fn tasks_may_differ_and_be_awaited_and_start_others() {
    let names = chan();
    let sum = scope!(|s| {
        let number = go!(group = s, { 1 });
        let text = go!(group = s, { "one".to_string() });
        go!(group = s, |s, names| {
            go!(group = s, |names| { put!(names, "inner").unwrap() });
            put!(names, "outer").unwrap();
        });
        number.await + text.await.len()
    });
    assert_eq!((sum, names.len()), (4, 2));
}

#[async_dsl::test(seeds = 200)]
async fn the_block_borrows() {
    let mut seen = Vec::new();
    let text = String::from("borrowed");
    scope!(|s| {
        let task = go!(group = s, { 7 });
        seen.push(task.await);
        seen.push(text.len());
    });
    assert_eq!(seen, [7, 8]);
}

/// The task panics, once nothing of its scope is left.
async fn ends_without_luck(outer: Task<()>, count: &Arc<AtomicUsize>) {
    match outer.outcome().await {
        Err(TaskError::Panicked(panic)) => assert_eq!(panic.message(), "no luck"),
        other => panic!("{other:?}"),
    }
    assert_eq!(alive(count), 0);
}

#[async_dsl::test(seeds = 200)]
async fn the_first_panic_cancels_the_others_and_goes_on() {
    let count = Arc::new(AtomicUsize::new(0));
    let outer = go!(|count| {
        scope!(|s| {
            let held = Alive::new(&count);
            go!(group = s, {
                let _held = held;
                pending::<()>().await;
            });
            go!(group = s, {
                yield_now!();
                panic!("no luck");
            });
            let _own = Alive::new(&count);
            pending::<()>().await;
        });
    });
    ends_without_luck(outer, &count).await;
}

#[async_dsl::test(seeds = 200)]
async fn a_panic_of_the_block_waits_for_the_tasks_too() {
    let count = Arc::new(AtomicUsize::new(0));
    let outer = go!(|count| {
        scope!(|s| {
            let held = Alive::new(&count);
            go!(group = s, {
                let _held = held;
                pending::<()>().await;
            });
            yield_now!();
            assert!(alive(&count) == 0, "no luck");
        });
    });
    ends_without_luck(outer, &count).await;
}

#[async_dsl::test(seeds = 200)]
async fn the_first_error_is_the_result() {
    let count = Arc::new(AtomicUsize::new(0));
    let result = scope!(|s| -> Result<u32, u32> {
        for n in 1..=3 {
            let held = Alive::new(&count);
            go!(group = s, |s| {
                let _held = held;
                yield_now!();
                s.fail(n);
                pending::<()>().await;
            });
        }
        pending::<()>().await;
        Ok(0)
    });
    assert!(matches!(result, Err(1..=3)), "{result:?}");
    assert_eq!(alive(&count), 0);
    let result = scope!(|s| -> Result<u32, u32> {
        go!(group = s, { 1 });
        Ok(7)
    });
    assert_eq!(result, Ok(7));
}

#[async_dsl::test]
async fn a_second_error_comes_back() {
    let result = scope!(|s| -> Result<(), &str> {
        assert_eq!(s.fail("first"), None);
        assert_eq!(s.fail("second"), Some("second"));
        Ok(())
    });
    assert_eq!(result, Err("first"));
}

// S27
#[async_dsl::test(seeds = 500)]
async fn cancelling_the_task_of_a_scope_waits_for_its_tasks() {
    let (count, steps) = (Arc::new(AtomicUsize::new(0)), chan());
    let task = go!(|count, steps| {
        put!(steps, ()).unwrap();
        endless(count).await;
    });
    take!(steps);
    for _ in 0..3 {
        put!(steps, ()).unwrap();
    }
    assert_eq!(task.cancel().await, None);
    assert_eq!(alive(&count), 0);
}

#[async_dsl::test(seeds = 500)]
async fn a_time_limit_waits_for_the_tasks() {
    let count = Arc::new(AtomicUsize::new(0));
    let result = timeout!(1ms, { endless(count.clone()).await });
    assert!(result.is_err());
    assert_eq!(alive(&count), 0);
    let result = timeout!(1ms, { timeout!(1h, { endless(count.clone()).await }) });
    assert!(result.is_err());
    assert_eq!(alive(&count), 0);
}

#[async_dsl::test(seeds = 500)]
async fn a_group_waits_for_the_scopes_of_its_tasks() {
    let (count, g) = (Arc::new(AtomicUsize::new(0)), Group::new());
    for _ in 0..2 {
        go!(group = g, |count| { endless(count).await });
    }
    yield_now!();
    g.cancel().await;
    assert_eq!(alive(&count), 0);
    while let Some(outcome) = take!(g) {
        assert!(matches!(outcome, Err(TaskError::Cancelled { .. })));
    }
}

#[async_dsl::test(seeds = 200)]
async fn a_scope_dropped_elsewhere_cancels_its_tasks() {
    let count = Arc::new(AtomicUsize::new(0));
    let mut block = Box::pin(endless(count.clone()));
    alt! {
        () = await!(cancel_safe(&mut block)) => panic!("it never ends"),
        sleep!(1ms) => {}
    }
    assert_eq!(alive(&count), 3);
    drop(block);
    sleep!(1ms); // nothing can go on: all that can end has ended
    assert_eq!(alive(&count), 0);
}

#[async_dsl::test(seeds = 200)]
async fn supervised_tasks_go_on_and_give_their_outcomes() {
    let outcomes = scope!(supervise, |s| {
        go!(group = s, {
            sleep!(2ms);
            1
        });
        go!(group = s, { panic!("no luck") });
        go!(group = s, {
            sleep!(1ms);
            3
        });
    });
    assert_eq!(outcomes.len(), 3);
    assert!(matches!(outcomes[0], Ok(1)));
    assert!(
        matches!(&outcomes[1], Err(TaskError::Panicked(panic)) if panic.message() == "no luck")
    );
    assert!(matches!(outcomes[2], Ok(3)));
}

#[async_dsl::test(seeds = 200)]
async fn a_supervisor_starts_anew() {
    let tries = Arc::new(AtomicUsize::new(0));
    let rest = scope!(supervise, |s| {
        let start = |tries: Arc<AtomicUsize>| async move {
            let one = tries.fetch_add(1, Ordering::Relaxed);
            assert!(one >= 2, "no luck");
        };
        s.spawn(start(tries.clone())).await;
        while let Some(Err(_)) = take!(s) {
            s.spawn(start(tries.clone())).await;
        }
    });
    assert_eq!((tries.load(Ordering::Relaxed), rest.len()), (3, 0));
}

#[async_dsl::test(seeds = 200)]
async fn cancelling_a_supervised_scope_waits_for_its_tasks() {
    let count = Arc::new(AtomicUsize::new(0));
    let task = go!(|count| {
        scope!(supervise, |s| {
            let held = Alive::new(&count);
            go!(group = s, {
                let _held = held;
                pending::<()>().await;
            });
        })
    });
    yield_now!();
    assert!(task.cancel().await.is_none());
    assert_eq!(alive(&count), 0);
}

#[async_dsl::test]
async fn a_scope_that_has_ended_takes_no_more_tasks() {
    let handles = chan();
    scope!(|s| {
        put!(handles, s.clone()).unwrap();
    });
    let s = take!(handles).unwrap();
    let outcome = go!({ go!(group = s, { 1 }).await }).outcome().await;
    let error = outcome.unwrap_err().to_string();
    assert!(
        error.contains("has ended: no more tasks can be started in it"),
        "{error}"
    );
}

#[async_dsl::test(seeds = 100)]
async fn a_limited_scope_runs_so_many_at_a_time() {
    let (count, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    scope!(|s| {
        s.limit(2);
        for _ in 0..5 {
            go!(group = s, |count, most| {
                let _held = Alive::new(&count);
                most.fetch_max(alive(&count), Ordering::Relaxed);
                sleep!(1ms);
            });
        }
    });
    assert_eq!((alive(&count), most.load(Ordering::Relaxed)), (0, 2));
}

#[test]
fn a_scheduler_that_ends_waits_for_no_scope() {
    let count = Arc::new(AtomicUsize::new(0));
    let scheduler = async_dsl::scheduler::Scheduler::manual();
    let task = scheduler.spawn(endless(count.clone()));
    scheduler.run_until_parked();
    assert_eq!(alive(&count), 3);
    drop(scheduler);
    assert_eq!(alive(&count), 0);
    assert!(task.is_finished());
}

#[test]
fn a_scope_shows_in_the_report_of_a_deadlock() {
    let failure = async_dsl::sim::check(&Config::default(), || async {
        async_block!({
            let jobs = chan::fixed::<u32>(1).named("jobs");
            scope!(|s| {
                go!(name = "worker", group = s, |jobs| { take!(jobs) });
            });
            drop(jobs);
        })
        .await;
    })
    .unwrap_err()
    .to_string();
    assert!(failure.contains("scope!(|s| …)"), "{failure}");
    assert!(failure.contains("to end: task 1 \"worker\""), "{failure}");
}
