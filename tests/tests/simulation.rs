//! Simulated schedules: the same for the same seed, every order within reach, and nothing from outside.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::sim::{self, Cause, Config, Seed, Strategy};
use async_dsl::time;

/// Tasks that race for a channel, with timers and an `alt!`: everything that a seed decides.
async fn race() -> Vec<u32> {
    async_block!({
        let (lines, ticks) = (chan::fixed(1), chan::fixed(0));
        for number in 0..3 {
            go!(|lines, ticks| {
                sleep!(10ms);
                put!(lines, number).ok();
                put!(ticks, number + 10).ok();
            });
        }
        let mut order = Vec::new();
        for _ in 0..6 {
            let value = alt! {
                line = take!(lines) => line,
                tick = take!(ticks) => tick,
            };
            order.extend(value);
        }
        order
    })
    .await
}

// N9
#[test]
fn the_same_seed_gives_the_same_trace() {
    for text in ["7", "pct:7:3:40", "plan:0.2-1"] {
        let seed: Seed = text.parse().unwrap();
        let trace = sim::trace(&seed, race);
        assert!(trace.switches() > 3, "{trace}");
        assert_eq!(sim::trace(&seed, race), trace);
    }
}

// N9: no address, hash, clock or thread decides, so it is the same on another machine too.
#[test]
fn a_seed_means_the_same_on_every_machine() {
    let mut choices = String::new();
    for seed in ["1", "pct:1:2:40"] {
        let trace = sim::trace(&seed.parse().unwrap(), race);
        choices.push_str(&trace.choices());
        choices.push('\n');
    }
    assert_eq!(
        choices,
        "0 2 3 2 0=0=1 3 1 +10000000 3 0 2 3 0=1 1 3 1 0=1=0 2 1 0=0=1\n\
         0 1 0=1=1 2 3 +10000000 1 0=1 1 0=0=1 2 0=0=1 2 0=0=1 3 0=0=0 3 0\n"
    );
}

// N9
#[test]
fn different_seeds_give_different_schedules() {
    let distinct = |strategy| {
        let config = Config::new().seeds(100).strategy(strategy);
        let results = RefCell::new(HashSet::new());
        let report = sim::check(&config, || async {
            let order = race().await;
            results.borrow_mut().insert(order);
        })
        .unwrap();
        (report.distinct, results.into_inner().len())
    };
    let (schedules, results) = distinct(Strategy::Uniform);
    assert!(
        schedules >= 95,
        "{schedules} of 100 schedules are different"
    );
    assert!(results >= 50, "{results} of 100 results are different");
    let (schedules, results) = distinct(Strategy::Pct { depth: 3 });
    assert!(
        schedules >= 50,
        "{schedules} of 100 schedules are different"
    );
    assert!(results >= 25, "{results} of 100 results are different");
}

#[test]
fn timers_of_the_same_time_come_in_any_order() {
    let first = |seed| {
        Scheduler::simulated(seed).block_on(async_block!({
            let woken = chan();
            for number in 0..3 {
                go!(|woken| {
                    sleep!(10ms);
                    put!(woken, number).ok();
                });
            }
            take!(woken).unwrap()
        }))
    };
    let firsts: HashSet<i32> = (0..40).map(first).collect();
    assert_eq!(firsts.len(), 3);
}

// N7
#[test]
fn a_value_and_a_time_limit_of_the_same_time_come_in_any_order_and_nothing_is_lost() {
    let in_time = &RefCell::new(HashSet::new());
    sim::check(&Config::new().seeds(50), || {
        async_block!({
            let c = chan::fixed(1);
            let sender = go!(|c| {
                sleep!(10ms);
                put!(c, 1).unwrap();
            });
            let taken = timeout!(10ms, {
                alt! { value = take!(c) => value }
            });
            in_time.borrow_mut().insert(taken.is_ok());
            if let Ok(value) = taken {
                assert_eq!(value, Some(1));
            } else {
                sender.await;
                assert_eq!(c.try_take(), Ok(1), "nothing is lost");
            }
        })
    })
    .unwrap();
    assert_eq!(in_time.borrow().len(), 2, "both happen");
}

// S19
#[test]
fn no_schedule_makes_a_time_limit_miss_what_is_ready() {
    sim::check(&Config::new().seeds(200), || {
        async_block!({
            let c = chan::fixed(8);
            let busy = go!(|c| {
                for _ in 0..3 {
                    yield_now!();
                    put!(c, 1).unwrap();
                }
            });
            put!(c, 1).unwrap();
            put!(c, 1, 0ms).ok();
            assert_eq!(take!(c, 0ms, 9), Some(1));
            busy.await;
            let two = timeout!(0ms, { (take!(c), take!(c)) });
            assert_eq!(two, Ok((Some(1), Some(1))));
        })
    })
    .unwrap();
}

#[test]
fn an_hour_takes_no_time() {
    let scheduler = Scheduler::simulated(0);
    let before = scheduler.now();
    scheduler.block_on(async_block!({
        sleep!(1h);
        let waits = go!({ sleep!(1h) });
        waits.await;
    }));
    assert_eq!(scheduler.now() - before, Duration::from_secs(7200));
}

// S29
#[test]
fn yielding_gives_every_ready_task_a_turn() {
    sim::check(&Config::new().seeds(200), || {
        async_block!({
            let turns = chan();
            for number in 0..4 {
                go!(|turns| { turns.try_put(number).unwrap() });
            }
            yield_now!();
            assert_eq!(turns.len(), 4);
        })
    })
    .unwrap();
}

#[test]
fn a_task_that_never_parks_lets_the_others_run() {
    let config = Config::new().seeds(50).max_steps(10_000);
    sim::check(&config, || {
        async_block!({
            let (stop, filled) = (chan::fixed(1), chan::sliding(1));
            go!(|stop| { put!(stop, ()).unwrap() });
            while stop.is_empty() {
                put!(filled, 1).unwrap();
            }
        })
    })
    .unwrap();
}

#[test]
fn a_deadlock_is_a_failure_and_not_a_hang() {
    let failure = sim::check(&Config::new(), || {
        async_block!({
            let never = chan::fixed::<()>(1);
            let stuck = go!(|never| { take!(never) });
            stuck.await;
        })
    })
    .unwrap_err();
    assert_eq!(*failure.cause(), Cause::Deadlock);
    assert_eq!(failure.schedules(), 1);
    let alive = failure.alive();
    assert!(
        alive.contains("take!(never)") && alive.contains(file!()),
        "{failure}"
    );
}

#[test]
#[should_panic(expected = "deadlock")]
fn block_on_reports_a_deadlock() {
    Scheduler::simulated(0).block_on(std::future::pending::<()>());
}

#[test]
fn a_run_without_an_end_is_a_failure() {
    let config = Config::new().max_steps(1000);
    let failure = sim::check(&config, || {
        async_block!({
            go!({
                loop {
                    sleep!(1ms);
                }
            });
            std::future::pending::<()>().await;
        })
    })
    .unwrap_err();
    assert_eq!(*failure.cause(), Cause::Endless { steps: 1000 });
}

#[test]
fn an_error_is_a_failure() {
    let failure = sim::check(&Config::new(), || async { Err::<(), _>("no luck") }).unwrap_err();
    let message = "\"no luck\"".to_owned();
    assert_eq!(*failure.cause(), Cause::Error { message });
}

#[test]
fn a_panic_nobody_awaits_is_a_failure() {
    let failure = sim::check(&Config::new(), || {
        async_block!({
            go!({ panic!("no luck") });
            sleep!(1ms);
        })
    })
    .unwrap_err();
    let Cause::Panic {
        message,
        at,
        unobserved,
    } = failure.cause()
    else {
        panic!("{failure}");
    };
    assert_eq!(message, "no luck");
    assert!(at.as_ref().unwrap().contains(file!()));
    assert!(unobserved.as_ref().unwrap().contains(file!()));
}

#[test]
fn a_thread_is_an_error_that_names_its_line() {
    let failure = sim::check(&Config::new(), || async {
        thread!({ 1 }).await;
    })
    .unwrap_err();
    let text = failure.to_string();
    assert!(
        text.contains("`thread!` at ") && text.contains(file!()),
        "{text}"
    );
}

#[test]
fn a_socket_is_an_error_that_names_its_line() {
    let failure = sim::check(&Config::new(), || async {
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        async_dsl::net::Listener::try_from(socket).unwrap();
    })
    .unwrap_err();
    let text = failure.to_string();
    assert!(
        text.contains("the socket at ") && text.contains(file!()),
        "{text}"
    );
}

#[test]
fn a_wake_up_from_another_thread_is_an_error() {
    let failure = sim::check(&Config::new(), || {
        async_block!({
            let c = chan::fixed(1);
            let taker = go!(|c| { take!(c) });
            sleep!(1ms);
            std::thread::spawn(move || c.put_blocking(1))
                .join()
                .unwrap()
                .unwrap();
            taker.await;
        })
    })
    .unwrap_err();
    assert!(
        matches!(failure.cause(), Cause::Foreign { .. }),
        "{failure}"
    );
    assert!(failure.to_string().contains(file!()), "{failure}");
}

#[test]
fn a_failing_schedule_fails_again() {
    let lost_update = || {
        async_block!({
            let value = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
            let add = || {
                let value = value.clone();
                go!({
                    let read = value.load(std::sync::atomic::Ordering::Relaxed);
                    sleep!(1ms);
                    value.store(read + 1, std::sync::atomic::Ordering::Relaxed);
                })
            };
            let tasks = [add(), add()];
            await!(each tasks);
            assert_eq!(value.load(std::sync::atomic::Ordering::Relaxed), 2);
        })
    };
    let failure = sim::check(&Config::new(), lost_update).unwrap_err();
    for seed in [failure.seed(), failure.shrunk().0] {
        let config = Config::new().replay(seed.clone()).shrink(false);
        let again = sim::check(&config, lost_update).unwrap_err();
        assert_eq!(again.cause(), failure.cause());
    }
}

#[test]
fn run_once_gives_each_ready_task_one_turn_in_the_order_of_the_seed() {
    let order = |seed| {
        let scheduler = Scheduler::simulated(seed);
        let order = chan();
        scheduler.enter(|| {
            for number in 0..5 {
                go!(|order| { order.try_put(number).unwrap() });
            }
        });
        assert_eq!(scheduler.run_once(), 5);
        assert_eq!(scheduler.run_once(), 0);
        std::iter::from_fn(move || order.try_take().ok()).collect::<Vec<i32>>()
    };
    assert_eq!(order(1), order(1));
    let orders: HashSet<_> = (0..20).map(order).collect();
    assert!(orders.len() > 10, "{}", orders.len());
}

#[async_dsl::test]
async fn a_test_is_simulated() {
    let before = time::now();
    sleep!(1h);
    assert_eq!(time::now() - before, Duration::from_secs(3600));
}

#[async_dsl::test(threads = 2)]
async fn a_test_may_have_real_threads() {
    let here = std::thread::current().id();
    let name = go!({ std::thread::current().name().map(String::from) })
        .await
        .unwrap();
    assert!(name.starts_with("async-dsl-test-worker-"), "{name}");
    let there = thread!({ std::thread::current().id() }).await;
    assert_ne!(here, there);
}

#[async_dsl::test(seeds = 20, strategy = pct(2))]
#[should_panic(expected = "the message of the test")]
async fn a_failing_test_fails_as_it_does_by_itself() {
    panic!("the message of the test");
}

#[async_dsl::test(seed = "plan:0.1-1")]
async fn a_test_may_name_its_schedule() -> Result<(), Closed<i32>> {
    let c = chan::fixed(2);
    let putter = go!(|c| { put!(c, 1) });
    put!(c, 2)?;
    assert_eq!(take!(c), Some(1), "the task ran before the first word");
    putter.await
}
