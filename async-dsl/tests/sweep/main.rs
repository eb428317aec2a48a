//! The sweep: every three operations of all kinds, each in a thread of its own, under random schedules that switch at every
//! lock and atomic of channels, promises, tasks and agents. Every value is counted, nobody hangs, no waiter is left. And
//! programs of tasks and agents on two worker threads (`workers`).
//!
//! `RUSTFLAGS="--cfg async_dsl_shuttle --cfg async_dsl_no_inspect" cargo test -p async-dsl --no-default-features --release --test sweep`
//!
//! The same programs run under the same schedules each time. Of the environment: `ASYNC_DSL_SWEEP_SCHEDULES` is how many schedules
//! each program runs under (one on workers under 20 times as many), `ASYNC_DSL_SWEEP_FOURS` how many programs of four operations,
//! `ASYNC_DSL_SWEEP_SEED` makes other schedules and other programs of four, and `ASYNC_DSL_SWEEP_KINDS=put,take` leaves these
//! kinds only.
#![cfg(async_dsl_shuttle)]

mod book;
mod kinds;
mod workers;
mod world;

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{self, AssertUnwindSafe};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::thread;
use std::time::Instant;

use shuttle::scheduler::RandomScheduler;
use shuttle::{Config, FailurePersistence, Runner};

use kinds::{Kind, TENDED};
use world::{Mode, Program};

/// The schedules of each program, unless the environment says otherwise.
const SCHEDULES: usize = 50;

/// The programs of four operations in each test, unless the environment says otherwise.
const FOURS: usize = 2000;

fn number<N: FromStr>(variable: &str, otherwise: N) -> N {
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

/// A program that is swept.
struct Case {
    name: String,
    /// Runs it once, under the schedule that shuttle makes up.
    run: Arc<dyn Fn() + Send + Sync>,
    /// What was done in the last run on this thread.
    last: fn() -> String,
}

impl From<Program> for Case {
    fn from(program: Program) -> Self {
        Self {
            name: program.to_string(),
            run: Arc::new(move || world::run(&program)),
            last: world::last,
        }
    }
}

/// Runs a program under so many schedules. The error says what failed, and after how many.
///
/// In a thread of its own, since shuttle leaves one in which a run failed in the middle of a panic.
fn check(case: &Case, schedules: usize) -> Result<(), String> {
    thread::scope(|scope| {
        let checks = scope.spawn(|| {
            SWEEPS.set(true);
            check_here(case, schedules)
        });
        checks.join().unwrap()
    })
}

fn check_here(Case { name, run, last }: &Case, schedules: usize) -> Result<(), String> {
    let mut seed = std::hash::DefaultHasher::new();
    (name, number("ASYNC_DSL_SWEEP_SEED", 0_u64)).hash(&mut seed);
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.silence_warnings = true;
    config.stack_size = 0x10000;
    let runner = Runner::new(
        RandomScheduler::new_from_seed(seed.finish(), schedules),
        config,
    );
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ran);
    let run = Arc::clone(run);
    let result = panic::catch_unwind(AssertUnwindSafe(|| {
        runner.run(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            run();
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
        format!("{name}: schedule {schedule}: {message}\n    {}", last())
    })
}

/// The kinds that the programs are made of.
fn kinds(mode: Mode) -> Vec<&'static Kind> {
    let only = std::env::var("ASYNC_DSL_SWEEP_KINDS").ok();
    kinds::all()
        .filter(|kind| mode == Mode::Tended || !kind.uses(TENDED))
        .filter(|kind| {
            let is = |only: &String| only.split(',').any(|name| name == kind.name);
            only.as_ref().is_none_or(is)
        })
        .collect()
}

/// Runs each of them under `times` as many schedules as there are otherwise.
fn sweep(times: usize, cases: impl Iterator<Item = Case>) {
    silence_failures();
    let schedules = times * number("ASYNC_DSL_SWEEP_SCHEDULES", SCHEDULES);
    let begin = Instant::now();
    let mut count = 0;
    let mut failures = Vec::new();
    for case in cases {
        count += 1;
        failures.extend(check(&case, schedules).err());
    }
    let (time, failed) = (begin.elapsed(), failures.len());
    println!("{count} programs, {schedules} schedules each, {time:?}: {failed} fail");
    assert!(failures.is_empty(), "these fail:\n{}", failures.join("\n"));
}

/// Every three kinds, in every combination.
fn threes(mode: Mode, capacity: Option<usize>) {
    let kinds = kinds(mode);
    let last = kinds.len();
    let places = (0..last).flat_map(|one| {
        (one..last).flat_map(move |two| (two..last).map(move |three| [one, two, three]))
    });
    let programs = places.map(|places| Program {
        kinds: places.map(|place| kinds[place]).to_vec(),
        capacity,
        mode,
    });
    sweep(1, programs.map(Case::from));
}

/// Four kinds, some of their combinations.
fn fours(mode: Mode, capacity: Option<usize>) {
    let kinds = kinds(mode);
    let mut random = fastrand::Rng::with_seed(number("ASYNC_DSL_SWEEP_SEED", 0));
    let programs = (0..number("ASYNC_DSL_SWEEP_FOURS", FOURS)).map(|_| Program {
        kinds: (0..4).map(|_| kinds[random.usize(..kinds.len())]).collect(),
        capacity,
        mode,
    });
    sweep(1, programs.map(Case::from));
}

macro_rules! tests {
    ($($three:ident $four:ident: $mode:ident $capacity:expr;)+) => {$(
        #[test]
        fn $three() {
            threes(Mode::$mode, $capacity);
        }

        #[test]
        fn $four() {
            fours(Mode::$mode, $capacity);
        }
    )+};
}

tests! {
    three_tended_at_a_rendezvous four_tended_at_a_rendezvous: Tended Some(0);
    three_tended_with_one_place four_tended_with_one_place: Tended Some(1);
    three_tended_without_bound four_tended_without_bound: Tended None;
    three_alone_at_a_rendezvous four_alone_at_a_rendezvous: Alone Some(0);
    three_alone_with_one_place four_alone_with_one_place: Alone Some(1);
    three_alone_without_bound four_alone_without_bound: Alone None;
}
