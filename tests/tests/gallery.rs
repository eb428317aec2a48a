//! The bugs of the gallery are found within a stated number of seeds, and shrunk to a trace that can be read; their correct
//! twins pass as many.

use async_dsl::sim::{self, Cause, Config, Failure, Strategy};
use async_dsl_tests::gallery::{aba, lost_update, missed_wake_up, starving_select, two_locks};

/// What is promised of a bug: found by each strategy within so many seeds, and shrunk to at most so many switches.
struct Promise {
    seeds: u64,
    switches: usize,
}

/// Checks the promise, and gives the failure that the default strategy finds.
#[track_caller]
fn finds<W: AsyncFn(), R: AsyncFn()>(wrong: W, right: R, promised: &Promise) -> Failure {
    let find = |strategy| {
        let config = Config::new().seeds(promised.seeds).strategy(strategy);
        let failure = match sim::check(&config, &wrong) {
            Err(failure) => failure,
            Ok(report) => panic!("not found by {strategy:?}: {report:?}"),
        };
        let (seed, trace) = failure.shrunk();
        assert!(trace.switches() <= promised.switches, "{failure}");
        // The shrunk schedule alone is enough.
        let config = Config::new().replay(seed.clone()).shrink(false);
        let again = sim::check(&config, &wrong).unwrap_err();
        assert_eq!(again.trace(), trace);
        failure
    };
    find(Strategy::Uniform);
    find(Strategy::Pct { depth: 3 });
    let failure = find(Strategy::Mixed);
    for strategy in [
        Strategy::Uniform,
        Strategy::Pct { depth: 3 },
        Strategy::Mixed,
    ] {
        let config = Config::new().seeds(promised.seeds).strategy(strategy);
        sim::check(&config, &right).unwrap();
    }
    failure
}

#[track_caller]
fn assert_panics(failure: &Failure, expected: &str) {
    let cause = failure.cause();
    assert!(
        matches!(cause, Cause::Panic { message, .. } if message.contains(expected)),
        "{failure}"
    );
}

#[test]
fn a_lost_update_between_a_take_and_a_put() {
    let promised = Promise {
        seeds: 20,
        switches: 4,
    };
    let failure = finds(lost_update::wrong, lost_update::right, &promised);
    assert_panics(&failure, "a deposit is lost");
}

#[test]
fn two_locks_in_opposite_orders() {
    let promised = Promise {
        seeds: 20,
        switches: 3,
    };
    let failure = finds(two_locks::wrong, two_locks::right, &promised);
    assert_eq!(*failure.cause(), Cause::Deadlock);
}

#[test]
fn a_missed_wake_up() {
    let promised = Promise {
        seeds: 50,
        switches: 5,
    };
    let failure = finds(missed_wake_up::wrong, missed_wake_up::right, &promised);
    assert_eq!(*failure.cause(), Cause::Deadlock);
}

#[test]
fn a_select_that_starves() {
    let promised = Promise {
        seeds: 50,
        switches: 5,
    };
    let failure = finds(starving_select::wrong, starving_select::right, &promised);
    assert_panics(&failure, "the worker does not stop");
}

#[test]
fn a_state_that_is_what_it_was_before() {
    let promised = Promise {
        seeds: 1000,
        switches: 14,
    };
    let failure = finds(aba::wrong, aba::right, &promised);
    assert_panics(&failure, "was handed out twice");
}

/// How many seeds each bug takes: the median of some series of seeds, with the fewest and the most.
#[test]
#[ignore = "prints figures"]
fn figures() {
    let strategies = [
        ("uniform", Strategy::Uniform),
        ("pct 2", Strategy::Pct { depth: 2 }),
        ("pct 3", Strategy::Pct { depth: 3 }),
        ("mixed", Strategy::Mixed),
    ];
    for (name, strategy) in strategies {
        println!("{name}:");
        row("lost update", strategy, &lost_update::wrong);
        row("two locks", strategy, &two_locks::wrong);
        row("missed wake-up", strategy, &missed_wake_up::wrong);
        row("starving select", strategy, &starving_select::wrong);
        row("ABA", strategy, &aba::wrong);
    }
}

fn row(name: &str, strategy: Strategy, wrong: &impl AsyncFn()) {
    const SERIES: u64 = 21;
    let (mut needed, mut shrunk) = (Vec::new(), 0);
    for series in 0..SERIES {
        let config = Config::new()
            .strategy(strategy)
            .first(series * 1_000_000)
            .seeds(20_000);
        let failure = sim::check(&config, wrong).unwrap_err();
        needed.push(failure.schedules());
        shrunk = shrunk.max(failure.shrunk().1.switches());
    }
    needed.sort_unstable();
    let median = needed[needed.len() / 2];
    println!(
        "  {name:16} {median:>5} ({} to {}), shrunk to at most {shrunk} switches",
        needed[0],
        needed[needed.len() - 1]
    );
}
