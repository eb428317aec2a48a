//! What a search finds, and what it shows of it.

use async_dsl::prelude::*;
use async_dsl::sim::{self, Cause, Config};

async fn deposits() {
    async_block!({
        let balance = chan::fixed(1);
        put!(balance, 0).unwrap();
        let deposits = [10, 20].map(|amount| {
            go!(|balance| {
                let before = take!(balance).unwrap();
                put!(balance, before).unwrap();
                take!(balance);
                put!(balance, before + amount).unwrap();
            })
        });
        for deposit in deposits {
            deposit.await;
        }
        assert_eq!(take!(balance), Some(30));
    })
    .await;
}

#[test]
fn a_lost_update_is_found_shrunk_and_replayed() {
    let failure = sim::check(&Config::new().exhaustive(), deposits).unwrap_err();
    let (seed, trace) = failure.shrunk();
    println!("{failure}");
    assert!(seed.to_string().starts_with("plan:+"), "{seed}");
    assert!(trace.switches() <= failure.trace().switches());
    for (seed, trace) in [(failure.seed(), failure.trace()), (seed, trace)] {
        let again = sim::check(&Config::new().replay(seed.clone()), deposits).unwrap_err();
        assert_eq!(again.trace(), trace);
        assert_eq!(again.cause(), failure.cause());
    }
}

/// Each deposit in one step: the channel is the lock.
async fn right_deposits() {
    async_block!({
        let balance = chan::fixed(1);
        put!(balance, 0).unwrap();
        let deposits = [10, 20, 30].map(|amount| {
            go!(|balance| {
                let before = take!(balance).unwrap();
                put!(balance, before + amount).unwrap();
            })
        });
        for deposit in deposits {
            deposit.await;
        }
        assert_eq!(take!(balance), Some(60));
    })
    .await;
}

#[test]
fn a_right_program_is_proved() {
    let report = sim::check(&Config::new().exhaustive(), right_deposits).unwrap();
    // The order of three takes.
    assert_eq!(report.schedules, 6);
    let text = report.to_string();
    assert!(
        text.starts_with("all 6 schedules that can differ: "),
        "{text}"
    );
    assert!(text.ends_with("no shared memory was declared"), "{text}");
}

#[test]
fn a_bound_that_is_hit_fails_and_says_so() {
    let failure = sim::check(&Config::new().most(2), right_deposits).unwrap_err();
    let Cause::Unfinished { schedules: 2, left } = *failure.cause() else {
        panic!("{failure}")
    };
    assert!(left >= 1);
    assert!(failure.to_string().contains("there are more"), "{failure}");
    assert_eq!(
        sim::check(&Config::new().most(6), right_deposits)
            .unwrap()
            .schedules,
        6
    );
}

#[test]
fn every_outcome_has_a_plan_that_leads_to_it() {
    let program = || {
        async_block!({
            let c = chan();
            for n in 0..3 {
                go!(|c| put!(c, n).is_ok());
            }
            alt! {
                value = take!(c) => value,
                sleep!(1ms) => None,
            }
        })
    };
    let all = sim::outcomes(program);
    assert_eq!(all.len(), 3, "{all}");
    for (value, seed) in all.iter() {
        let expected = |got: Option<i32>| if got == *value { Err(()) } else { Ok(()) };
        let run = || async { expected(program().await) };
        assert!(
            sim::check(&Config::new().replay(seed.clone()), run).is_err(),
            "{seed}"
        );
    }
}

#[async_dsl::test(exhaustive)]
async fn the_attribute_takes_every_schedule() {
    right_deposits().await;
}

#[async_dsl::test(exhaustive, most = 6)]
async fn the_attribute_has_a_bound() {
    right_deposits().await;
}

#[async_dsl::test(exhaustive, most = 5)]
#[should_panic(expected = "there are more")]
async fn the_attribute_fails_at_its_bound() {
    right_deposits().await;
}

#[async_dsl::test(exhaustive)]
#[should_panic(expected = "left == right")]
async fn the_attribute_finds_what_is_wrong() {
    deposits().await;
}

#[test]
fn a_deadlock_a_spin_and_a_panic_are_found() {
    let cause = |failure: sim::Failure| failure.cause().clone();
    let deadlock = || {
        async_block!({
            let (a, b) = (chan::fixed(1), chan::fixed(1));
            put!(a, ()).ok();
            put!(b, ()).ok();
            let task = go!(|a, b| {
                take!(b);
                take!(a);
                put!(a, ()).ok();
                put!(b, ()).ok();
            });
            take!(a);
            take!(b);
            put!(a, ()).ok();
            put!(b, ()).ok();
            task.await;
        })
    };
    let found = sim::check(&Config::new().exhaustive(), deadlock).unwrap_err();
    assert_eq!(cause(found), Cause::Deadlock);
    let spins = || {
        async_block!({
            let c = chan::<()>();
            while c.is_empty() {
                yield_now!();
            }
        })
    };
    let found = sim::check(&Config::new().exhaustive(), spins).unwrap_err();
    assert_eq!(cause(found), Cause::Spins);
    let panics = || {
        async_block!({
            let c = chan();
            go!(|c| put!(c, 1).is_ok());
            go!(|c| put!(c, 2).is_ok());
            go!(|c| assert_eq!(take!(c), Some(1)));
            sleep!(1ms);
        })
    };
    let found = sim::check(&Config::new().exhaustive(), panics).unwrap_err();
    assert!(matches!(
        cause(found),
        Cause::Panic {
            unobserved: Some(_),
            ..
        }
    ));
}

// After the main task the others run on, as they would not if they were dropped; but time does not.
#[test]
fn what_could_come_before_the_end_of_the_main_task_counts() {
    let panics = || {
        async_block!({
            let c = chan();
            go!(|c| {
                put!(c, 1).ok();
                put!(c, 2).ok();
                panic!("as it may");
            });
            take!(c);
        })
    };
    assert!(sim::check(&Config::new().exhaustive(), panics).is_err());
    let after = || {
        async_block!({
            let (c, d) = (chan(), chan().split());
            let (ends, end) = d;
            go!({
                // Only the end of the main task drops this.
                assert_eq!(take!(end), None::<()>);
                panic!("never, since it is dropped by then");
            });
            go!(|c| put!(c, 1).is_ok());
            take!(c);
            drop(ends);
        })
    };
    sim::check(&Config::new().exhaustive(), after).unwrap();
}

#[test]
fn what_is_not_the_same_each_time_is_an_error() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let runs = &AtomicU32::new(0);
    let astray = || {
        async_block!({
            let c = chan();
            for n in 0..2 + runs.fetch_add(1, Ordering::Relaxed) {
                go!(|c| put!(c, n).is_ok());
            }
            sleep!(1ms);
        })
    };
    let failure = sim::check(&Config::new().exhaustive(), astray).unwrap_err();
    assert!(
        matches!(failure.cause(), Cause::Foreign { .. }),
        "{failure}"
    );
}
