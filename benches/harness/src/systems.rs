//! The systems: which runtime with which channels, and which workloads each has.

use crate::channels::{AsyncChannel, Flume, Kanal, Tachyonix, Tokio as TokioMpsc};
use crate::ours::{Dsl, DslChannels, Fresh, Kept};
use crate::runtimes::{Smol, SmolLocal, SmolStatic, Tokio};
use crate::workloads::{self, Workload};

/// Runs one workload, of `n` operations.
type Run = fn(&str, u32) -> Option<String>;

pub(crate) struct System {
    /// `runtime/channels`.
    pub(crate) name: &'static str,
    pub(crate) has_threads: bool,
    pub(crate) run: Run,
}

macro_rules! systems {
    ($($name:literal => $runtime:ty, $channels:ty, $has_threads:expr;)*) => {
        &[$(System { name: $name, has_threads: $has_threads, run: workloads::run::<$runtime, $channels> }),*]
    };
}

/// With two threads, or with one. `kept` is `dsl` with a set of takers for a choice.
pub(crate) const SYSTEMS: &[System] = systems! {
    "dsl-mt/dsl" => Dsl<true>, DslChannels<Fresh>, true;
    "dsl-mt/kept" => Dsl<true>, DslChannels<Kept>, true;
    "tokio-mt/tokio" => Tokio<true>, TokioMpsc, true;
    "tokio-mt/kanal" => Tokio<true>, Kanal, true;
    "tokio-mt/flume" => Tokio<true>, Flume, true;
    "tokio-mt/tachyonix" => Tokio<true>, Tachyonix, true;
    "smol-mt/async-channel" => Smol, AsyncChannel, true;
    "smol-static/async-channel" => SmolStatic, AsyncChannel, true;
    "smol-static/kanal" => SmolStatic, Kanal, true;
    "dsl-ct/dsl" => Dsl<false>, DslChannels<Fresh>, false;
    "dsl-ct/kept" => Dsl<false>, DslChannels<Kept>, false;
    "tokio-ct/tokio" => Tokio<false>, TokioMpsc, false;
    "tokio-ct/kanal" => Tokio<false>, Kanal, false;
    "tokio-ct/flume" => Tokio<false>, Flume, false;
    "tokio-ct/tachyonix" => Tokio<false>, Tachyonix, false;
    "smol-local/async-channel" => SmolLocal, AsyncChannel, false;
    "smol-local/kanal" => SmolLocal, Kanal, false;
    "smol-local/flume" => SmolLocal, Flume, false;
};

impl System {
    pub(crate) fn is_ours(&self) -> bool {
        self.runtime().starts_with("dsl")
    }

    fn runtime(&self) -> &'static str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// Whether it can do the workload, and does not do just the same as another system.
    pub(crate) fn has(&self, workload: &Workload) -> bool {
        if self.name.ends_with("/kept") {
            return workload.name.starts_with("select");
        }
        if !workload.has_channels {
            // A runtime by itself: under the name of the first of its channels.
            let first = SYSTEMS.iter().find(|s| s.runtime() == self.runtime());
            return first.is_some_and(|first| first.name == self.name);
        }
        !(self.name.ends_with("/tachyonix") && workload.name == "spsc_unbounded")
    }
}
