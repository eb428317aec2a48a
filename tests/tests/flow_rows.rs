//! The rows that dumps have of `async_dsl::flow`, as things come and go, and the reports of deadlocks that name them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use async_dsl::flow;
use async_dsl::inspect::{RowInfo, Snapshot};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// The rows of a table.
fn rows<'a>(snapshot: &'a Snapshot, kind: &str) -> Vec<&'a RowInfo> {
    let tables = snapshot.tables.iter().filter(|table| table.kind == kind);
    tables.flat_map(|table| &table.rows).collect()
}

/// Returns the report of the deadlock in which the future ends.
fn report<T>(future: impl Future<Output = T>) -> String {
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let run = AssertUnwindSafe(|| drop(scheduler.block_on(future)));
    let panic = catch_unwind(run).expect_err("a deadlock");
    *panic.downcast::<String>().expect("a message")
}

#[async_dsl::test(seeds = 100)]
async fn a_stage_has_a_row_until_it_ends() {
    let here = || async_dsl::inspect::snapshot();
    let (putter, from) = chan::fixed::<u32>(0).split();
    let (even, odd) = flow::split(from, 1, |n| n % 2 == 0);
    let snapshot = here();
    let [split] = rows(&snapshot, "stage")[..] else {
        panic!("{snapshot}")
    };
    assert_eq!(split.name.as_deref(), Some("split"));
    assert_eq!(split.takes_from, [putter.number()]);
    assert_eq!(split.puts_into, [even.number(), odd.number()]);
    assert_eq!(split.tasks, [snapshot.tasks[0].number]);
    drop(putter);
    assert_eq!((take!(even), take!(odd)), (None, None));
    sleep!(1ms);
    assert!(rows(&here(), "stage").is_empty());
}

#[async_dsl::test(seeds = 100, unawaited_panics = allow)]
async fn a_stage_whose_closure_panics_has_no_row_any_more() {
    let out = flow::pipeline(flow::from_iter(0..3, 0), 2, async |_: u32| -> [u32; 1] {
        panic!("no")
    });
    assert_eq!(take!(out), None);
    sleep!(1ms);
    assert!(rows(&async_dsl::inspect::snapshot(), "stage").is_empty());
}

#[async_dsl::test(seeds = 100)]
async fn the_taps_of_a_mult_come_and_go() {
    let (putter, from) = chan::fixed(0).split();
    let mult = flow::mult(from);
    let seen = || {
        let snapshot = async_dsl::inspect::snapshot();
        let rows = rows(&snapshot, "stage");
        (rows[0].puts_into.clone(), rows[0].cells.clone())
    };
    put!(putter, 1).unwrap();
    while mult.discarded() == 0 {
        sleep!(1ms);
    }
    assert_eq!(seen(), (vec![], vec!["0 taps".into(), "1".into()]));
    let (one, other) = (mult.tap(1), mult.tap(1));
    let both = vec![one.number(), other.number()];
    assert_eq!(seen(), (both, vec!["2 taps".into(), "1".into()]));
    drop(one);
    put!(putter, 2).unwrap();
    assert_eq!(take!(other), Some(2));
    assert_eq!(
        seen(),
        (vec![other.number()], vec!["1 tap".into(), "1".into()])
    );
}

#[async_dsl::test(seeds = 100)]
async fn the_inputs_of_a_mix_say_what_they_do() {
    let (mix, _mixed) = flow::mix(0);
    let (putters, inputs): (Vec<_>, Vec<_>) = (0..3)
        .map(|_| {
            let (putter, taker) = chan::fixed::<u32>(1).split();
            (putter, mix.add(taker))
        })
        .unzip();
    let modes = || {
        let snapshot = async_dsl::inspect::snapshot();
        let rows = rows(&snapshot, "input of a mix");
        rows.iter()
            .map(|row| row.cells[1].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(modes(), ["plays", "plays", "plays"]);
    inputs[0].solo();
    inputs[1].pause();
    assert_eq!(modes(), ["soloed", "paused", "muted, another is soloed"]);
    inputs[0].mute();
    put!(putters[0], 1).unwrap();
    while inputs[0].discarded() == 0 {
        sleep!(1ms);
    }
    assert_eq!(modes(), ["muted", "paused", "plays"]);
    let mut inputs = inputs.into_iter();
    let removed = inputs.next().unwrap().remove();
    sleep!(1ms);
    assert_eq!(modes(), ["paused", "plays"]);
    let snapshot = async_dsl::inspect::snapshot();
    let stage = rows(&snapshot, "stage")[0];
    assert_eq!(stage.cells, ["2 inputs", "1"]);
    drop((mix, removed, putters, inputs));
}

#[async_dsl::test]
async fn a_subscriber_says_what_it_has_to_take_and_what_it_has_lost() {
    let news = flow::broadcast(2);
    let (slow, fast) = (news.subscribe(), news.subscribe());
    let seen = || {
        let snapshot = async_dsl::inspect::snapshot();
        let rows = rows(&snapshot, "subscriber");
        rows.iter()
            .map(|row| row.cells.join(" "))
            .collect::<Vec<_>>()
    };
    for n in 0..5 {
        put!(news, n).unwrap();
        assert_eq!(take!(fast), Some(Ok(n)));
    }
    assert_eq!(seen(), ["2 3", "0 0"]);
    assert!(take!(slow).unwrap().is_err(), "it is told");
    assert_eq!(seen(), ["2 3", "0 0"]);
    drop(fast);
    put!(news, 5).unwrap();
    assert_eq!(seen(), ["2 4"]);
    drop(slow);
    assert!(seen().is_empty());
}

#[async_dsl::test]
async fn permits_say_how_many_are_free_and_taken_and_waited_for() {
    let permits = flow::permits(3).named("seats");
    let seen = || {
        let snapshot = async_dsl::inspect::snapshot();
        let row = rows(&snapshot, "permits")[0];
        assert_eq!(row.name.as_deref(), Some("seats"));
        row.cells.join(" ")
    };
    assert_eq!(seen(), "3 0 0");
    let held = [take!(permits), take!(permits)];
    assert_eq!(seen(), "1 2 0");
    let third = take!(permits);
    let waits = go!(|permits| { drop(take!(permits)) });
    sleep!(1ms);
    assert_eq!(seen(), "0 3 1");
    drop(third);
    waits.await;
    assert_eq!(seen(), "1 2 0");
    permits.close();
    assert_eq!(seen(), "closed  0");
    drop(held);
}

#[async_dsl::test]
async fn a_pipeline_says_how_many_run_and_how_many_wait_for_their_turn() {
    let (go_on, gate) = promise::<()>();
    let out = flow::pipeline(flow::from_iter(0..4, 4), 3, move |n: u32| {
        let gate = gate.clone();
        async move {
            if n == 0 {
                gate.await.unwrap();
            }
            [n]
        }
    });
    sleep!(1ms);
    let seen = || {
        let snapshot = async_dsl::inspect::snapshot();
        let rows = rows(&snapshot, "stage");
        let pipeline = rows
            .iter()
            .find(|row| row.name.as_deref() == Some("pipeline"));
        pipeline.map(|row| row.cells[0].clone())
    };
    assert_eq!(seen().as_deref(), Some("1 of 3 run, 3 to be put"));
    go_on.deliver(());
    assert_eq!(out.collect_vec().await, [0, 1, 2, 3]);
}

#[async_dsl::test]
async fn the_times_of_a_stage_are_shown() {
    let kept = (
        flow::batch(flow::from_iter(0.., 0), 3, Duration::MAX),
        flow::debounce(flow::from_iter(0.., 0), 1s),
        flow::throttle(flow::from_iter(0.., 0), 2s),
        flow::ticker(3s),
    );
    let snapshot = async_dsl::inspect::snapshot();
    let rows = rows(&snapshot, "stage");
    let details = rows.iter().map(|row| row.cells[0].as_str());
    let details: Vec<_> = details.filter(|details| !details.is_empty()).collect();
    assert_eq!(
        details,
        ["up to 3 in ∞", "quiet for 1s", "one in 2s", "each 3s"]
    );
    drop(kept);
}

// A18
#[test]
fn the_report_of_a_deadlock_says_what_a_split_keeps_back() {
    let report = report(async_block!({
        let (even, _odd) = flow::split(flow::from_iter(0..6, 0), 0, |n| n % 2 == 0);
        even.collect_vec().await
    }));
    let (_, of_split) = report.split_once("\"split\", started at").expect("it");
    let lines: Vec<&str> = of_split.lines().skip(2).take(3).map(str::trim).collect();
    assert!(
        lines[0].starts_with("for a taker of `split: false`"),
        "{report}"
    );
    assert!(lines[1].starts_with("nobody has taken yet"), "{report}");
    assert_eq!(
        lines[2], "until then the split puts nothing into `split: true`",
        "{report}"
    );
}

#[test]
fn the_report_of_a_deadlock_names_the_tap_that_nobody_takes_from() {
    let report = report(async_block!({
        let mult = flow::mult(flow::from_iter(0..6, 0));
        let (taken, _forgotten) = (mult.tap(0), mult.tap(1));
        while take!(taken).is_some() {}
    }));
    let (_, of_mult) = report.split_once("\"mult\", started at").expect("it");
    let lines: Vec<&str> = of_mult.lines().skip(2).take(3).map(str::trim).collect();
    assert!(
        lines[0].starts_with("for room in `tap`, made at"),
        "{report}"
    );
    assert!(lines[1].starts_with("nobody has taken yet"), "{report}");
    assert_eq!(
        lines[2], "until then the mult puts nothing into `tap`",
        "{report}"
    );
}

#[test]
fn the_report_of_a_deadlock_names_an_input_that_is_paused() {
    let report = report(async_block!({
        let (mix, mixed) = flow::mix(0);
        let input = mix.add(flow::from_iter(0..6, 0));
        input.pause();
        take!(mixed)
    }));
    let (_, of_mix) = report.split_once("\"mix\", started at").expect("it");
    let line = of_mix.lines().nth(2).unwrap().trim();
    assert!(line.starts_with("for input of a mix "), "{report}");
    assert!(line.contains(": paused, made at"), "{report}");
}

#[test]
fn the_report_of_a_deadlock_names_who_has_the_permit() {
    let report = report(async_block!({
        let permits = flow::permits(1).named("the only one");
        let _held = take!(permits);
        go!(name = "the second", |permits| { take!(permits).is_some() }).await
    }));
    let (_, of_second) = report.split_once("\"the second\", started at").expect("it");
    let line = of_second.lines().nth(2).unwrap().trim();
    assert!(
        line.starts_with("for the only one (permits): 0 of 1 free, made at"),
        "{report}"
    );
}
