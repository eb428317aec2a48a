//! The sweep: every three operations of all kinds, each in a thread of its own, under random schedules that switch at every
//! lock and atomic of channels, promises, tasks and agents. Every value is counted, nobody hangs, no waiter is left.
//!
//! `RUSTFLAGS="--cfg async_dsl_shuttle --cfg async_dsl_no_inspect" cargo test -p async-dsl --no-default-features --release --test sweep`
#![cfg(async_dsl_shuttle)]

mod book;
mod kinds;
mod world;

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::time::Instant;

use shuttle::scheduler::RandomScheduler;
use shuttle::{Config, FailurePersistence, Runner};

use kinds::{Kind, TENDED};
use world::{Mode, Program};

/// The schedules of each program, unless the environment says otherwise.
const SCHEDULES: usize = 100;

fn number(variable: &str, otherwise: usize) -> usize {
    match std::env::var(variable) {
        Ok(value) => value
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is a number")),
        Err(_) => otherwise,
    }
}

thread_local! {
    /// Panics of this thread are expected, and reported otherwise.
    static SWEEPS: Cell<bool> = const { Cell::new(false) };
}

/// Shuttle prints a page for every failure.
fn silence_failures() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        shuttle::check_random(|| {}, 1); // sets its panic hook
        let _ = panic::take_hook();
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !SWEEPS.get() {
                print(info);
            }
        }));
    });
}

/// Runs a program under so many schedules. The error says what failed, and after how many.
fn check(program: &Program, schedules: usize, seed: u64) -> Result<(), String> {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.silence_warnings = true;
    config.stack_size = 0x10000;
    let runner = Runner::new(RandomScheduler::new_from_seed(seed, schedules), config);
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ran);
    let own = program.clone();
    let result = panic::catch_unwind(AssertUnwindSafe(|| {
        runner.run(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            world::run(&own);
        });
    }));
    result.map_err(|payload| {
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("a panic");
        let message = message.lines().next().unwrap_or_default();
        let schedule = ran.load(Ordering::Relaxed);
        format!("schedule {schedule}: {message}\n    {}", world::last())
    })
}

fn sweep(mode: Mode, capacity: Option<usize>) {
    silence_failures();
    let schedules = number("ASYNC_DSL_SWEEP_SCHEDULES", SCHEDULES);
    let seed = number("ASYNC_DSL_SWEEP_SEED", 0) as u64;
    let only = std::env::var("ASYNC_DSL_SWEEP_KINDS").ok();
    let kinds: Vec<&'static Kind> = kinds::all()
        .filter(|kind| mode == Mode::Tended || !kind.uses(TENDED))
        .filter(|kind| {
            let is = |only: &String| only.split(',').any(|name| name == kind.name);
            only.as_ref().is_none_or(is)
        })
        .collect();
    SWEEPS.set(true);
    let begin = Instant::now();
    let mut programs = 0;
    let mut failures = Vec::new();
    for (first, one) in kinds.iter().enumerate() {
        for (second, two) in kinds.iter().enumerate().skip(first) {
            for three in &kinds[second..] {
                let program = Program {
                    kinds: vec![one, two, three],
                    capacity,
                    mode,
                };
                programs += 1;
                if let Err(error) = check(&program, schedules, seed + programs) {
                    let names = program.kinds.iter().map(|kind| kind.name);
                    let names = names.collect::<Vec<_>>().join(", ");
                    failures.push(format!("[{names}] {error}"));
                }
            }
        }
    }
    SWEEPS.set(false);
    println!(
        "{programs} programs, {schedules} schedules each, {:?}: {} fail",
        begin.elapsed(),
        failures.len()
    );
    assert!(
        failures.is_empty(),
        "{mode:?}, capacity {capacity:?}:\n{}",
        failures.join("\n")
    );
}

#[test]
fn three_tended_operations_on_rendezvous_channels() {
    sweep(Mode::Tended, Some(0));
}

#[test]
fn three_tended_operations_on_channels_of_one_place() {
    sweep(Mode::Tended, Some(1));
}

#[test]
fn three_tended_operations_on_unbounded_channels() {
    sweep(Mode::Tended, None);
}

#[test]
fn three_operations_alone_on_rendezvous_channels() {
    sweep(Mode::Alone, Some(0));
}

#[test]
fn three_operations_alone_on_channels_of_one_place() {
    sweep(Mode::Alone, Some(1));
}

#[test]
fn three_operations_alone_on_unbounded_channels() {
    sweep(Mode::Alone, None);
}
