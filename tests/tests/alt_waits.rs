//! `alt!` over promises and tasks, which go in by reference.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_dsl::prelude::*;

#[async_dsl::test]
async fn a_promise_and_a_task_that_lose_stay_usable() {
    let (resolver, answer) = promise();
    let task = go!({
        sleep!(2s);
        "task"
    });
    let lost = alt! {
        _ = await!(answer) => false,
        _ = await!(task) => false,
        sleep!(1s) => true,
    };
    assert!(lost);
    resolver.deliver("promise");
    assert_eq!(answer.await.unwrap(), "promise");
    assert_eq!(task.await, "task");
}

#[async_dsl::test]
async fn an_alt_that_looks_at_a_task_takes_no_wake_up_from_another() {
    let (start, started) = promise();
    let task = Arc::new(go!({ started.await.map(|()| 42) }));
    let waiter = go!(|task| {
        alt! {
            answer = await!(*task) => answer.unwrap(),
            sleep!(1h) => 0,
        }
    });
    yield_now!();
    let glanced = go!(|task| {
        alt! {
            _ = await!(*task) => false,
            default => true,
        }
    });
    let gave_up = go!(|task| {
        alt! {
            _ = await!(*task) => false,
            sleep!(1ms) => true,
        }
    });
    assert_eq!(await!(glanced, gave_up), (true, true));
    start.deliver(());
    assert_eq!(waiter.await, 42);
}

#[async_dsl::test]
async fn of_two_alts_on_one_task_one_gets_the_output_and_the_other_is_told() {
    let (start, started) = promise();
    let task = Arc::new(go!({ started.await.map(|()| 42) }));
    let waiters: Vec<_> = (0..2)
        .map(|_| {
            go!(|task| {
                alt! {
                    answer = await!(*task) => answer.unwrap(),
                    sleep!(1h) => 0,
                }
            })
        })
        .collect();
    yield_now!();
    start.deliver(());
    let mut outcomes = Vec::new();
    for waiter in waiters {
        outcomes.push(waiter.outcome().await.map_err(|error| error.to_string()));
    }
    outcomes.sort();
    assert_eq!(outcomes[0], Ok(42));
    let line = task.started_at().to_string();
    assert!(
        outcomes[1].as_ref().unwrap_err().contains(&line),
        "{outcomes:?}"
    );
}

// S37
#[async_dsl::test]
async fn a_parked_alt_goes_on_with_what_comes_first_and_the_others_can_still_be_had() {
    let steps = chan();
    let (one, first) = promise();
    let (two, second) = promise();
    go!(|steps| {
        put!(steps, 1).unwrap();
        one.deliver(1);
    });
    go!(|steps| {
        put!(steps, 2).unwrap();
        two.deliver(2);
    });
    let task = go!(|steps| {
        put!(steps, 3).unwrap();
        3
    });
    let winner = alt! {
        n = await!(first) => n.unwrap(),
        n = await!(second) => n.unwrap(),
        n = await!(task) => n,
    };
    let mut rest = Vec::new();
    if winner != 1 {
        rest.push(first.await.unwrap());
    }
    if winner != 2 {
        rest.push(second.await.unwrap());
    }
    if winner != 3 {
        rest.push(task.await);
    }
    assert_eq!(rest.len(), 2);
    assert_eq!(winner + rest[0] + rest[1], 6);
}

// The task ends, panics or is cancelled, and one of those who wait is cancelled, at any moment.
#[async_dsl::test(seeds = 500)]
async fn all_who_wait_for_a_task_are_told_however_it_ends() {
    for panics in [false, true] {
        let (steps, ended) = (chan(), Arc::new(AtomicBool::new(false)));
        let task = go!(|steps, ended| {
            put!(steps, 1).unwrap();
            assert!(!panics, "on purpose");
            ended.store(true, Ordering::Relaxed);
            42
        });
        let canceller = task.canceller();
        go!(|steps| {
            for n in 2..4 {
                put!(steps, n).unwrap();
            }
            canceller.cancel();
        });
        let task = Arc::new(task);
        let waiters = [(); 3].map(|()| {
            go!(|task| {
                alt! {
                    answer = await!(*task) => answer,
                    sleep!(1h) => 0,
                }
            })
        });
        let leaves = waiters[0].canceller();
        go!(|steps| {
            put!(steps, 4).unwrap();
            leaves.cancel();
        });
        let mut answers = Vec::new();
        for waiter in waiters {
            answers.extend(waiter.outcome().await.ok());
        }
        // The others were told that it was cancelled, panicked, or gave its output to another.
        let expected: &[i32] = if ended.load(Ordering::Relaxed) {
            &[42]
        } else {
            &[]
        };
        assert_eq!(answers, expected);
        assert!(task.is_finished());
    }
}
