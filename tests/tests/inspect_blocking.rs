//! Threads in blocking twins are seen, with their names and lines.

use std::io::Read;
use std::process::{Command, Stdio, exit};
use std::thread;
use std::time::{Duration, Instant};

use async_dsl::inspect::{self, BlockOnInfo, Snapshot, WaitsFor};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// A thread of this name.
fn named<T: Send + 'static>(
    name: &str,
    f: impl FnOnce() -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(f).expect("a thread")
}

fn find<'a>(snapshot: &'a Snapshot, thread: &str) -> Option<&'a BlockOnInfo> {
    let mut blocked = snapshot.blocked.iter();
    blocked.find(|blocked| blocked.thread.as_deref() == Some(thread))
}

/// A snapshot in which the thread of this name waits.
fn when_waiting(thread: &str) -> Snapshot {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let snapshot = inspect::snapshot();
        if find(&snapshot, thread).is_some_and(|blocked| !blocked.parked.is_empty()) {
            return snapshot;
        }
        assert!(Instant::now() < deadline, "it does not wait:\n{snapshot}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The line of this file that has `code` in it.
fn line_with(code: &str) -> u32 {
    let mut found = (1..).zip(include_str!("inspect_blocking.rs").lines());
    let line = found.find(|(_, text)| text.contains(code) && !text.contains("line_with("));
    line.expect("the code").0
}

/// What is seen of a thread that waits for one thing.
fn check(snapshot: &Snapshot, thread: &str, call: &str, code: &str) -> WaitsFor {
    let blocked = find(snapshot, thread).expect("it waits");
    let place = &blocked.parked[0];
    assert_eq!(blocked.call, call);
    assert_eq!(place.text, format!(".{call}()"));
    assert_eq!(place.place, Some(blocked.called_at));
    assert_eq!(blocked.called_at.file, file!());
    assert_eq!(blocked.called_at.line, line_with(code));
    place.waits_for
}

#[test]
fn a_thread_that_takes_is_a_waiter_with_its_name_and_line() {
    let tins = chan::fixed::<u32>(1).named("tins");
    let from = tins.clone();
    let taker = named("a taker", move || from.take_blocking());
    let snapshot = when_waiting("a taker");
    let waits_for = check(
        &snapshot,
        "a taker",
        "take_blocking",
        "move || from.take_blocking()",
    );
    let mut channels = snapshot.channels.iter();
    let channel = channels.find(|channel| channel.name.as_deref() == Some("tins"));
    let channel = channel.expect("the channel");
    assert_eq!(waits_for, WaitsFor::Take(channel.number));
    let [waiter] = channel.parked_takers.as_slice() else {
        panic!("one taker, not {:?}", channel.parked_takers)
    };
    assert_eq!(
        (waiter.task, waiter.thread.as_deref()),
        (None, Some("a taker"))
    );
    assert_eq!(
        waiter.place.expect("a place").line,
        line_with("move || from.take_blocking()")
    );
    let text = format!("{snapshot:#200}");
    let row = text.lines().find(|line| line.contains("a taker"));
    let row = row.unwrap_or_else(|| panic!("no row in:\n{text}"));
    assert!(
        row.contains(".take_blocking()") && row.contains("tins"),
        "{row}"
    );
    tins.put_blocking(1).unwrap();
    assert_eq!(taker.join().unwrap(), Some(1));
    assert!(find(&inspect::snapshot(), "a taker").is_none());
}

#[test]
fn every_twin_is_seen() {
    let full = chan::fixed(0);
    let into = full.clone();
    let putter = named("a putter", move || into.put_blocking(1).is_ok());
    let (resolver, promise) = promise::<u32>();
    let mut asked = promise.clone();
    let waiter = named("a waiter", move || promise.wait_blocking().is_ok());
    let (hour, call) = (Duration::from_secs(3600), "wait_blocking_for");
    let timed = named("a timed one", move || {
        asked.wait_blocking_for(hour).is_some()
    });
    let slow = agent(0_u32);
    let (go_on, told) = async_dsl::prelude::promise::<()>();
    send!(slow, |n| { n + u32::from(told.await.is_ok()) }).unwrap();
    let settles = slow.clone();
    let settler = named("a settler", move || settles.settled_blocking().is_ok());

    let put = check(
        &when_waiting("a putter"),
        "a putter",
        "put_blocking",
        "into.put_blocking(1)",
    );
    assert!(matches!(put, WaitsFor::Put(_)), "{put:?}");
    let wait = check(
        &when_waiting("a waiter"),
        "a waiter",
        "wait_blocking",
        "promise.wait_blocking()",
    );
    assert!(matches!(wait, WaitsFor::Answer(_)), "{wait:?}");
    let snapshot = when_waiting("a timed one");
    let wait = check(&snapshot, "a timed one", call, "asked.wait_blocking_for(");
    assert!(matches!(wait, WaitsFor::Answer(_)), "{wait:?}");
    let blocked = find(&snapshot, "a timed one").unwrap();
    assert_eq!(blocked.parked[1].waits_for, WaitsFor::Time);
    let settle = check(
        &when_waiting("a settler"),
        "a settler",
        "settled_blocking",
        "settles.settled_blocking()",
    );
    assert!(matches!(settle, WaitsFor::Settling(_)), "{settle:?}");

    assert_eq!(full.take_blocking(), Some(1));
    resolver.deliver(1);
    go_on.deliver(());
    for thread in [putter, waiter, timed, settler] {
        assert!(thread.join().unwrap());
    }
}

#[test]
fn what_does_not_wait_is_not_seen() {
    let values = chan::fixed(1);
    values.put_blocking(1).unwrap();
    let name = thread::current()
        .name()
        .map(String::from)
        .expect("of a test");
    assert!(find(&inspect::snapshot(), &name).is_none());
    // Nor is a task taken for the thread that has waited before it.
    let scheduler = Scheduler::manual();
    assert_eq!(values.take_blocking(), Some(1));
    scheduler.enter(|| go!(|values| { take!(values) }));
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    assert_eq!(snapshot.channels[0].parked_takers[0].thread, None);
    assert_eq!(snapshot.channels[0].parked_takers[0].task, Some(1));
}

/// Run by the test below in a process of its own. Beside its thread there is that of the test harness, which could act.
#[test]
#[ignore = "a part of another test"]
fn part_a_deadlock_of_a_thread() {
    inspect::on_deadlock(|deadlock| {
        print!("certain: {}\n{deadlock}", deadlock.is_certain());
        exit(0);
    });
    let never = chan::fixed::<u32>(1).named("never");
    let first = chan::fixed::<u32>(1).named("first");
    let (from, to) = (never.clone(), first.clone());
    named("a helper", move || {
        to.put_blocking(from.take_blocking().unwrap()).is_ok()
    });
    go!(name = "cook", |never, first| {
        put!(never, take!(first).unwrap()).ok();
    });
    let waits = first.take();
    async_dsl::block_on(waits); // of the test
}

#[test]
fn a_deadlock_report_names_the_threads_and_where_they_wait() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "part_a_deadlock_of_a_thread"])
        .args(["--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("nothing is reported");
        }
        thread::sleep(Duration::from_millis(10));
    };
    let mut text = String::new();
    child.stdout.unwrap().read_to_string(&mut text).unwrap();
    assert!(status.success(), "{text}");
    assert!(text.contains("certain: false"), "{text}");
    let line = format!("{}:{}", file!(), line_with("to.put_blocking(from.take"));
    let expected = format!(
        "  thread \"a helper\" in `take_blocking` at {line} waits\n    at {line}: .take_blocking()\n      \
         for a value from `never`, made at "
    );
    assert!(text.contains(&expected), "{expected}\nis missing:\n{text}");
    for part in ["in `block_on` at ", "task 1 \"cook\""] {
        assert!(text.contains(part), "{part}\nis missing:\n{text}");
    }
    let others = text.split("may still be woken by other threads: ").nth(1);
    let others = others.expect("the harness could act");
    assert!(!others.contains("a helper"), "it waits: {others}");
}
