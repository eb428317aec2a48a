//! Real time, processor time, memory, and how much of the processor others used meanwhile.

use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What a workload returns: how many operations it did, and figures of its own.
pub(crate) struct Outcome {
    pub(crate) operations: u32,
    pub(crate) figures: Vec<(&'static str, f64)>,
}

impl From<u32> for Outcome {
    fn from(operations: u32) -> Self {
        Self {
            operations,
            figures: Vec::new(),
        }
    }
}

/// Made where a workload begins.
pub(crate) struct Meter {
    began: Instant,
    used: f64,
    used_by_all: Option<f64>,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self {
            used_by_all: used_by_all(),
            used: used(),
            began: Instant::now(),
        }
    }

    /// Returns the figures, as `name=value` with spaces between.
    pub(crate) fn stop(self, outcome: Outcome) -> String {
        let wall = self.began.elapsed().as_secs_f64();
        let cpu = used() - self.used;
        let operations = f64::from(outcome.operations);
        let mut line = format!(
            "n={} ns_per_op={:.2} cpu_ns_per_op={:.2} wall_ms={:.1}",
            outcome.operations,
            wall * 1e9 / operations,
            cpu * 1e9 / operations,
            wall * 1e3,
        );
        let mut add = |name, value| write!(line, " {name}={value:.1}").expect("a string grows");
        if let (Some(before), Some(after)) = (self.used_by_all, used_by_all()) {
            // Less what the count may be off by: a tick on each thread's core.
            let others = after - before - cpu - 2.0 * TICK;
            add("others_pct", (others / wall * 100.0).max(0.0));
        }
        for (name, value) in outcome.figures {
            add(name, value);
        }
        line
    }
}

/// The processor time that this process has used, in seconds.
fn used() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let used = Duration::try_from(used).expect("a process has not run for less than no time");
    used.as_secs_f64()
}

/// In seconds: a hundredth on Linux, whatever the kernel's own clock.
const TICK: f64 = 0.01;

/// The processor time that all processes, and the host of a virtual machine, have used since it started, in seconds. Only
/// Linux says.
fn used_by_all() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let ticks: Vec<f64> = stat
        .lines()
        .next()?
        .split_whitespace()
        .skip(1)
        .take(8) // guests are in what came before
        .filter_map(|field| field.parse().ok())
        .collect();
    let idle = ticks.get(3)? + ticks.get(4)?;
    Some((ticks.iter().sum::<f64>() - idle) * TICK)
}

/// Resident memory of this process, in bytes; 0 where there is no `/proc`.
pub(crate) fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| {
        let size = line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?;
        size.parse::<f64>().ok()
    });
    kilobytes.unwrap_or_default() * 1024.0
}
