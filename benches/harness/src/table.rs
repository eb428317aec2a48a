//! A table of medians, from the lines of runs.

use std::fmt::Write;

use crate::line::Line;
use crate::systems::SYSTEMS;

/// What a row compares.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    /// Real time, with processor time beside it.
    Time,
    /// Processor time alone, where the real time is set beforehand.
    Processor,
    Bytes,
}

impl Of {
    fn figure(self) -> &'static str {
        match self {
            Self::Time => "ns_per_op",
            Self::Processor => "cpu_ns_per_op",
            Self::Bytes => "bytes_per_task",
        }
    }
}

/// In which of the means a row counts.
#[derive(Clone, Copy, PartialEq)]
enum Counts {
    /// One of the fourteen.
    Always,
    /// One of the fourteen, if a choice is made anew each time.
    IfFresh,
    /// One of the fourteen, if a choice is made once, as all peers do.
    IfKept,
    Never,
}

struct Row {
    /// Follows the workload's name.
    of_what: &'static str,
    workload: &'static str,
    of: Of,
    counts: Counts,
}

const fn row(of_what: &'static str, workload: &'static str, of: Of, counts: Counts) -> Row {
    Row {
        of_what,
        workload,
        of,
        counts,
    }
}

const fn one(workload: &'static str) -> Row {
    row("", workload, Of::Time, Counts::Always)
}

const ROWS: &[Row] = &[
    one("spawn_join"),
    one("parked"),
    one("parked_bare"),
    one("pingpong"),
    one("spsc_bounded"),
    one("spsc_unbounded"),
    one("mpmc_bounded"),
    one("ring"),
    one("skynet"),
    row(", kept", "select10", Of::Time, Counts::IfKept),
    row(", fresh", "select10", Of::Time, Counts::IfFresh),
    row(", kept", "select100", Of::Time, Counts::IfKept),
    row(", fresh", "select100", Of::Time, Counts::IfFresh),
    one("prime_sieve"),
    row(": processor time", "timers", Of::Processor, Counts::Always),
    one("tcp_echo"),
    row("", "main_spawn_join", Of::Time, Counts::Never),
    row("", "main_pingpong", Of::Time, Counts::Never),
    row(": bytes a task", "parked", Of::Bytes, Counts::Never),
    row(": bytes a task", "parked_bare", Of::Bytes, Counts::Never),
];

/// Medians of one system on one workload.
struct Cell {
    value: f64,
    processor: Option<f64>,
    is_quiet: bool,
}

impl Cell {
    /// Of the quiet runs; of all, if none was quiet.
    fn of(lines: &[Line], workload: &str, system: &str, of: Of) -> Option<Self> {
        let all = lines
            .iter()
            .filter(|line| line.workload == workload && line.system == system);
        let (quiet, disturbed): (Vec<_>, Vec<_>) = all.partition(|line| line.is_quiet());
        let is_quiet = !quiet.is_empty();
        let lines = if is_quiet { quiet } else { disturbed };
        let median_of = |figure| median(lines.iter().filter_map(|line| line.figure(figure)));
        Some(Self {
            value: median_of(of.figure())?,
            processor: median_of(Of::Processor.figure()).filter(|_| of == Of::Time),
            is_quiet,
        })
    }

    fn text(&self) -> String {
        let star = if self.is_quiet { "" } else { "\\*" };
        match self.processor {
            Some(processor) => format!("{} ({}){star}", short(self.value), short(processor)),
            None => format!("{}{star}", short(self.value)),
        }
    }
}

/// Returns the table, and the means below it.
pub(crate) fn of(lines: &[Line]) -> String {
    let mut text =
        "| workload | two threads | best peer | ratio | one thread | best peer | ratio |\n\
                    | --- | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
    let mut means = [
        [Mean::default(), Mean::default()],
        [Mean::default(), Mean::default()],
    ];
    for row in ROWS {
        let mut cells = Vec::new();
        for (has_threads, means) in [true, false].into_iter().zip(&mut means) {
            let ratio = half(lines, row, has_threads, &mut cells);
            for (mean, other) in means.iter_mut().zip([Counts::IfFresh, Counts::IfKept]) {
                if row.counts != other && row.counts != Counts::Never {
                    mean.add(ratio);
                }
            }
        }
        if cells.iter().any(|cell| cell != NONE) {
            add(
                &mut text,
                &format!(
                    "| `{}`{} | {} |",
                    row.workload,
                    row.of_what,
                    cells.join(" | ")
                ),
            );
        }
    }
    add(
        &mut text,
        "\nNanoseconds an operation, real time (processor time), medians. Ratio: to the best peer. In `main_…` the body of `main` \
         is a party; in all else both parties are tasks.\n",
    );
    for (threads, [kept, fresh]) in ["two threads", "one thread"].iter().zip(&means) {
        add(
            &mut text,
            &format!(
                "- Geometric mean of the ratios of the 14 workloads, {threads}: {} with a choice that is kept, as the peers' are; \
                 {} with one made anew each time",
                kept.text(),
                fresh.text()
            ),
        );
    }
    add(&mut text, &disturbance(lines));
    text
}

const NONE: &str = "–";

/// Adds the cells of a row for so many threads. Returns the ratio, if both were measured.
fn half(lines: &[Line], row: &Row, has_threads: bool, cells: &mut Vec<String>) -> Option<f64> {
    let mut ours = None;
    let mut best: Option<(Cell, &str)> = None;
    for system in SYSTEMS
        .iter()
        .filter(|system| system.has_threads == has_threads)
    {
        let is_kept = system.name.ends_with("/kept");
        if system.is_ours() && is_kept != (row.counts == Counts::IfKept) {
            continue;
        }
        let Some(cell) = Cell::of(lines, row.workload, system.name, row.of) else {
            continue;
        };
        if system.is_ours() {
            ours = Some(cell);
        } else if best
            .as_ref()
            .is_none_or(|(best, _)| cell.value < best.value)
        {
            best = Some((cell, system.name));
        }
    }
    let ratio = ours
        .as_ref()
        .zip(best.as_ref())
        .map(|(ours, (best, _))| ours.value / best.value);
    cells.push(ours.map_or(NONE.to_owned(), |ours| ours.text()));
    cells.push(best.map_or(NONE.to_owned(), |(best, name)| {
        format!("{} {name}", best.text())
    }));
    cells.push(ratio.map_or(NONE.to_owned(), |ratio| format!("{ratio:.2}")));
    ratio
}

/// How much others disturbed the runs.
fn disturbance(lines: &[Line]) -> String {
    let (quiet, disturbed): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.is_quiet());
    let counted = if quiet.is_empty() { &disturbed } else { &quiet };
    let others = || counted.iter().filter_map(|line| line.others());
    let Some(usual) = median(others()) else {
        return "- How much of the processor others used is not known".to_owned();
    };
    let most = others().fold(0.0, f64::max);
    format!(
        "- Others used {usual:.1} % of a core meanwhile (median), at most {most:.1} %. In {} of {} runs it was more than 10 %: they \
         are left out, but where no run was quiet, marked \\*",
        disturbed.len(),
        lines.len()
    )
}

/// A geometric mean.
#[derive(Default)]
struct Mean {
    logarithms: f64,
    count: u32,
    missing: u32,
}

impl Mean {
    fn add(&mut self, ratio: Option<f64>) {
        match ratio {
            Some(ratio) => {
                self.logarithms += ratio.ln();
                self.count += 1;
            }
            None => self.missing += 1,
        }
    }

    /// With a remark if it is not of all.
    fn text(&self) -> String {
        if self.count == 0 {
            return NONE.to_owned();
        }
        let mean = (self.logarithms / f64::from(self.count)).exp();
        match self.missing {
            0 => format!("**{mean:.2}**"),
            missing => format!("{mean:.2} (without {missing} of them)"),
        }
    }
}

/// Of an even number of values, the mean of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        len if len % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

fn short(value: f64) -> String {
    if value < 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

fn add(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string grows");
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::line::Line;

    /// The cells of a row, and the lines below the table.
    fn table(lines: &str, row: &str) -> (Vec<String>, String) {
        let lines: Vec<Line> = lines.lines().filter_map(Line::parse).collect();
        let text = of(&lines);
        let found = text.lines().find(|line| line.starts_with(row));
        let cells = found.expect("there is the row").split('|');
        let below = text.lines().skip_while(|line| line.starts_with('|'));
        (
            cells.map(|cell| cell.trim().to_owned()).collect(),
            below.collect::<Vec<_>>().join("\n"),
        )
    }

    const RUNS: &str = "
        workload=ring system=dsl-mt/dsl n=1 ns_per_op=90 cpu_ns_per_op=95 others_pct=0.5
        workload=ring system=dsl-mt/dsl n=1 ns_per_op=100 cpu_ns_per_op=105 others_pct=1.5
        workload=ring system=dsl-mt/dsl n=1 ns_per_op=120 cpu_ns_per_op=125 others_pct=2.5
        workload=ring system=dsl-mt/dsl n=1 ns_per_op=10 cpu_ns_per_op=10 others_pct=50
        workload=ring system=tokio-mt/kanal n=1 ns_per_op=200 cpu_ns_per_op=210 others_pct=0
        workload=ring system=tokio-mt/tokio n=1 ns_per_op=201 cpu_ns_per_op=150 others_pct=0
        workload=ring system=dsl-ct/dsl n=1 ns_per_op=80 cpu_ns_per_op=81 others_pct=30
        workload=ring system=tokio-ct/kanal n=1 ns_per_op=40 cpu_ns_per_op=41 others_pct=0";

    #[test]
    fn a_row_has_medians_of_the_quiet_runs_beside_the_best_peer() {
        let (cells, below) = table(RUNS, "| `ring`");
        assert_eq!(
            cells[1..5],
            ["`ring`", "100 (105)", "200 (210) tokio-mt/kanal", "0.50"]
        );
        assert_eq!(
            cells[5..8],
            ["80 (81)\\*", "40 (41) tokio-ct/kanal", "2.00"]
        );
        assert!(
            below.contains("two threads: 0.50 (without 13 of them)"),
            "{below}"
        );
        assert!(below.contains("2 of 8 runs"), "{below}");
    }

    #[test]
    fn a_choice_that_is_kept_has_a_row_and_a_mean_of_its_own() {
        let runs = "
            workload=select10 system=dsl-mt/dsl n=1 ns_per_op=300 cpu_ns_per_op=300
            workload=select10 system=dsl-mt/kept n=1 ns_per_op=50 cpu_ns_per_op=50
            workload=select10 system=tokio-mt/tokio n=1 ns_per_op=100 cpu_ns_per_op=100";
        let (kept, below) = table(runs, "| `select10`, kept");
        assert_eq!(kept[2..5], ["50 (50)", "100 (100) tokio-mt/tokio", "0.50"]);
        let (fresh, _) = table(runs, "| `select10`, fresh");
        assert_eq!(
            fresh[2..5],
            ["300 (300)", "100 (100) tokio-mt/tokio", "3.00"]
        );
        assert!(
            below.contains("0.50 (without 13 of them) with a choice that is kept"),
            "{below}"
        );
        assert!(
            below.contains("3.00 (without 13 of them) with one made anew"),
            "{below}"
        );
    }

    #[test]
    fn a_mean_is_geometric_and_counts_neither_bytes_nor_the_body_of_main() {
        let others = "
            workload=spawn_join system=dsl-mt/dsl n=1 ns_per_op=800 cpu_ns_per_op=1
            workload=spawn_join system=tokio-mt/tokio n=1 ns_per_op=100 cpu_ns_per_op=1
            workload=main_pingpong system=dsl-mt/dsl n=1 ns_per_op=1 cpu_ns_per_op=1
            workload=main_pingpong system=tokio-mt/tokio n=1 ns_per_op=100 cpu_ns_per_op=1";
        let (_, below) = table(&format!("{RUNS}{others}"), "| `main_pingpong`");
        assert!(
            below.contains("two threads: 2.00 (without 12 of them)"),
            "{below}"
        );
    }
}
