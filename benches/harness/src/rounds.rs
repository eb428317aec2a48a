//! Runs of many systems in turns, each in a process of its own.

use std::collections::HashSet;
use std::env;
use std::process::Command;

use crate::line::Line;
use crate::systems::{SYSTEMS, System};
use crate::workloads::{WORKLOADS, Workload};

/// How often a run is made at most, until it is quiet.
const TRIES: usize = 3;

/// The chosen systems with the chosen workloads that they have.
pub(crate) struct Pairs(Vec<(&'static Workload, &'static System)>);

impl Pairs {
    /// Both are names with commas between, or `all`. Returns what is no name.
    pub(crate) fn chosen(workloads: &str, systems: &str) -> Result<Self, String> {
        let workloads = pick(workloads, WORKLOADS, |workload| workload.name)?;
        let systems = pick(systems, SYSTEMS, |system| system.name)?;
        let each = workloads
            .into_iter()
            .flat_map(|workload| systems.iter().map(move |system| (workload, *system)));
        let pairs: Vec<_> = each
            .filter(|(workload, system)| system.has(workload))
            .collect();
        if pairs.is_empty() {
            return Err("none of these systems has any of these workloads".to_owned());
        }
        Ok(Self(pairs))
    }

    /// Measures each pair once a round, and prints a line for each run.
    pub(crate) fn measure(&self, rounds: usize) -> Result<(), String> {
        let mut failed = 0;
        for round in 1..=rounds {
            for (workload, system) in &self.0 {
                eprint!(
                    "\rround {round} of {rounds}: {} {:<40}",
                    workload.name, system.name
                );
                for _ in 0..TRIES {
                    match run(workload, system, workload.full) {
                        Ok((text, line)) => {
                            println!("{text}");
                            if line.is_quiet() {
                                break;
                            }
                        }
                        Err(error) => {
                            eprintln!("\n{error}");
                            failed += 1;
                            break;
                        }
                    }
                }
            }
        }
        eprintln!();
        if failed == 0 {
            Ok(())
        } else {
            Err(format!("{failed} runs failed"))
        }
    }

    /// Runs a short form of each pair once. Returns whether all did as they should.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut failed = 0;
        for (workload, system) in &self.0 {
            if let Err(error) = run(workload, system, workload.short) {
                eprintln!("{error}");
                failed += 1;
            }
        }
        println!("{} passed, {failed} failed", self.0.len() - failed);
        if failed == 0 {
            Ok(())
        } else {
            Err("the peers' workloads have failed".to_owned())
        }
    }
}

fn pick<T>(
    names: &str,
    all: &'static [T],
    name: impl Fn(&T) -> &'static str,
) -> Result<Vec<&'static T>, String> {
    if names == "all" {
        return Ok(all.iter().collect());
    }
    let names: HashSet<&str> = names.split(',').collect();
    let picked: Vec<&T> = all
        .iter()
        .filter(|item| names.contains(name(item)))
        .collect();
    if picked.len() < names.len() {
        let known: Vec<_> = all.iter().map(name).collect();
        return Err(format!(
            "not all of these are known: {names:?}. Known: {}",
            known.join(" ")
        ));
    }
    Ok(picked)
}

/// One run, in a process of its own. Returns its line, also parsed.
fn run(workload: &Workload, system: &System, n: u32) -> Result<(String, Line), String> {
    let failed = |why: &dyn std::fmt::Display| {
        format!("{} on {} has failed: {why}", workload.name, system.name)
    };
    let program = env::current_exe().map_err(|error| failed(&error))?;
    let output = Command::new(program)
        .env("RUST_BACKTRACE", "0")
        .args(["run", workload.name, system.name, &n.to_string()])
        .output()
        .map_err(|error| failed(&error))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match Line::parse(&text) {
        // What panics in a task may fail nothing else.
        Some(line) if output.status.success() && output.stderr.is_empty() => Ok((text, line)),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            // All tasks of a workload may say the same.
            let said: Vec<&str> = said.lines().take(12).collect();
            Err(failed(&format_args!(
                "{}\n{}",
                output.status,
                said.join("\n")
            )))
        }
    }
}
