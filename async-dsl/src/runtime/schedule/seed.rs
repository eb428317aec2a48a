//! The name of one schedule, by which it can be run again.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::runtime::schedule::plan::Plan;

/// The name of one schedule: a failing run prints it, and with it in `ASYNC_DSL_SEED` the same schedule is run again.
///
/// It is written as a number (random choice with that seed), as `pct:seed:depth:steps` (probabilistic concurrency
/// testing), or as `plan:` and the choices themselves, as for a shrunk schedule. The same program under the same seed does
/// the same, on every machine.
///
/// ```
/// use async_dsl::sim::Seed;
///
/// let seed: Seed = "17".parse().unwrap();
/// assert_eq!(seed, Seed::from(17));
/// assert_eq!(seed.to_string(), "17");
/// assert!("seventeen".parse::<Seed>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Seed(pub(crate) Kind);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Kind {
    Uniform(u64),
    Pct { seed: u64, depth: u32, steps: u64 },
    Plan(Plan),
}

impl From<u64> for Seed {
    /// Returns the schedule of random choice with this seed.
    fn from(seed: u64) -> Self {
        Self(Kind::Uniform(seed))
    }
}

impl From<Plan> for Seed {
    fn from(plan: Plan) -> Self {
        Self(Kind::Plan(plan))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Uniform(seed) => seed.fmt(f),
            Kind::Pct { seed, depth, steps } => write!(f, "pct:{seed}:{depth}:{steps}"),
            Kind::Plan(plan) => write!(f, "plan:{plan}"),
        }
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seed({self})")
    }
}

impl FromStr for Seed {
    type Err = NoSeed;

    fn from_str(text: &str) -> Result<Self, NoSeed> {
        parse(text.trim()).map(Self).ok_or_else(|| NoSeed {
            text: text.chars().take(80).collect(),
        })
    }
}

fn parse(text: &str) -> Option<Kind> {
    if let Some(plan) = text.strip_prefix("plan:") {
        return plan.parse().ok().map(Kind::Plan);
    }
    let Some(parts) = text.strip_prefix("pct:") else {
        return text.parse().ok().map(Kind::Uniform);
    };
    let mut parts = parts.split(':');
    let kind = Kind::Pct {
        seed: parts.next()?.parse().ok()?,
        depth: parts.next()?.parse().ok()?,
        steps: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(kind)
}

/// The error of a text that is not a seed.
///
/// ```
/// let error = "seventeen".parse::<async_dsl::sim::Seed>().unwrap_err();
/// assert!(error.to_string().contains("seventeen"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoSeed {
    text: String,
}

impl fmt::Display for NoSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is no seed: it is a number, `pct:seed:depth:steps` or `plan:…`, as a failing test prints it",
            self.text
        )
    }
}

impl Error for NoSeed {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_read_as_it_is_written() {
        for text in [
            "0",
            "17",
            "pct:3:2:100",
            "plan:",
            "plan:0.3-2,1.0=1",
            "plan:+,0.3+2",
        ] {
            assert_eq!(text.parse::<Seed>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_seed_is_an_error() {
        for wrong in [
            "",
            "-1",
            "pct:1:2",
            "pct:1:2:3:4",
            "pct:a:2:3",
            "plan:x",
            "plan",
        ] {
            assert!(wrong.parse::<Seed>().is_err(), "{wrong}");
        }
    }
}
