//! Every workload, written once for all runtimes and channels. Each checks what it computes.

mod messages;
mod outside;
mod tasks;

use crate::channels::Channels;
use crate::meter::{Meter, Outcome};
use crate::runtimes::Runtime;

pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// How many operations it does to be measured, and to be checked; of the sieve, how many primes.
    pub(crate) full: u32,
    pub(crate) short: u32,
    /// Whether it says anything about channels, and not of the runtime alone.
    pub(crate) has_channels: bool,
}

const fn channels(name: &'static str, full: u32, short: u32) -> Workload {
    Workload {
        name,
        full,
        short,
        has_channels: true,
    }
}

const fn runtime(name: &'static str, full: u32, short: u32) -> Workload {
    Workload {
        has_channels: false,
        ..channels(name, full, short)
    }
}

/// The fourteen, and the two in which the body of `main` is a party.
pub(crate) const WORKLOADS: &[Workload] = &[
    runtime("spawn_join", 2_000_000, 2_000),
    channels("parked", 1_000_000, 500),
    runtime("parked_bare", 1_000_000, 500),
    channels("pingpong", 4_000_000, 2_000),
    channels("spsc_bounded", 20_000_000, 5_000),
    channels("spsc_unbounded", 20_000_000, 5_000),
    channels("mpmc_bounded", 10_000_000, 5_000),
    channels("ring", 4_000_000, 2_000),
    channels("skynet", 1_000_000, 1_000),
    channels("select10", 4_000_000, 2_000),
    channels("select100", 4_000_000, 2_000),
    channels("prime_sieve", 2_000, 60),
    runtime("timers", 100_000, 300),
    runtime("tcp_echo", 200_000, 640),
    runtime("main_spawn_join", 100_000, 200),
    channels("main_pingpong", 200_000, 200),
];

/// Runs one and returns its figures, or `None` if there is none of that name.
pub(crate) fn run<R: Runtime, C: Channels>(workload: &str, n: u32) -> Option<String> {
    macro_rules! measured {
        ($how:ident: $workload:expr) => {
            R::$how(async move {
                let meter = Meter::start();
                let outcome = $workload.await;
                meter.stop(Outcome::from(outcome))
            })
        };
    }
    Some(match workload {
        "spawn_join" => measured!(run: tasks::spawn_join::<R>(n)),
        "parked" => measured!(run: tasks::parked::<R, C>(n)),
        "parked_bare" => measured!(run: tasks::parked_bare::<R>(n)),
        "pingpong" => measured!(run: messages::pingpong::<R, C>(n)),
        "spsc_bounded" => measured!(run: messages::spsc::<R, _, _>(n, C::bounded(100))),
        "spsc_unbounded" => measured!(run: messages::spsc::<R, _, _>(n, C::unbounded())),
        "mpmc_bounded" => measured!(run: messages::mpmc::<R, C>(n)),
        "ring" => measured!(run: messages::ring::<R, C>(n)),
        "skynet" => measured!(run: tasks::skynet::<R, C>(n)),
        "select10" => measured!(run: messages::select::<R, C>(n, 10)),
        "select100" => measured!(run: messages::select::<R, C>(n, 100)),
        "prime_sieve" => {
            let primes = messages::Primes::first(n);
            measured!(run: messages::prime_sieve::<R, C>(primes))
        }
        "timers" => measured!(run: outside::timers::<R>(n)),
        "tcp_echo" => measured!(run: outside::tcp_echo::<R>(n)),
        "main_spawn_join" => measured!(block_on: tasks::spawn_join_each::<R>(n)),
        "main_pingpong" => measured!(block_on: messages::pingpong::<R, C>(n)),
        _ => return None,
    })
}

/// The sum of the numbers below `n`.
fn sum_below(n: u32) -> u64 {
    let n = u64::from(n);
    n * n.saturating_sub(1) / 2
}
