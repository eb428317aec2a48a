//! Five classic concurrency bugs, each found by trying schedules, shrunk to the switches that matter, and shown.
//!
//! `cargo run --example bug_gallery`, or with a name: `cargo run --example bug_gallery aba`. The programs are in
//! `tests/src/gallery`.

use std::process::ExitCode;

use async_dsl::sim::{self, Config, Strategy};
use async_dsl_tests::gallery::{aba, lost_update, missed_wake_up, starving_select, two_locks};

/// The number of schedules tried before a program counts as correct.
const SEEDS: u64 = 1000;

/// Looks for the bug by each strategy, shows what the last one found, and checks the correct twin.
fn show(name: &str, wrong: impl AsyncFn(), right: impl AsyncFn()) -> bool {
    println!("== {name}\n");
    let mut found = None;
    for (strategy, called) in [
        (Strategy::Uniform, "random choice"),
        (
            Strategy::Pct { depth: 3 },
            "probabilistic concurrency testing",
        ),
        (Strategy::Mixed, "both by turns"),
    ] {
        let config = Config::new().seeds(SEEDS).strategy(strategy);
        match sim::check(&config, &wrong) {
            Err(failure) => {
                println!("{called}: found under schedule {}", failure.schedules());
                found = Some(failure);
            }
            Ok(report) => println!("{called}: not found in {} schedules", report.schedules),
        }
    }
    if let Some(failure) = &found {
        println!("\n{failure}");
    }
    let twin = sim::check(&Config::new().seeds(SEEDS), right);
    match &twin {
        Ok(report) => println!("\nthe correct twin passes {} schedules\n", report.schedules),
        Err(failure) => println!("\nthe twin is not correct: {failure}\n"),
    }
    found.is_some() && twin.is_ok()
}

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1);
    let is_wanted = |name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
    let mut all_as_expected = true;
    if is_wanted("lost_update") {
        all_as_expected &= show("lost_update", lost_update::wrong, lost_update::right);
    }
    if is_wanted("two_locks") {
        all_as_expected &= show("two_locks", two_locks::wrong, two_locks::right);
    }
    if is_wanted("missed_wake_up") {
        all_as_expected &= show(
            "missed_wake_up",
            missed_wake_up::wrong,
            missed_wake_up::right,
        );
    }
    if is_wanted("starving_select") {
        all_as_expected &= show(
            "starving_select",
            starving_select::wrong,
            starving_select::right,
        );
    }
    if is_wanted("aba") {
        all_as_expected &= show("aba", aba::wrong, aba::right);
    }
    if all_as_expected {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
