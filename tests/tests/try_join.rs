//! `try_join!`: all values, or the first error.

use std::future::{Ready, pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::task::TaskError;
use async_dsl::time;
use async_dsl_tests::alive::{Alive, alive};

const MS: Duration = Duration::from_millis(1);

fn ok<T>(value: T) -> Ready<Result<T, &'static str>> {
    ready(Ok(value))
}

fn err<T>(error: &'static str) -> Ready<Result<T, &'static str>> {
    ready(Err(error))
}

#[async_dsl::test]
async fn without_an_error_it_returns_all_values() {
    let task = go!({
        sleep!(MS);
        Ok('c')
    });
    let text = String::from("borrowed");
    let all = try_join!(ok(1), task, async { Ok(text.len()) });
    assert_eq!(all, Ok((1, 'c', 8)));
    assert_eq!(try_join!(ok(1)), Ok((1,)));
    let (a, b) = (ok(1), ok(2));
    assert_eq!(
        try_join!(
            a,
            b,
            ok(3),
            ok(4),
            ok(5),
            ok(6),
            ok(7),
            ok(8),
            ok(9),
            ok(10),
            ok(11),
            ok(12),
        ),
        Ok((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
    );
}

#[async_dsl::test]
async fn of_a_list_the_values_come_in_its_order() {
    let tasks = (0..4_u32).map(|n| {
        go!({
            sleep!((4 - n) * MS);
            Ok::<_, ()>(n)
        })
    });
    assert_eq!(try_join!(each tasks), Ok(vec![0, 1, 2, 3]));
    let naps = (0..4_u32).map(async |n| {
        sleep!((4 - n) * MS);
        Ok::<_, ()>(n)
    });
    assert_eq!(try_join!(each naps), Ok(vec![0, 1, 2, 3]));
    assert_eq!(
        try_join!(each Vec::<Ready<Result<u8, ()>>>::new()),
        Ok(vec![])
    );
}

#[async_dsl::test]
async fn the_first_error_is_returned_at_once_and_the_rest_dropped() {
    let count = Arc::new(AtomicUsize::new(0));
    let held = || {
        let held = Alive::new(&count);
        async move {
            let _held = held;
            pending::<Result<u8, &str>>().await
        }
    };
    let before = time::now();
    let late = async_block!({
        sleep!(5 * MS);
        Err::<u8, _>("late")
    });
    assert_eq!(try_join!(held(), late, held()), Err("late"));
    assert_eq!(alive(&count), 0);
    let tenth = (0..20_u32).map(async |n| {
        let _held = Alive::new(&count);
        sleep!((20 - n) * MS);
        if n == 10 {
            Err("the tenth")
        } else {
            Ok(Alive::new(&count))
        }
    });
    assert_eq!(try_join!(each tenth).map(drop), Err("the tenth"));
    assert_eq!(
        alive(&count),
        0,
        "the values that were there, and the futures"
    );
    assert_eq!(time::now() - before, 15 * MS);
    assert_eq!(
        try_join!(err::<u8>("one"), pending::<Result<u8, _>>()),
        Err("one")
    );
}

/// A task that holds something for a long time.
fn holds(count: &Arc<AtomicUsize>) -> Task<Result<u8, &'static str>> {
    let held = Alive::new(count);
    go!({
        let _held = held;
        sleep!(1h);
        Ok(1)
    })
}

async fn fails() -> Result<u8, &'static str> {
    time::sleep(MS).await;
    Err("it fails")
}

#[async_dsl::test(seeds = 100)]
async fn the_first_error_cancels_the_tasks() {
    let count = Arc::new(AtomicUsize::new(0));
    assert_eq!(
        try_join!(holds(&count), fails(), holds(&count)),
        Err("it fails")
    );
    sleep!(MS);
    assert_eq!(alive(&count), 0);
    let tasks = vec![holds(&count), go!({ fails().await }), holds(&count)];
    assert_eq!(try_join!(each tasks), Err("it fails"));
    sleep!(MS);
    assert_eq!(alive(&count), 0);
    // By their outcomes, too, which are how a panic is an error.
    let fails: Task<u8> = go!({ panic!("no luck") });
    let outcome = try_join!(holds(&count).outcome(), fails.outcome());
    assert!(matches!(outcome, Err(TaskError::Panicked(_))));
    let outcomes = [holds(&count), holds(&count)]
        .map(Task::outcome)
        .into_iter();
    let fails = go!(|count| {
        if alive(&count) > 0 {
            panic!("no luck")
        } else {
            Ok(1)
        }
    });
    let outcomes = try_join!(each outcomes.chain([fails.outcome()]));
    assert!(matches!(outcomes, Err(TaskError::Panicked(_))));
    sleep!(MS);
    assert_eq!(alive(&count), 0);
}

#[async_dsl::test]
async fn a_task_by_reference_runs_on() {
    let mut task = go!({
        sleep!(5 * MS);
        Ok(1)
    });
    assert_eq!(try_join!(&mut task, fails()), Err("it fails"));
    assert_eq!(task.await, Ok(1));
}

#[async_dsl::test(seeds = 100)]
async fn dropped_while_it_is_parked_it_drops_and_cancels_all() {
    let count = Arc::new(AtomicUsize::new(0));
    let held = Alive::new(&count);
    let other = async move {
        let _held = held;
        pending::<Result<u8, &str>>().await
    };
    assert!(timeout!(MS, { try_join!(holds(&count), other) }).is_err());
    let tasks: Vec<_> = (0..3).map(|_| holds(&count)).collect();
    assert!(timeout!(MS, { try_join!(each tasks) }).is_err());
    sleep!(MS);
    assert_eq!(alive(&count), 0);
}

#[async_dsl::test]
async fn a_panic_goes_on_and_cancels_the_others() {
    let count = Arc::new(AtomicUsize::new(0));
    let held = holds(&count);
    let joins = go!({
        let fails: Task<Result<u8, &str>> = go!({ panic!("no luck") });
        try_join!(held, fails)
    });
    let panic = joins.outcome().await.unwrap_err();
    assert!(panic.to_string().contains("no luck"));
    sleep!(MS);
    assert_eq!(alive(&count), 0);
}

/// Of the tasks of a failed `try_join!` none goes past the parking point at which it is cancelled.
#[async_dsl::test(seeds = 300)]
async fn under_any_schedule_no_task_outlives_an_error() {
    let (count, steps) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..4)
        .map(|n| {
            let held = Alive::new(&count);
            go!(|steps| {
                let _held = held;
                for _ in 0..4 {
                    yield_now!();
                    steps.fetch_add(1, Ordering::Relaxed);
                    if n == 2 {
                        return Err(n);
                    }
                }
                sleep!(1h);
                Ok(n)
            })
        })
        .collect();
    assert_eq!(try_join!(each tasks), Err(2));
    let before = steps.load(Ordering::Relaxed);
    sleep!(MS);
    assert_eq!(alive(&count), 0);
    assert_eq!(steps.load(Ordering::Relaxed), before);
}
