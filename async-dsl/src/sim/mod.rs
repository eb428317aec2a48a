//! Simulation: a program under many schedules, and the failing one again.
//!
//! A test that fails once in a thousand runs fails because of the order in which its tasks ran. Here that order is chosen,
//! and follows from a seed. [`check`] tries many orders; if one fails, it is shrunk to the few switches that matter, and
//! printed with its [`Seed`], under which the program fails every time. `#[async_dsl::test]` runs every test so;
//! [`Scheduler::simulated`](crate::scheduler::Scheduler::simulated) is the scheduler underneath.
//!
//! # A flaky test becomes a seed
//!
//! `#[async_dsl::test]` runs a test under one schedule, the same each time; `seeds = 1000` tries a thousand. On real threads this
//! test passes most of the time:
//!
//! ```
//! use async_dsl::prelude::*;
//!
//! #[async_dsl::test(seeds = 1000)]
//! async fn no_deposit_is_lost() {
//!     let balance = chan::fixed(1);
//!     put!(balance, 0).unwrap();
//!     let deposits = [10, 20].map(|amount| {
//!         go!(|balance| {
//!             let before = take!(balance).unwrap(); // look,
//!             put!(balance, before).unwrap();
//!             take!(balance); // and later write
//!             put!(balance, before + amount).unwrap();
//!         })
//!     });
//!     for deposit in deposits {
//!         deposit.await;
//!     }
//!     assert_eq!(take!(balance), Some(30));
//! }
//! ```
//!
//! The order that fails is found, shrunk, and shown with the words that each task went over:
//!
//! ```text
//! failed under schedule 1 of 1000, panicked at tests/deposits.rs:18:5: assertion `left == right` failed
//!   left: Some(20)
//!  right: Some(30)
//!
//! to run it again:  ASYNC_DSL_SEED=0
//! in short:         ASYNC_DSL_SEED=plan:1.3-2
//!
//! 4 switches instead of 10, after 38 more runs:
//!   1. the program itself, tests/deposits.rs:3
//!           6  put!(balance, 0)
//!           8  starts task 1
//!           8  starts task 2
//!          16  deposit.await                        ← waits for task 1
//!   2. task 1, started at tests/deposits.rs:8
//!           9  take!(balance)
//!          10  put!(balance, before)
//!          11  take!(balance)                       ← switched away from, before this
//!   3. task 2, started at tests/deposits.rs:8
//!           9  take!(balance)
//!          10  put!(balance, before)
//!          11  take!(balance)
//!          12  put!(balance, before + amount)       ← ends after this
//!   4. task 1, started at tests/deposits.rs:8
//!          11  take!(balance)
//!          12  put!(balance, before + amount)       ← ends after this
//!   5. the program itself, tests/deposits.rs:3
//!          16  deposit.await
//!          18  take!(balance)
//! ```
//!
//! `ASYNC_DSL_SEED=plan:1.3-2 cargo test no_deposit_is_lost` fails every time, on every machine; with
//! `#[async_dsl::test(seed = "plan:1.3-2")]` the test keeps it. `ASYNC_DSL_SEEDS=1000 cargo test` tries a thousand schedules of
//! every simulated test. [`check`] does the same without the attribute.
//!
//! # Every schedule
//!
//! Under `#[async_dsl::test(exhaustive)]` a small program is proved: it runs under every schedule that can differ. See
//! [`exhaustive`], and [`outcomes`] for all that a program can end with.
//!
//! # How schedules are chosen
//!
//! At random, and by probabilistic concurrency testing ([Burckhardt et al., ASPLOS
//! 2010](https://dl.acm.org/doi/10.1145/1736020.1736040)), by turns: see [`Strategy`]. Of the five classic bugs in
//! `cargo run -p async-dsl-examples --example bug_gallery`, ABA took random choice 270 seeds and probabilistic concurrency testing
//! 19 (medians of 21 series; `cargo test --release -p async-dsl-tests --test gallery -- --ignored --nocapture`).
//!
//! # What is simulated
//!
//! - **The order of the tasks.** They are switched at words only; code between two words happens at once, as far as other tasks
//!   can see. So a data race between two plain statements is for other tools, and so are the orders within one operation, where a
//!   waker or a drop runs while another thread is half-way through the same channel; those of this library itself are tested by
//!   its models and its sweep.
//! - **Time** is virtual: the clock moves on to the next timer when every task is parked, so that a sleep of an hour takes no time.
//! - **The network**: [`net::tcp`](self::net) is in memory, with delays, split reads and lost connections drawn from the seed.
//!
//! A deadlock fails the test at once, and so do a test that does not end, and a panic that no task awaits, unless the
//! test expects that: `#[async_dsl::test(unawaited_panics = allow)]`. What cannot be simulated, `thread!` and real
//! sockets, panics and names its line; `#[async_dsl::test(threads = 2)]` runs a test on real threads, in real time.

mod cell;
mod check;
#[cfg(all(test, not(any(async_dsl_loom, async_dsl_shuttle))))]
mod commutes;
mod config;
mod display;
mod exhaust;
pub mod exhaustive;
mod failing;
mod failure;
#[cfg(all(feature = "net", not(async_dsl_loom)))]
pub mod net;
mod outcomes;
mod quiet;
mod report;
mod run;
mod shrink;
mod source;
pub(crate) mod test;
mod verdict;

pub use cell::{Cell, touch};
pub use check::{check, trace};
pub use config::Config;
pub use failure::{Cause, Failure};
#[doc(hidden)]
pub use outcomes::outcomes_by;
pub use outcomes::{Outcomes, outcomes};
pub use report::{Exhausted, Report};
pub use verdict::Verdict;

pub use crate::runtime::schedule::seed::{NoSeed, Seed};
pub use crate::runtime::schedule::strategy::Strategy;
pub use crate::runtime::schedule::trace::Trace;
