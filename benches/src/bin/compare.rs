//! Runs pairs of builds of `workloads` in turns and prints, for each workload, the medians and how the first of a pair
//! compares with its second:
//!
//! `compare <runs> (<with> <without>)…`
//!
//! The pairs differ only in where the compiler puts the code, which alone makes some per cent of difference (Mytkowicz
//! et al., "Producing Wrong Data Without Doing Anything Obviously Wrong!", ASPLOS 2009). So the result is the median
//! over the pairs, and how far apart they are.

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};

/// Returns the values of one run, by their names.
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

/// Returns the median; of an even number of values, the mean of the two in the middle.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// The measurements of one workload.
struct Measured {
    /// All values, of all pairs.
    with: Vec<f64>,
    without: Vec<f64>,
    /// For each pair, the ratios of its runs.
    ratios: Vec<Vec<f64>>,
}

fn compare(pairs: &[[String; 2]], runs: usize) -> Result<(), String> {
    let mut measured: BTreeMap<String, Measured> = BTreeMap::new();
    for number in 0..runs {
        for (index, pair) in pairs.iter().enumerate() {
            // Alternately, so that each runs first half of the time.
            let (first, second) = (number % 2, 1 - number % 2);
            let mut values: [Vec<(String, f64)>; 2] = Default::default();
            for which in [first, second] {
                values[which] = run(&pair[which])?;
            }
            for ((name, with), (_, without)) in values[0].iter().zip(&values[1]) {
                let all = measured.entry(name.clone()).or_insert_with(|| Measured {
                    with: Vec::new(),
                    without: Vec::new(),
                    ratios: vec![Vec::new(); pairs.len()],
                });
                all.with.push(*with);
                all.without.push(*without);
                all.ratios[index].push(with / without);
            }
        }
        eprintln!("run {} of {runs}", number + 1);
    }
    println!(
        "{:<20} {:>9} {:>9} {:>9} {:>19}",
        "", "with", "without", "costs", "of all layouts"
    );
    for (name, mut all) in measured {
        let mut costs: Vec<f64> = all
            .ratios
            .iter_mut()
            .map(|ratios| (median(ratios) - 1.0) * 100.0)
            .collect();
        let cost = median(&mut costs); // `median` sorts them
        let (least, most) = (costs[0], costs[costs.len() - 1]);
        println!(
            "{name:<20} {:>9.1} {:>9.1} {cost:>+8.1}% {:>19}",
            median(&mut all.with),
            median(&mut all.without),
            format!("{least:+.1}% to {most:+.1}%")
        );
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || "compare <runs> (<with> <without>)…".to_owned();
    let result = match arguments.split_first() {
        Some((runs, programs)) if !programs.is_empty() && programs.len() % 2 == 0 => {
            let pairs: Vec<[String; 2]> = programs
                .chunks(2)
                .map(|pair| [pair[0].clone(), pair[1].clone()])
                .collect();
            match runs.parse() {
                Ok(runs) if runs > 0 => compare(&pairs, runs),
                _ => Err(usage()),
            }
        }
        _ => Err(usage()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
