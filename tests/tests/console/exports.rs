//! What the console reaches: exported channels and agents, by name only.

use std::time::Duration;

use async_dsl::agent::agent;
use async_dsl::chan::{self, chan};
use async_dsl::console::{Exports, Session};
use async_dsl::scheduler::Scheduler;

use crate::{ask, limits, session};

#[test]
fn putting_and_taking() {
    let jobs = chan::fixed::<String>(2);
    let exports = Exports::new();
    exports.chan("jobs", &jobs);
    let session = &mut session(&exports);
    assert_eq!(ask(session, "put(\"jobs\", \"sweep\")"), "()");
    assert_eq!(jobs.try_take().as_deref(), Ok("sweep"));
    jobs.try_put("cook".into()).unwrap();
    assert_eq!(ask(session, "take(\"jobs\", 0)"), "\"cook\"");
}

#[test]
fn a_put_into_a_full_channel_gives_up_in_time() {
    let jobs = chan::fixed::<i64>(1);
    let exports = Exports::new();
    exports.chan("jobs", &jobs);
    let session = &mut session(&exports);
    ask(session, "put(\"jobs\", 1)");
    for full in [
        "put(\"jobs\", 2)",
        "put(\"jobs\", 2, 0)",
        "put(\"jobs\", 2, -5)",
    ] {
        let error = ask(session, full);
        assert!(error.contains("nothing was put"), "{error}");
    }
    assert_eq!(
        (jobs.try_take(), jobs.len(), jobs.waiting()),
        (Ok(1), 0, chan::Waiting::default())
    );
}

#[test]
fn a_take_from_an_empty_channel_gives_up_in_time() {
    let jobs = chan::fixed::<i64>(1);
    let exports = Exports::new();
    exports.chan("jobs", &jobs);
    let session = &mut session(&exports);
    let error = ask(session, "take(\"jobs\", 1)");
    assert!(error.contains("no value within 1 ms"), "{error}");
    assert_eq!(ask(session, "take(\"jobs\", 1, \"none\")"), "\"none\"");
    assert_eq!(jobs.waiting(), chan::Waiting::default());
    jobs.close();
    assert_eq!(ask(session, "take(\"jobs\", 1, \"none\")"), "()");
    assert!(ask(session, "put(\"jobs\", 1)").contains("it is closed; nothing was put"));
}

#[test]
fn a_take_waits_no_longer_than_the_evaluation_may() {
    let jobs = chan::fixed::<i64>(1);
    let exports = Exports::new();
    exports.chan("jobs", &jobs);
    let limits = limits().deadline(Duration::from_millis(20));
    let session = &mut Session::with_limits(&exports, limits).unwrap();
    // Not even if the script tries to catch it.
    for long in [
        "take(\"jobs\", 3600000)",
        "try { take(\"jobs\", 9223372036854775807) } catch { 1 }",
    ] {
        assert_eq!(ask(session, long), "error: stopped: not done within 20ms");
    }
    jobs.try_put(1).unwrap();
    let full = ask(session, "put(\"jobs\", 1, 3600000)");
    assert_eq!(full, "error: stopped: not done within 20ms");
    assert_eq!(jobs.waiting(), chan::Waiting::default());
}

#[test]
fn an_unknown_name_is_an_error_that_lists_the_known_ones() {
    let exports = Exports::new();
    let session = &mut session(&exports);
    assert!(ask(session, "take(\"x\", 0)").contains("no channel \"x\" is exported, and no other"));
    let (jobs, log, counter) = (chan::<i64>(), chan::<i64>(), agent(0));
    exports
        .chan("jobs", &jobs)
        .chan("log", &log)
        .agent("counter", &counter);
    for form in ["take(\"counter\", 0)", "put(\"counter\", 0)"] {
        let error = ask(session, form);
        assert!(
            error.contains("no channel \"counter\" is exported; there is \"jobs\", \"log\""),
            "{error}"
        );
    }
    let error = ask(session, "get(\"jobs\")");
    assert!(
        error.contains("no agent \"jobs\" is exported; there is \"counter\""),
        "{error}"
    );
    assert_eq!(ask(session, "names()"), r#"["counter", "jobs", "log"]"#);
}

#[test]
fn a_value_of_the_wrong_type_is_an_error_that_names_the_right_one() {
    let (jobs, pairs) = (chan::<u8>(), chan::<(String, Vec<f64>)>());
    let exports = Exports::new();
    exports.chan("jobs", &jobs).chan("pairs", &pairs);
    let session = &mut session(&exports);
    for (form, error) in [
        (
            "put(\"jobs\", \"x\")",
            "it takes an integer (u8), and this is a text",
        ),
        (
            "put(\"jobs\", 256)",
            "it takes an integer (u8), and this is an integer",
        ),
        (
            "put(\"pairs\", [1, [1.0]])",
            "it takes a list of 2: a text, a list, each item a number (f64), and this is a list",
        ),
        (
            "put(\"jobs\", Fn(\"x\"))",
            "it does not take a value of the type Fn",
        ),
    ] {
        let answer = ask(session, form);
        assert!(answer.contains(error), "{form}: {answer}");
    }
    assert!(jobs.is_empty() && pairs.is_empty());
    assert_eq!(ask(session, "put(\"pairs\", [\"x\", [1.0, 2]])"), "()");
    assert_eq!(pairs.try_take(), Ok(("x".into(), vec![1.0, 2.0])));
}

#[test]
fn an_end_can_do_what_it_can_do() {
    let (putter, taker) = chan::fixed::<i64>(2).split();
    let exports = Exports::new();
    exports.chan("in", &putter).chan("out", &taker);
    let session = &mut session(&exports);
    assert_eq!(ask(session, "put(\"in\", 1); take(\"out\", 0)"), "1");
    assert!(ask(session, "take(\"in\", 0)").contains("it was not exported to be taken from"));
    assert!(ask(session, "put(\"out\", 1)").contains("it was not exported to be put into"));
}

#[test]
fn a_channel_of_any_type_can_be_looked_at() {
    struct Secret;
    let secrets = chan::fixed::<Secret>(2);
    secrets.try_put(Secret).ok().unwrap();
    let exports = Exports::new();
    exports.chan_to_look_at("secrets", &secrets);
    let session = &mut session(&exports);
    assert_eq!(ask(session, "chans()[0].len"), "1");
    assert!(ask(session, "take(\"secrets\", 0)").contains("it was not exported to be taken from"));
    assert_eq!(secrets.len(), 1);
}

#[test]
fn an_export_keeps_nothing_alive() {
    let exports = Exports::new();
    let (putter, taker) = chan::fixed::<i64>(2).split();
    let counter = agent(0);
    exports
        .chan("in", &putter)
        .chan("out", &taker)
        .agent("counter", &counter);
    let states = counter.watch();
    drop((putter, counter));
    assert!(taker.is_closed());
    assert_eq!(states.take_blocking(), None);
    let session = &mut session(&exports);
    assert_eq!(ask(session, "take(\"out\", 0)"), "()");
    assert!(ask(session, "put(\"in\", 1)").contains("it is closed"));
    drop(taker);
    assert_eq!(
        ask(
            session,
            "chans()[0].gone && chans()[1].gone && agents()[0].gone"
        ),
        "true"
    );
    assert!(ask(session, "get(\"counter\")").contains("it is gone"));
}

/// A take from the console must not hold the channel open: it would wait for a value that cannot come.
#[test]
fn a_channel_closes_under_a_take() {
    let (putter, taker) = chan::fixed::<i64>(2).split();
    let exports = Exports::new();
    exports.chan("out", &taker);
    let mut session = session(&exports);
    let asking = std::thread::spawn(move || ask(&mut session, "take(\"out\", 3600000)"));
    while taker.waiting().takers == 0 {
        std::thread::yield_now();
    }
    drop(putter);
    assert_eq!(asking.join().unwrap(), "()");
}

#[test]
fn channels_are_listed_with_their_counters() {
    let jobs = chan::dropping::<i64>(1);
    let exports = Exports::new();
    exports.chan("jobs", &jobs);
    (0..3).for_each(|n| jobs.try_put(n).unwrap());
    let session = &mut session(&exports);
    let row = ask(session, "chans()");
    for part in [
        "capacity: 1",
        "closed: false",
        "discarded: 2",
        "holds: \"i64\"",
        "len: 1",
        "name: \"jobs\"",
        "puts: 3",
        "takes: 0",
        "exports.rs:",
    ] {
        assert!(row.contains(part), "{part} in {row}");
    }
    assert_eq!(ask(session, "counters().jobs.discarded"), "2");
    assert!(row.contains("kind: \"dropping\""), "{row}");
}

#[test]
fn agents_are_seen_and_their_failure_is_told() {
    async_dsl::agent::on_failure(|_| ());
    let exports = Exports::new();
    let counter = agent(41);
    exports
        .agent("counter", &counter)
        .agent_with("twice", &counter, |n, _| Ok((n * 2).into()));
    let session = &mut session(&exports);
    counter.send(|n| async move { n + 1 }).unwrap();
    counter.settled_blocking().unwrap();
    assert_eq!(
        ask(session, "[get(\"counter\"), get(\"twice\")]"),
        "[42, 84]"
    );
    counter
        .send_fallible(|_: i64| async { Err("no luck") })
        .unwrap();
    counter.settled_blocking().unwrap_err();
    assert!(ask(session, "get(\"counter\")").contains("no luck"));
    assert!(ask(session, "agents()").contains("no luck"));
}

#[test]
fn a_large_state_is_not_copied() {
    let numbers = agent(vec![0_u8; 100_000]);
    let texts = agent(vec!["x".repeat(40_000); 2]);
    let exports = Exports::new();
    exports.agent("numbers", &numbers).agent("texts", &texts);
    let session = &mut session(&exports);
    assert!(ask(session, "get(\"numbers\")").contains("too many values"));
    assert!(ask(session, "get(\"texts\")").contains("too much text"));
}

#[test]
fn a_name_exported_again_is_the_new_thing() {
    let (old, new) = (chan::<i64>(), chan::<i64>());
    let exports = Exports::new();
    exports.chan("jobs", &old);
    let session = &mut session(&exports);
    exports.chan("jobs", &new);
    ask(session, "put(\"jobs\", 1)");
    assert_eq!((old.len(), new.len()), (0, 1));
    assert!(exports.remove("jobs"));
    assert!(!exports.remove("jobs"));
    assert!(ask(session, "put(\"jobs\", 1)").contains("no channel"));
}

#[test]
fn a_manual_scheduler_can_be_driven() {
    let exports = Exports::new();
    let session = &mut session(&exports);
    assert!(ask(session, "run_once()").contains("no manual scheduler"));
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async { 42 });
    exports.scheduler(&scheduler);
    assert_eq!(ask(session, "run_once()"), "1");
    assert!(task.is_finished());
    assert_eq!(ask(session, "run_once()"), "0");
}

#[test]
fn a_function_of_the_program_that_panics_is_an_error() {
    let exports = Exports::new();
    let counter = agent(0);
    exports.agent_with("counter", &counter, |_, _| panic!("no luck"));
    let session = &mut session(&exports);
    ask(session, "let x = 1");
    assert!(ask(session, "get(\"counter\")").contains("panicked: no luck"));
    assert_eq!(ask(session, "x"), "1");
}

#[test]
fn tasks_are_seen_where_they_are_parked() {
    use async_dsl::prelude::*;

    let orders = chan::fixed::<i64>(2);
    let task = go!(name = "cook of this test", |orders| { take!(orders) });
    while orders.waiting().takers == 0 {
        std::thread::yield_now();
    }
    let exports = Exports::new();
    exports.chan("orders", &orders);
    let session = &mut session(&exports);
    let cooks = "fn is_cook(task) { task.name == \"cook of this test\" } tasks().filter(is_cook)";
    let cook = ask(session, cooks);
    assert!(
        cook.contains("parked: [\"take!(orders)\"]") && cook.contains("exports.rs:"),
        "{cook}"
    );
    let dump = ask(session, "dump()");
    assert!(dump.contains("exported: orders"), "{dump}");
    drop(task.cancel());
}
