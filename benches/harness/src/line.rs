//! What is printed of a run: `workload=… system=… n=… ns_per_op=…` and so on, in one line.

use std::collections::HashMap;

/// A run is quiet if others used at most so many per cent of a core meanwhile.
const QUIET_PCT: f64 = 10.0;

pub(crate) struct Line {
    pub(crate) workload: String,
    pub(crate) system: String,
    figures: HashMap<String, f64>,
}

impl Line {
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let fields: HashMap<&str, &str> = line
            .split_whitespace()
            .filter_map(|field| field.split_once('='))
            .collect();
        let number =
            |(name, value): (&&str, &&str)| Some(((*name).to_owned(), value.parse().ok()?));
        Some(Self {
            workload: (*fields.get("workload")?).to_owned(),
            system: (*fields.get("system")?).to_owned(),
            figures: fields.iter().filter_map(number).collect(),
        })
    }

    pub(crate) fn figure(&self, name: &str) -> Option<f64> {
        self.figures.get(name).copied()
    }

    /// How much of a core others used; `None` where the system does not say.
    pub(crate) fn others(&self) -> Option<f64> {
        self.figure("others_pct")
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.others().is_none_or(|others| others <= QUIET_PCT)
    }
}
