//! Runs two builds of `workloads` in turns and prints the medians, and how the first compares with the second:
//!
//! `compare <with> <without> [runs]`

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};

/// The values of one run, by their names.
fn run(program: &str) -> Result<Vec<(String, f64)>, String> {
    let output = Command::new(program)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program}: {}", output.status));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    Ok(text.lines().filter_map(line).collect())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn compare(with: &str, without: &str, runs: usize) -> Result<(), String> {
    let mut values: BTreeMap<String, [Vec<f64>; 2]> = BTreeMap::new();
    let mut ratios: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for number in 0..runs {
        // In turns, and each of them first half of the time.
        let (first, second) = (number % 2, 1 - number % 2);
        let mut pair: [Vec<(String, f64)>; 2] = Default::default();
        for which in [first, second] {
            pair[which] = run([with, without][which])?;
        }
        for ((name, one), (_, other)) in pair[0].iter().zip(&pair[1]) {
            let both = values.entry(name.clone()).or_default();
            both[0].push(*one);
            both[1].push(*other);
            ratios.entry(name.clone()).or_default().push(one / other);
        }
        eprintln!("run {} of {runs}", number + 1);
    }
    println!(
        "{:<20} {:>9} {:>9} {:>8} {:>16}",
        "", "with", "without", "medians", "median of ratios"
    );
    for (name, [with, without]) in &mut values {
        let (one, other) = (median(with), median(without));
        let ratio = ratios.get_mut(name).map_or(1.0, |ratios| median(ratios));
        println!(
            "{name:<20} {one:>9.1} {other:>9.1} {:>+7.1}% {:>+15.1}%",
            (one / other - 1.0) * 100.0,
            (ratio - 1.0) * 100.0
        );
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [with, without, runs @ ..] => {
            let runs = runs
                .first()
                .and_then(|runs| runs.parse().ok())
                .unwrap_or(15);
            compare(with, without, runs)
        }
        _ => Err("compare <with> <without> [runs]".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
