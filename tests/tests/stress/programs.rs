//! Random programs one after the other, on workers of their own, and under simulated schedules.

use std::any::Any;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use async_dsl::prelude::*;
use async_dsl::sim::{self, Config};

use super::program::Program;
use super::run::run;

/// How long each test runs random programs.
const SECONDS: &str = "ASYNC_DSL_STRESS_SECONDS";

/// The one program to run, again and again.
const SEED: &str = "ASYNC_DSL_STRESS_SEED";

/// A program takes some milliseconds. One that takes so long does not end.
const DEADLINE: Duration = Duration::from_secs(20);

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let value = text.trim().parse();
    Some(value.unwrap_or_else(|error| panic!("{name} is {text:?}: {error}")))
}

/// How many copies of a program run at the same time.
const COPIES: usize = 8;

/// What the thread that runs the programs says.
enum Said {
    Starts(u64),
    Ends { programs: u64, values: u64 },
}

fn on_workers(workers: usize) {
    let time = Duration::from_secs(variable(SECONDS).unwrap_or(1));
    let only = variable(SEED);
    let first = only.unwrap_or_else(fresh_seed);
    let (says, said) = mpsc::channel();
    let runner = std::thread::spawn(move || {
        async_dsl::__private::on_threads(workers, async {
            let (start, mut seed, mut programs, mut values) = (Instant::now(), first, 0, 0);
            while start.elapsed() < time {
                says.send(Said::Starts(seed)).unwrap();
                let program = Arc::new(Program::new(seed));
                // Side by side, so that the threads meet otherwise in each.
                let copies = [(); COPIES].map(|()| {
                    let program = Arc::clone(&program);
                    go!({ run(&program).await })
                });
                for copy in copies {
                    values += copy.await;
                    programs += 1;
                }
                if only.is_none() {
                    seed = seed.wrapping_add(1);
                }
            }
            says.send(Said::Ends { programs, values }).unwrap();
        });
    });
    let mut seed = first;
    loop {
        match said.recv_timeout(DEADLINE) {
            Ok(Said::Starts(next)) => seed = next,
            Ok(Said::Ends { programs, values }) => {
                println!("{workers} workers: {programs} programs, {values} values");
                return runner.join().unwrap();
            }
            Err(RecvTimeoutError::Timeout) => {
                async_dsl::inspect::dump();
                fail(seed, workers, "it does not end");
            }
            Err(RecvTimeoutError::Disconnected) => {
                fail(seed, workers, &message(&*runner.join().unwrap_err()));
            }
        }
    }
}

fn fail(seed: u64, workers: usize, why: &str) -> ! {
    let program = Program::new(seed);
    panic!(
        "{why}\nin the program of seed {seed}, on {workers} workers; again with {SEED}={seed}\n{program:#?}"
    );
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

/// Another each time, as the programs are not tried out.
fn fresh_seed() -> u64 {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap();
    now.as_micros().try_into().unwrap_or(0)
}

// N4
#[test]
fn random_programs_on_one_worker_lose_no_value_and_end() {
    on_workers(1);
}

// N4
#[test]
fn random_programs_on_two_workers_lose_no_value_and_end() {
    on_workers(2);
}

// N4
#[test]
fn random_programs_on_four_workers_lose_no_value_and_end() {
    on_workers(4);
}

// N4: the same programs each time, and the schedules follow from the seed.
#[test]
fn random_programs_under_simulated_schedules_lose_no_value_and_end() {
    for seed in variable(SEED).map_or(0..300, |seed| seed..seed + 1) {
        let config = Config::new().seeds(3);
        let program = Program::new(seed);
        if let Err(failure) = sim::check(&config, async || {
            run(&program).await;
        }) {
            panic!("{failure}\nin the program of seed {seed}\n{program:#?}");
        }
    }
}
