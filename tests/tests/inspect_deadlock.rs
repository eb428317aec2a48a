//! What is said when nothing can go on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use async_dsl::inspect::{self, Deadlock, OtherThreads};
use async_dsl::net::tcp;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::sim::{self, Config};

/// The message of the panic in which `program` ends on a manual scheduler that panics on a deadlock.
fn deadlock_of<F: Future>(program: impl FnOnce() -> F) -> String {
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let run = AssertUnwindSafe(|| drop(scheduler.block_on(scheduler.enter(program))));
    let payload = catch_unwind(run).expect_err("a deadlock");
    *payload.downcast::<String>().expect("a message")
}

/// The line of this file that has `code` in it.
fn line_with(code: &str) -> String {
    let mut found = (1..).zip(include_str!("inspect_deadlock.rs").lines());
    let line = found.find(|(_, text)| text.contains(code) && !text.contains("line_with("));
    format!("{}:{}", file!(), line.expect("the code").0)
}

// N11
#[test]
fn two_tasks_and_two_channels_are_named_with_all_their_lines() {
    let report = deadlock_of(|| {
        async_block!({
            let left = chan::fixed(1).named("left");
            let right = chan::fixed(1).named("right");
            put!(left, ()).ok();
            put!(right, ()).ok();
            let one = go!(name = "one", |left, right| {
                take!(left);
                yield_now!();
                take!(right); // of one
            });
            let two = go!(name = "two", |left, right| {
                take!(right);
                yield_now!();
                take!(left); // of two
            });
            await!(one, two)
        })
    });
    for code in [
        "go!(name = \"one\"",
        "go!(name = \"two\"",
        "take!(right); // of one",
        "take!(left); // of two",
        "named(\"left\")",
        "named(\"right\")",
    ] {
        let line = line_with(code);
        assert!(
            report.contains(&line),
            "{code} at {line} is missing:\n{report}"
        );
    }
    assert!(report.starts_with("deadlock: "), "{report}");
    assert!(report.contains("`right`, made at"), "{report}");
    assert!(
        report.contains("in a circle: task 1 \"one\" → task 2 \"two\" → task 1 \"one\""),
        "{report}"
    );
}

#[test]
fn a_channel_whose_other_side_nobody_holds_is_called_that() {
    let report = deadlock_of(|| {
        async_block!({
            let task = go!({
                let lonely = chan::fixed::<()>(0);
                take!(lonely)
            });
            await!(task)
        })
    });
    assert!(
        report.contains("nobody else can put: its only handle is the one that waits here"),
        "{report}"
    );
}

#[test]
fn a_promise_nobody_delivers_is_named_by_its_line() {
    let report = deadlock_of(|| {
        async_block!({
            let (_resolver, answer) = promise::<()>();
            await!(answer).ok();
        })
    });
    let line = line_with("let (_resolver, answer)");
    assert!(
        report.contains(&format!("the promise made at {line}")),
        "{report}"
    );
}

// N11
#[test]
fn a_timer_that_could_still_act_is_no_deadlock() {
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let got = scheduler.block_on(async_block!({
        let c = chan::fixed(0);
        go!(|c| {
            sleep!(50ms);
            put!(c, 42).ok();
        });
        (take!(c), take!(c, 50ms, 7))
    }));
    assert_eq!(got, (Some(42), Some(7)));
}

#[test]
fn a_thread_that_could_still_act_is_no_deadlock() {
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let (go_on, told) = mpsc::channel::<()>();
    let seen = scheduler.clone();
    let watcher = std::thread::spawn(move || {
        until_parked(&seen);
        go_on.send(()).unwrap();
    });
    let got = scheduler.block_on(async_block!({
        let told = Mutex::new(told);
        let thread = thread!({ told.lock().unwrap().recv().is_ok() });
        await!(thread)
    }));
    assert!(got);
    watcher.join().unwrap();
}

/// Waits until the thread in `block_on` is parked.
fn until_parked(scheduler: &Scheduler) {
    let parked = || {
        let snapshot = scheduler.snapshot();
        let mut blocked = snapshot.blocked.iter();
        blocked.any(|blocked| !blocked.parked.is_empty())
    };
    while !parked() {
        std::thread::yield_now();
    }
}

// N11
#[test]
fn a_socket_that_could_still_act_is_no_deadlock() {
    let scheduler = Scheduler::manual();
    scheduler.panic_on_deadlock();
    let seen = scheduler.clone();
    let accepted = scheduler.block_on(async move {
        let listener = tcp::listen(0).await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = std::thread::spawn(move || {
            until_parked(&seen);
            std::net::TcpStream::connect(address).unwrap()
        });
        let accepted = listener.accept().await.is_ok();
        client.join().unwrap();
        accepted
    });
    assert!(accepted);
}

/// Deadlocks that were reported, to those who listen.
fn reports() -> Receiver<Deadlock> {
    static LISTENERS: OnceLock<Mutex<Vec<Sender<Deadlock>>>> = OnceLock::new();
    let listeners = LISTENERS.get_or_init(|| {
        inspect::on_deadlock(|deadlock| {
            if let Some(listeners) = LISTENERS.get() {
                let mut listeners = listeners.lock().unwrap();
                listeners.retain(|listener| listener.send(deadlock.clone()).is_ok());
            }
        });
        Mutex::default()
    });
    let (sender, receiver) = mpsc::channel();
    listeners.lock().unwrap().push(sender);
    receiver
}

// N11
#[test]
fn a_handle_on_another_thread_is_never_called_a_deadlock() {
    let reports = reports();
    let c = chan::fixed(1).named("a handle on another thread");
    let putter = c.clone();
    let thread = std::thread::spawn(move || {
        // Until the wait was reported; then it ends.
        let report = reports.iter().find(|report| {
            let mut channels = report.snapshot.channels.iter();
            channels.any(|c| c.name.as_deref() == Some("a handle on another thread"))
        });
        putter.try_put(42).unwrap();
        report.unwrap()
    });
    assert_eq!(
        Scheduler::manual().block_on(async { c.take().await }),
        Some(42)
    );
    let report = thread.join().unwrap();
    assert!(!report.is_certain());
    if cfg!(target_os = "linux") {
        assert!(matches!(report.others, OtherThreads::Some(_)), "{report}");
    }
    assert!(
        report.to_string().contains("may still be woken by"),
        "{report}"
    );
    assert!(report.to_string().starts_with("nothing runs: "), "{report}");
}

#[test]
fn a_simulated_deadlock_is_a_failure_with_the_same_report() {
    let failure = sim::check(&Config::new(), || {
        async_block!({
            let never = chan::fixed::<()>(1).named("never");
            let stuck = go!(name = "stuck", |never| { take!(never) });
            stuck.await;
        })
    })
    .unwrap_err();
    let line = line_with("go!(name = \"stuck\"");
    assert!(failure.alive().contains(&line), "{failure}");
    assert!(failure.alive().contains("take!(never)"), "{failure}");
    assert!(failure.alive().contains("nobody has put yet"), "{failure}");
}

#[test]
fn a_program_that_only_pauses_is_left_alone() {
    let scheduler = Scheduler::virtual_time();
    scheduler.panic_on_deadlock();
    scheduler.block_on(async_block!({
        for _ in 0..100 {
            sleep!(1h);
        }
    }));
    assert!(scheduler.now() > std::time::Instant::now() + Duration::from_secs(3600));
}

#[test]
fn a_thread_that_computes_after_it_has_waited_is_not_said_to_wait() {
    let scheduler = Scheduler::manual();
    let (resolver, answer) = promise::<()>();
    let seen = scheduler.block_on(scheduler.enter(|| {
        async_block!({
            go!({
                yield_now!();
                resolver.deliver(());
            });
            // It parks here first, and leaves a note of that.
            await!(answer).ok();
            inspect::snapshot()
        })
    }));
    let [blocked] = seen.blocked.as_slice() else {
        panic!("one thread, not {:?}", seen.blocked)
    };
    assert!(blocked.parked.is_empty(), "it computes: {blocked:?}");
}
