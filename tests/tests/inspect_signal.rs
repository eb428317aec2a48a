//! A dump whenever a signal comes, of a process of its own.
#![cfg(unix)]

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use async_dsl::inspect::{self, Signal, TaskState, on_signal};
use async_dsl::prelude::*;
use async_dsl_tests::part::Part;

const BUSY: u64 = 100;

/// Run by the test below in a process of its own: it says for each line that it is given how much was done meanwhile.
#[test]
#[ignore = "a part of another test"]
fn part_a_busy_program() {
    static TURNS: AtomicU64 = AtomicU64::new(0);
    on_signal(Signal::Quit).unwrap();
    // It is not twice as loud.
    on_signal(Signal::Quit).unwrap();
    let orders = chan::fixed::<u32>(1).named("orders");
    let (_resolver, answer) = promise::<()>();
    go!(name = "cook", |orders| { take!(orders) });
    go!(name = "guest", { answer.await.is_ok() });
    for _ in 0..BUSY {
        go!(name = "busy", {
            loop {
                TURNS.fetch_add(1, Ordering::Relaxed);
                yield_now!();
            }
        });
    }
    // Not before the two are parked, which the other test looks for.
    let are_parked = || {
        let mut tasks = inspect::snapshot().tasks;
        tasks.retain(|task| task.name.as_deref() != Some("busy"));
        tasks.iter().all(|task| task.state == TaskState::Parked)
    };
    while !are_parked() {
        thread::yield_now();
    }
    println!("started");
    for line in io::stdin().lines() {
        let before = TURNS.load(Ordering::Relaxed);
        while TURNS.load(Ordering::Relaxed) < before + BUSY {
            thread::yield_now();
        }
        println!("goes on: {}", line.unwrap());
    }
}

#[test]
fn each_signal_dumps_the_whole_program_which_goes_on() {
    let mut part = Part::start_without_quit("part_a_busy_program");
    part.said.until("started");
    for round in ["first", "second"] {
        part.signal(rustix::process::Signal::QUIT);
        let dump = part.dumped.until("1 channel") + &part.dumped.until("orders");
        // After the empty line that ends the one before.
        assert!(dump.trim_start().starts_with("102 tasks: "), "{dump}");
        for text in [" × busy", "take!(orders)", "answer.await", "cook", "guest"] {
            assert!(dump.contains(text), "{text} is missing:\n{dump}");
        }
        part.tell(round);
        part.said.until(&format!("goes on: {round}"));
    }
    part.tell_the_end();
    let status = part.ends();
    assert!(status.success(), "{status}");
    let rest = part.dumped.rest();
    assert!(!rest.contains("tasks: "), "one dump a signal: {rest:?}");
}

#[test]
fn what_cannot_be_caught_is_an_error() {
    for signal in [
        Signal::Kill,
        Signal::Stop,
        Signal::Ill,
        Signal::Fpe,
        Signal::Segv,
    ] {
        let error = on_signal(signal).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let message = format!("a program cannot catch the signal {signal:?} and go on");
        assert_eq!(error.to_string(), message);
    }
}
