//! The same workloads on this library and on its peers. `benches/peers` builds and runs it.

mod channels;
mod line;
mod meter;
mod ours;
mod rounds;
mod runtimes;
mod systems;
mod table;
mod workloads;

use std::process::{ExitCode, exit};
use std::time::Duration;
use std::{env, fs, thread};

use line::Line;
use rounds::Pairs;
use systems::SYSTEMS;
use workloads::WORKLOADS;

const USAGE: &str = "\
peers rounds <rounds> <workloads> <systems>   runs in turns, a line each
peers check <workloads> <systems>             a short form of each, once: whether results are right
peers table <file>…                           a table from such lines, in Markdown
peers run <workload> <system> [<n>]           one run in this process
peers list                                    the workloads and the systems
Several names have commas between them; `all` is all.";

/// A workload that hangs ends after so long.
const LIMIT: Duration = Duration::from_secs(300);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["rounds", rounds, workloads, systems] => match rounds.parse() {
            Ok(rounds) => Pairs::chosen(workloads, systems).and_then(|pairs| pairs.measure(rounds)),
            Err(error) => Err(format!("{rounds}: {error}")),
        },
        ["check", workloads, systems] => {
            Pairs::chosen(workloads, systems).and_then(|pairs| pairs.check())
        }
        ["table", ref files @ ..] if !files.is_empty() => print_table(files),
        ["run", workload, system, ref n @ ..] if n.len() < 2 => {
            run(workload, system, n.first().copied())
        }
        ["list"] => {
            let workloads: Vec<_> = WORKLOADS.iter().map(|workload| workload.name).collect();
            let systems: Vec<_> = SYSTEMS.iter().map(|system| system.name).collect();
            println!(
                "workloads: {}\nsystems: {}",
                workloads.join(" "),
                systems.join(" ")
            );
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(workload: &str, system: &str, n: Option<&str>) -> Result<(), String> {
    let workload = WORKLOADS.iter().find(|known| known.name == workload);
    let system = SYSTEMS.iter().find(|known| known.name == system);
    let (Some(workload), Some(system)) = (workload, system) else {
        return Err("no such workload, or no such system".to_owned());
    };
    if !system.has(workload) {
        return Err(format!("{} has no {}", system.name, workload.name));
    }
    let n = match n {
        Some(n) => n.parse().map_err(|error| format!("{n}: {error}"))?,
        None => workload.full,
    };
    thread::spawn(|| {
        thread::sleep(LIMIT);
        eprintln!("it has not ended within {LIMIT:?}");
        exit(3);
    });
    let figures = (system.run)(workload.name, n).ok_or("it is not among those that are run")?;
    println!(
        "workload={} system={} {figures}",
        workload.name, system.name
    );
    // Without taking a million parked tasks apart.
    exit(0)
}

fn print_table(files: &[&str]) -> Result<(), String> {
    let mut text = String::new();
    for file in files {
        text += &fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    }
    let lines: Vec<Line> = text.lines().filter_map(Line::parse).collect();
    println!("{}", table::of(&lines));
    let mut notes: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .collect();
    notes.dedup();
    for note in notes {
        println!("- {note}");
    }
    Ok(())
}
