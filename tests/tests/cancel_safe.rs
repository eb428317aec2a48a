//! `cancel_safe`: a future that is not ours, as an arm of `alt!`.

use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use async_dsl::inspect::WaitsFor;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// As a process of another library is: waited for, or ended.
struct Child {
    rounds: u32,
    kills: u32,
}

impl Child {
    #[linear]
    async fn status(&mut self) -> u32 {
        while self.rounds > 0 {
            sleep!(1ms);
            self.rounds -= 1;
        }
        self.kills
    }

    fn kill(&mut self) {
        self.kills += 1;
    }
}

/// Adds one when it is dropped.
struct Dropped<'a>(&'a AtomicUsize);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Ready when it is polled for the `n`th time; then it wakes itself.
async fn ready_at(n: usize) -> usize {
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        cx.waker().wake_by_ref();
        if polls == n {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    polls
}

#[async_dsl::test]
async fn a_future_may_borrow_and_the_handlers_have_what_it_borrowed() {
    let mut child = Child {
        rounds: 9,
        kills: 0,
    };
    let mut impatient = true;
    let status = loop {
        alt! {
            status = await!(cancel_safe(child.status())) => {
                child.kill();
                break status;
            }
            sleep!(3500us), if impatient => {
                child.kill();
                impatient = child.kills < 2;
            }
        }
    };
    // Twice it was given up after three rounds of nine.
    assert_eq!((status, child.kills, child.rounds), (2, 3, 0));
}

#[async_dsl::test]
async fn one_that_loses_is_dropped_before_the_handler() {
    let (c, yes) = (chan::fixed(2), true);
    put!(c, 1).unwrap();
    put!(c, 2).unwrap();
    let dropped = AtomicUsize::new(0);
    let never = || {
        let guard = Dropped(&dropped);
        cancel_safe(async move {
            let _guard = guard;
            pending::<()>().await;
        })
    };
    let seen = || dropped.load(Ordering::Relaxed);
    let first = alt! {
        biased;
        await!(never()) => unreachable!(),
        _ = take!(c) => seen(),
    };
    let second = alt! {
        biased;
        await!(never()), if yes => unreachable!(),
        _ = take!(c) => seen(),
    };
    // Also where it has parked.
    let third = alt! {
        await!(never()) => unreachable!(),
        sleep!(1ms) => seen(),
    };
    assert_eq!((first, second, third), (1, 2, 3));
}

#[async_dsl::test]
async fn one_in_a_variable_goes_on_where_it_was() {
    let (c, yes) = (chan(), true);
    let third = cancel_safe(ready_at(3));
    let mut rounds = 0;
    let polls = loop {
        c.try_put(()).unwrap();
        alt! {
            biased;
            polls = await!(third), if yes => break polls,
            _ = take!(c) => rounds += 1,
        }
    };
    assert_eq!((polls, rounds), (3, 2));
}

#[async_dsl::test]
async fn one_is_a_future_and_an_element_of_alts() {
    assert_eq!(cancel_safe(ready_at(2)).await, 2);
    let list = [9, 2, 9].map(|n| cancel_safe(ready_at(n)));
    assert_eq!(alts(list).biased().await, Ok((1, 2)));
}

#[async_dsl::test]
async fn what_was_waited_for_is_not_waited_for_again() {
    let twice = go!({
        let one = cancel_safe(ready_at(1));
        for _ in 0..2 {
            alt! { _ = await!(one) => {} }
        }
    });
    let at_once = go!({
        let one = cancel_safe(ready_at(9));
        alt! {
            _ = await!(one) => {}
            _ = await!(one) => {}
        }
    });
    for task in [twice, at_once] {
        let error = task.outcome().await.unwrap_err();
        assert!(error.to_string().contains("`cancel_safe`"), "{error}");
    }
}

#[async_dsl::test]
async fn a_panic_in_it_is_the_tasks_and_a_cancelled_task_drops_it() {
    let panics = go!({
        alt! {
            await!(cancel_safe(async { panic!("no status") })) => {}
            sleep!(1s) => {}
        }
    });
    let error = panics.outcome().await.unwrap_err();
    assert!(error.to_string().contains("no status"), "{error}");

    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    let before = DROPPED.load(Ordering::Relaxed);
    let task = go!({
        let guard = Dropped(&DROPPED);
        let waits = cancel_safe(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        alt! {
            await!(waits) => {}
            sleep!(1h) => {}
        }
    });
    sleep!(1ms);
    task.cancel().await;
    assert_eq!(DROPPED.load(Ordering::Relaxed), before + 1);
}

/// A false report of a deadlock would follow, if it were taken for an arm that is off.
#[test]
fn one_is_shown_as_foreign_beside_arms_of_every_kind() {
    // Driven by hand: a snapshot of parked tasks.
    let scheduler = Scheduler::manual();
    let c = chan::<u32>();
    let (_resolver, answer) = promise::<u32>();
    scheduler.enter(|| {
        go!(|c| {
            alt! {
                _ = take!(c) => {}
                await!(cancel_safe(pending::<()>())) => {}
            }
        });
        go!({
            alt! {
                await!(cancel_safe(pending::<()>())) => {}
            }
        });
        go!(|answer| {
            alt! {
                biased;
                await!(cancel_safe(pending::<()>())) => {}
                _ = await!(answer) => {}
                _ = await!(cancel_safe(answer.clone())) => {}
            }
        });
        go!(|answer| {
            alt! {
                biased;
                _ = await!(answer) => {}
                await!(cancel_safe(pending::<()>())) => {}
            }
        });
    });
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    assert_eq!(snapshot.tasks.len(), 4);
    for task in &snapshot.tasks {
        let mut arms = task.parked.iter();
        let foreign = arms.find(|arm| arm.text == "await!(cancel_safe(pending::<()>()))");
        assert_eq!(
            foreign.map(|arm| arm.waits_for),
            Some(WaitsFor::Foreign),
            "{task:?}"
        );
    }
    let waits_for = |task: usize, arm: usize| snapshot.tasks[task].parked[arm].waits_for;
    assert!(matches!(waits_for(0, 0), WaitsFor::Take(_)));
}

/// What is ours in it is shown.
#[test]
fn one_that_waits_for_a_channel_is_shown_there() {
    let (scheduler, c) = (Scheduler::manual(), chan::<u32>());
    scheduler.enter(|| {
        go!(|c| {
            alt! {
                _ = await!(cancel_safe(c.take())) => {}
            }
        });
    });
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    assert!(matches!(
        snapshot.tasks[0].parked[0].waits_for,
        WaitsFor::Take(_)
    ));
}
