//! Permits: at most so many at a time, in order, and none is ever lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::chan::Kind;
use async_dsl::flow;
use async_dsl::inspect;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::TaskError;

#[async_dsl::test]
async fn no_more_than_there_are_permits_go_on_at_a_time() {
    let permits = flow::permits(2);
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..7)
        .map(|_| {
            go!(|permits, inside, most| {
                let permit = take!(permits);
                assert!(permit.is_some());
                let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                sleep!(1ms);
                inside.fetch_sub(1, Ordering::SeqCst);
            })
        })
        .collect();
    for task in tasks {
        task.await;
    }
    assert_eq!((most.load(Ordering::SeqCst), permits.available()), (2, 2));
}

#[async_dsl::test]
async fn permits_are_given_in_the_order_in_which_they_were_asked_for() {
    let permits = flow::permits(1);
    let first = take!(permits);
    let order = chan();
    for n in 0..5 {
        go!(|permits, order| {
            let _permit = if n % 2 == 0 {
                take!(permits)
            } else {
                alt! {
                    permit = take!(permits) => permit,
                    sleep!(1min) => None,
                }
            };
            put!(order, n).unwrap();
        });
        sleep!(1ms); // it is in line
    }
    drop(first);
    for n in 0..5 {
        assert_eq!(take!(order), Some(n));
    }
}

/// One that comes while others wait does not go before them.
#[async_dsl::test]
async fn who_does_not_wait_takes_nothing_from_those_who_do() {
    let permits = flow::permits(1);
    let first = permits.try_take();
    let waits = go!(|permits| take!(permits));
    sleep!(1ms);
    drop(first);
    assert!(permits.try_take().is_none());
    assert!(waits.await.is_some());
}

#[async_dsl::test(unawaited_panics = allow)]
async fn a_permit_comes_back_after_a_panic_and_a_cancellation() {
    let permits = flow::permits(1);
    let panics = go!(|permits| {
        let _permit = take!(permits);
        sleep!(1ms);
        panic!("with a permit in hand");
    });
    assert!(matches!(
        panics.outcome().await,
        Err(TaskError::Panicked(_))
    ));
    assert_eq!(permits.available(), 1);

    let holds = go!(|permits| {
        let _permit = take!(permits);
        sleep!(1h);
    });
    sleep!(1ms);
    assert_eq!(permits.available(), 0);
    holds.cancel().await;
    assert_eq!(permits.available(), 1);
}

#[async_dsl::test]
async fn none_is_lost_wherever_a_take_is_cancelled() {
    let permits = flow::permits(2);
    let tasks: Vec<Task<()>> = (0..6)
        .map(|n| {
            go!(|permits| {
                for _ in 0..2 {
                    let permit = match n % 3 {
                        0 => take!(permits),
                        1 => match permits.try_take() {
                            Some(permit) => Some(permit),
                            None => timeout!(1ms, { take!(permits) }).ok().flatten(),
                        },
                        _ => alt! {
                            permit = take!(permits) => permit,
                            sleep!(1ms) => None,
                        },
                    };
                    yield_now!();
                    drop(permit);
                }
            })
        })
        .collect();
    let cancels = tasks[0..4].iter().map(Task::canceller);
    for canceller in cancels.collect::<Vec<_>>() {
        go!({ canceller.cancel() });
    }
    for task in tasks {
        task.outcome().await.ok();
    }
    assert_eq!(permits.available(), 2);
}

#[async_dsl::test]
async fn an_arm_that_loses_takes_no_permit() {
    let permits = flow::permits(1);
    let other = chan::fixed(1);
    for _ in 0..20 {
        put!(other, ()).unwrap();
        let won = alt! {
            permit = take!(permits) => permit,
            _ = take!(other) => None,
        };
        other.try_take().ok();
        assert_eq!(permits.available(), usize::from(won.is_none()));
    }
}

#[async_dsl::test]
async fn closed_permits_end_the_waiting() {
    let permits = flow::permits(1);
    let held = take!(permits);
    let waits = go!(|permits| take!(permits).is_none());
    sleep!(1ms);
    permits.close();
    assert!(waits.await);
    drop(held);
    assert!(take!(permits).is_none());
    assert!(timeout!(1h, { take!(flow::permits(0)) }).is_err());
}

#[test]
fn a_dump_shows_the_permits_and_who_waits() {
    let line = line!() + 1;
    let permits = flow::permits(3).named("seats");
    let scheduler = Scheduler::virtual_time();
    let held: Vec<_> = (0..3).map(|_| permits.try_take()).collect();
    let waits = scheduler.enter(|| go!(|permits| take!(permits).is_some()));
    scheduler.run_until_parked();
    let snapshot = inspect::snapshot();
    let seats = snapshot
        .channels
        .iter()
        .find(|c| c.name.as_deref() == Some("seats"));
    let seats = seats.unwrap();
    assert_eq!(
        (seats.kind, seats.len, seats.capacity),
        (Some(Kind::Permits), 0, Some(3))
    );
    assert_eq!(seats.made_at.line, line);
    let text = scheduler.snapshot().to_string();
    assert!(
        text.contains("take!(permits)") && text.contains("seats"),
        "{text}"
    );
    assert!(text.contains("permits "), "{text}");
    drop(held);
    assert!(scheduler.block_on(waits));
}
