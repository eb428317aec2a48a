//! `race!`: the first output.

use std::collections::BTreeSet;
use std::future::{Ready, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use async_dsl::inspect::WaitsFor;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::time;
use async_dsl_tests::alive::{Alive, alive};
use async_dsl_tests::parked;

const MS: Duration = Duration::from_millis(1);

async fn after(time: Duration, n: u32) -> u32 {
    time::sleep(time).await;
    n
}

#[async_dsl::test]
async fn the_first_output_is_returned() {
    let before = time::now();
    assert_eq!(
        race!(after(9 * MS, 1), after(2 * MS, 2), after(3 * MS, 3)),
        2
    );
    assert_eq!(race!(each(1..5).map(|n| after(n * MS, n))), 1);
    assert_eq!(race!(after(MS, 1)), 1);
    let task = go!({
        sleep!(MS);
        1
    });
    let (_resolver, promise) = promise();
    assert_eq!(
        race!(task, async { promise.await.unwrap_or(2) }, pending()),
        1
    );
    assert_eq!(time::now() - before, 5 * MS);
}

#[async_dsl::test]
async fn of_several_that_are_ready_each_is_the_first_sometimes() {
    let (mut of_tuples, mut of_lists) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..200 {
        of_tuples.insert(race!(ready(0), ready(1), ready(2)));
        of_lists.insert(race!(each(0..3).map(ready)));
    }
    assert!(of_tuples.into_iter().eq(0..3) && of_lists.into_iter().eq(0..3));
}

#[async_dsl::test]
async fn the_losers_are_dropped_before_it_returns() {
    let count = Arc::new(AtomicUsize::new(0));
    let loses = || {
        let held = Alive::new(&count);
        async move {
            let _held = held;
            pending::<u32>().await
        }
    };
    match race!(loses(), after(MS, 1), loses()) {
        1 => assert_eq!(alive(&count), 0),
        other => panic!("{other}"),
    }
    let racers: Vec<_> = (0..10).map(|_| loses()).collect();
    assert!(timeout!(MS, { race!(each racers) }).is_err());
    assert!(timeout!(MS, { race!(loses(), loses()) }).is_err());
    assert_eq!(alive(&count), 0);
}

#[async_dsl::test]
async fn the_futures_may_borrow() {
    let (mut left, mut right) = (vec![1], vec![2]);
    for _ in 0..3 {
        let first = async {
            left.push(3);
            time::sleep(2 * MS).await;
            left.len()
        };
        let second = async {
            time::sleep(MS).await;
            right.push(4);
            right.len()
        };
        race!(first, second);
    }
    assert_eq!((left.len(), right.len()), (4, 4));
    let texts = [String::from("a"), String::from("bc")];
    let first = race!(each texts.iter().map(async |text| text.len()));
    assert!(first == 1 || first == 2);
}

#[async_dsl::test]
async fn a_task_that_loses_runs_on_and_a_promise_can_be_awaited_again() {
    let (done, ended) = chan::fixed(1).split();
    let slow = go!({
        sleep!(5 * MS);
        put!(done, 5).is_ok()
    });
    let (resolver, promise) = promise();
    let lost = async { (&promise).await.unwrap() };
    assert!(race!(slow, lost, async { after(MS, 1).await == 1 }));
    assert_eq!(take!(ended), Some(5));
    resolver.deliver(true);
    assert!(promise.await.unwrap());
}

/// What is ours loses nothing here either.
#[async_dsl::test(seeds = 300)]
async fn takes_that_lose_leave_their_values() {
    let (left, right) = (chan::fixed(1), chan::fixed(0));
    for (c, from) in [(&left, 0), (&right, 10)] {
        go!(|c| {
            for n in from..from + 5 {
                put!(c, n).unwrap();
            }
        });
    }
    let mut got = Vec::new();
    while got.len() < 10 {
        let late = async {
            sleep!(MS);
            None
        };
        got.extend(race!(left.take(), right.take(), late));
    }
    got.sort_unstable();
    assert!(got.into_iter().eq((0..5).chain(10..15)));
}

#[async_dsl::test]
#[should_panic(expected = "`race!(each …)` of an empty list would wait for ever")]
async fn a_race_of_nothing_is_a_panic() {
    race!(each Vec::<Ready<u8>>::new());
}

#[async_dsl::test]
async fn a_panic_of_one_is_a_panic_of_the_race() {
    let race = go!({
        let fails: Task<u32> = go!({ panic!("no luck") });
        race!(fails, after(MS, 1))
    });
    assert!(
        race.outcome()
            .await
            .unwrap_err()
            .to_string()
            .contains("no luck")
    );
}

async fn fetch() -> u32 {
    pending::<u32>().await
}

/// A false report of a deadlock would follow, if only what is ours were seen.
#[test]
fn what_is_not_ours_is_seen_beside_what_is() {
    let (_resolver, answer) = promise::<u32>();
    let (_scheduler, snapshot) = parked(|| {
        go!(|answer| { race!(pending(), answer) }).detach();
        go!(|answer| { race!(answer, pending()) }).detach();
        go!(|answer| { race!(async { fetch().await }, async { answer.await.unwrap() }) }).detach();
        go!(|answer| { race!(async { answer.await.unwrap() }, async { fetch().await }) }).detach();
        go!(|answer| { race!(each [answer.clone(), answer]).is_ok() }).detach();
    });
    let waits_for: Vec<_> = snapshot
        .tasks
        .iter()
        .map(|task| task.parked[0].waits_for)
        .collect();
    assert!(
        matches!(
            waits_for[..],
            [
                WaitsFor::Foreign,
                WaitsFor::Foreign,
                WaitsFor::Foreign,
                WaitsFor::Foreign,
                WaitsFor::Answer(_)
            ]
        ),
        "{snapshot}"
    );
    let texts: Vec<_> = snapshot
        .tasks
        .iter()
        .map(|task| &*task.parked[0].text)
        .collect();
    assert_eq!(
        texts,
        [
            "race!(pending(), answer)",
            "race!(answer, pending())",
            "fetch().await",
            "fetch().await",
            "race!(each [answer.clone(), answer])"
        ]
    );
}

#[test]
fn a_race_that_nobody_can_win_is_a_deadlock() {
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let run = AssertUnwindSafe(|| {
        scheduler.block_on(async_block!({
            let (one, two) = (chan::<u32>().split(), chan::<u32>().split());
            race!(one.1.take(), two.1.take());
            drop((one, two));
        }));
    });
    let payload = catch_unwind(run).expect_err("a deadlock");
    let report = *payload.downcast::<String>().expect("a message");
    assert!(report.starts_with("deadlock: "), "{report}");
}

/// rustc knows no lifetimes where it looks whether a future can be sent.
#[async_dsl::test]
async fn a_race_of_borrowing_futures_can_be_sent() {
    #[allow(clippy::unused_async)]
    async fn first_of(text: &str) -> Result<&str, &'static str> {
        text.split(' ').next().ok_or("empty")
    }
    let task = go!({
        let texts = [String::from("a b"), String::from("a c")];
        let one = race!(first_of(&texts[0]), first_of(&texts[1]))?;
        let other = race!(each texts.iter().map(|text| first_of(text)))?;
        let (first, second) = try_join!(first_of(&texts[0]), first_of(&texts[1]))?;
        let all = try_join!(each texts.iter().map(|text| first_of(text)))?;
        Ok::<_, &str>([one, other, first, second].concat() + &all.concat())
    });
    assert_eq!(task.await.as_deref(), Ok("aaaaaa"));
}
