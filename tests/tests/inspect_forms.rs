//! The forms of a snapshot: text, JSON, a picture; and tasks that keep a worker.

use std::sync::mpsc;
use std::time::Duration;

use async_dsl::inspect::{self, Snapshot};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// A kitchen whose orders are full and whose meals are starving.
fn kitchen() -> (Scheduler, Snapshot) {
    let scheduler = Scheduler::virtual_time();
    scheduler.enter(|| {
        let orders = chan::fixed(1).named("orders");
        let meals = chan::fixed::<u32>(1).named("meals");
        go!(name = "waiter", |orders| {
            for order in 0..3 {
                put!(orders, order).ok();
            }
        });
        for number in 0..2 {
            go!(name = format!("guest {number}"), |meals| { take!(meals) });
        }
        drop(go!(|orders, meals| {
            let order = take!(orders).unwrap_or(0);
            put!(meals, order).ok();
            sleep!(1h);
        }));
    });
    scheduler.advance(Duration::from_secs(1));
    let snapshot = scheduler.snapshot();
    (scheduler, snapshot)
}

#[test]
fn the_text_fits_its_width_and_marks_what_is_cut() {
    let (_scheduler, snapshot) = kitchen();
    for width in [60, 100, 200] {
        for line in format!("{snapshot:width$}").lines() {
            // The numbers of channels are never cut.
            let fits = line.chars().count() <= width.max(112);
            assert!(fits, "{width}: {line}");
        }
    }
    let wide = format!("{snapshot:200}");
    assert!(wide.contains("put!(orders, order)"), "{wide}");
    let narrow = format!("{snapshot:60}");
    assert!(
        narrow.contains("put!(or…") && narrow.contains("…"),
        "{narrow}"
    );
}

#[test]
fn tasks_that_are_alike_share_a_row() {
    let scheduler = Scheduler::manual();
    let never = chan::fixed::<()>(1);
    scheduler.enter(|| {
        for _ in 0..50 {
            go!(|never| { take!(never) });
        }
    });
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    let short = snapshot.to_string();
    assert!(
        short.contains("50 × ") && short.lines().count() < 10,
        "{short}"
    );
    assert!(format!("{snapshot:#}").lines().count() > 50);
}

#[test]
fn it_is_json() {
    let (_scheduler, snapshot) = kitchen();
    let json = serde_json::to_value(&snapshot).unwrap();
    let waiter = &json["tasks"][0];
    assert_eq!(waiter["name"], "waiter");
    assert_eq!(waiter["state"], "parked");
    assert_eq!(waiter["parked"][0]["text"], "put!(orders, order)");
    assert_eq!(waiter["parked"][0]["place"]["file"], file!());
    assert_eq!(json["channels"][0]["kind"], "fixed");
    assert_eq!(
        json["channels"][0]["parked_putters"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn the_network_shows_who_puts_and_takes_and_what_is_full() {
    let (_scheduler, snapshot) = kitchen();
    let dot = snapshot.graph().to_dot();
    let line = |text: &str| {
        let mut lines = dot.lines();
        lines
            .find(|line| line.contains(text))
            .map(str::trim)
            .unwrap_or_default()
            .to_owned()
    };
    let node = |text: &str| line(text).split(' ').next().unwrap_or_default().to_owned();
    let (waiter, guest) = (node("waiter"), node("guest 1"));
    let (orders, meals) = (node("label=\"orders"), node("label=\"meals"));
    // Red: somebody waits to put. Blue: somebody waits to take.
    assert!(line("label=\"orders").contains("#f4b6b0"), "{dot}");
    assert!(line("label=\"meals").contains("#b5d3f0"), "{dot}");
    assert!(
        line(&format!("{waiter} -> {orders}")).contains("waits"),
        "{dot}"
    );
    assert!(
        line(&format!("{meals} -> {guest}")).contains("waits"),
        "{dot}"
    );
    // The cook, which waits for neither, has used both.
    assert!(
        dot.contains(&format!("{orders} -> t")) && dot.contains(&format!("-> {meals} ")),
        "{dot}"
    );
    let svg = snapshot.graph().to_svg();
    assert!(
        svg.contains("<svg") && svg.contains("orders") && svg.contains("#f4b6b0"),
        "{svg}"
    );
    assert!(Snapshot::default().graph().to_svg().contains("<svg"));
}

#[test]
fn a_task_that_keeps_its_worker_is_reported_while_it_does() {
    let (told, reports) = mpsc::channel();
    inspect::long_polls(Some(Duration::from_millis(100)));
    inspect::on_long_poll(move |long| {
        told.send(long.clone()).ok();
    });
    let (line, reports) = (line!() + 1, std::sync::Mutex::new(reports));
    let task = go!(name = "greedy", {
        // Blocks its worker until it is reported, which would be for ever if nobody looked.
        let reports = reports.lock().unwrap();
        reports
            .iter()
            .find(|long| long.name.as_deref() == Some("greedy"))
    });
    let long = async_dsl::block_on(task).expect("a report");
    assert_eq!(
        (long.started_at.file, long.started_at.line),
        (file!(), line)
    );
    assert!(long.running_for >= Duration::from_millis(100));
    assert!(long.to_string().contains("without parking"), "{long}");
}

#[test]
fn a_snapshot_of_nothing_is_one_line() {
    let snapshot = Scheduler::manual().snapshot().to_string();
    let first = snapshot.lines().next();
    assert_eq!(first, Some("0 tasks: 0 running, 0 ready, 0 parked"));
    assert!(!snapshot.contains("started at"), "{snapshot}");
}
