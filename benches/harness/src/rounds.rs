//! Runs of many systems in turns, each in a process of its own.

use std::collections::HashSet;
use std::process::Command;
use std::{env, fmt};

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
                        Ok(ran) => {
                            println!("{}", ran.text);
                            if !ran.said.is_empty() {
                                eprintln!("\n{}", ran.said);
                            }
                            if ran.line.is_quiet() {
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

    /// Runs a short form of each pair once. Fails if any has wrong results, or says anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut failed = 0;
        for (workload, system) in &self.0 {
            let error = match run(workload, system, workload.short) {
                Ok(ran) if ran.said.is_empty() => continue,
                // A panic in a task may fail nothing else.
                Ok(ran) => format!("{} on {}: {}", workload.name, system.name, ran.said),
                Err(error) => error,
            };
            eprintln!("{error}");
            failed += 1;
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

/// A run that has ended as it should.
struct Ran {
    text: String,
    line: Line,
    /// The first lines of what it wrote to its standard error.
    said: String,
}

/// One run, in a process of its own.
fn run(workload: &Workload, system: &System, n: u32) -> Result<Ran, String> {
    let failed =
        |why: &dyn fmt::Display| format!("{} on {} has failed: {why}", workload.name, system.name);
    let program = env::current_exe().map_err(|error| failed(&error))?;
    let output = Command::new(program)
        .env("RUST_BACKTRACE", "0")
        .args(["run", workload.name, system.name, &n.to_string()])
        .output()
        .map_err(|error| failed(&error))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    // All tasks of a workload may say the same.
    let said = said.lines().take(12).collect::<Vec<_>>().join("\n");
    match Line::parse(&text) {
        Some(line) if output.status.success() => Ok(Ran { text, line, said }),
        _ => Err(failed(&format_args!("{}\n{said}", output.status))),
    }
}
