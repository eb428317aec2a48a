//! Random programs around each function of `flow`, whose task is cancelled, or loses its output or its input, at a random moment:
//! each value is taken once, handed back, or counted as discarded, order is kept, and no task is left. Those without a task of
//! their own, permits and broadcasts, are used by tasks that are cancelled, and by takes that are dropped after one poll.
//!
//! Two things do not hold for all, and a [`Net`] says so: a ticker has no input that ends, and a task of ours that uses permits or
//! puts into a broadcast does not stop with the output. A watch is left out: it drops each value that is replaced, whether it was
//! seen or not, so that there is nothing to count but the latest (`flow_shared/watch.rs` drops its takes).

mod functions;
mod net;

use std::time::{Duration, Instant};

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use functions::{FUNCTIONS, Make};
use net::{Book, Net, Value};

#[derive(Clone, Copy, Debug)]
enum Step {
    Put(usize),
    Take(usize),
    /// Each task that is ready has a turn.
    Turn,
    Time(u8),
    Poke(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Each task is dropped where it is parked.
    Cancel,
    /// Nobody takes any more.
    NoOutput,
    /// The input ends.
    NoInput,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => any::<usize>().prop_map(Step::Put),
        4 => any::<usize>().prop_map(Step::Take),
        6 => Just(Step::Turn),
        1 => (0..4_u8).prop_map(Step::Time),
        1 => any::<usize>().prop_map(Step::Poke),
    ];
    vec(step, 0..40)
}

/// A closure on another thread runs on when its call is cancelled, and is a task until it ends.
fn wait_for_threads(scheduler: &Scheduler, has_threads: bool) {
    let begun = Instant::now();
    while has_threads && scheduler.task_count() > 0 && begun.elapsed() < PATIENCE {
        std::thread::yield_now();
        scheduler.run_once();
    }
}

/// How long a thread may take to end.
const PATIENCE: Duration = Duration::from_secs(60);

fn check(make: Make, size: usize, program: &[Step], end: End) -> Result<(), TestCaseError> {
    let book = Book::default();
    let scheduler = Scheduler::virtual_time();
    let mut net = scheduler.enter(|| make(&book, size));
    if net.never == Some(end) {
        return Ok(());
    }
    let mut numbers = 0..;
    for step in program {
        match *step {
            Step::Put(which) if !net.inputs.is_empty() => {
                let which = which % net.inputs.len();
                let value = Value::new(&book, which, numbers.next().unwrap());
                if let Err(refused) = net.inputs[which].try_put(value) {
                    let value = refused.into_inner();
                    value.account(|tally| tally.handed_back += 1);
                }
            }
            Step::Take(which) if !net.outputs.is_empty() => {
                let which = which % net.outputs.len();
                net.outputs[which].take(net.is_ordered).ok();
            }
            Step::Turn => drop(scheduler.run_once()),
            Step::Time(millis) => scheduler.advance(Duration::from_millis(millis.into())),
            Step::Poke(n) => (net.poke)(n),
            Step::Put(_) | Step::Take(_) => {}
        }
    }
    let Net {
        inputs,
        mut outputs,
        width,
        is_ordered,
        counted,
        mut poke,
        handles,
        audit,
        has_threads,
        ..
    } = net;
    match end {
        End::Cancel => drop((scheduler.shutdown(Duration::ZERO), handles)),
        End::NoOutput => {
            drop((outputs, handles, counted, poke));
            scheduler.advance(Duration::from_secs(1));
            wait_for_threads(&scheduler, has_threads);
            prop_assert_eq!(scheduler.task_count(), 0, "it has stopped");
            prop_assert!(inputs.iter().all(Putter::is_closed), "and its inputs");
            audit();
            return Ok(());
        }
        End::NoInput => {
            (6..8).for_each(&mut poke); // nothing is paused
            for putter in &inputs {
                putter.close();
            }
            drop(handles);
        }
    }
    // Whatever is left comes, and then the end.
    let (mut rounds, begun) = (0, Instant::now());
    loop {
        let ended = outputs
            .iter_mut()
            .filter_map(|output| output.take(is_ordered).err());
        if ended.count() == outputs.len() {
            break;
        }
        scheduler.advance(Duration::from_millis(3));
        rounds += 1;
        if has_threads {
            std::thread::yield_now();
        }
        prop_assert!(
            rounds < 1000 || has_threads && begun.elapsed() < PATIENCE,
            "it has no end"
        );
    }
    drop(poke);
    scheduler.advance(Duration::from_millis(3));
    wait_for_threads(&scheduler, has_threads);
    prop_assert_eq!(scheduler.task_count(), 0, "it has ended");
    let of_inputs: u64 = inputs.iter().map(Putter::discarded).sum();
    let of_outputs: u64 = outputs.iter().map(|output| (output.discarded)()).sum();
    let counted = of_outputs + counted();
    // A closure that runs on after its call was cancelled drops its value when it ends.
    while has_threads && !book.lock().unwrap().is_whole() {
        prop_assert!(begun.elapsed() < PATIENCE, "a value is kept");
        std::thread::yield_now();
    }
    audit();
    let tally = book.lock().unwrap();
    let lost = tally.dropped - of_inputs;
    prop_assert!(
        (counted..=counted * width).contains(&lost),
        "{} are lost and {} counted: {:?}",
        lost,
        counted,
        tally
    );
    prop_assert!(tally.is_whole(), "{:?}", tally);
    Ok(())
}

fn check_all(end: End) {
    for (name, make) in FUNCTIONS {
        let config = ProptestConfig {
            cases: 250,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let mut runner = TestRunner::new(config);
        let ran = runner.run(&(steps(), 0..3_usize), |(program, size)| {
            check(*make, size, &program, end)
        });
        ran.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_task_that_is_dropped_loses_nothing_that_is_not_counted() {
    check_all(End::Cancel);
}

#[test]
fn a_task_ends_with_its_input_and_loses_nothing_that_is_not_counted() {
    check_all(End::NoInput);
}

#[test]
fn a_task_stops_when_nobody_takes_from_its_output() {
    check_all(End::NoOutput);
}
