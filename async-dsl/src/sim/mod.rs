//! Simulation: a program under many schedules, and the failing one again.
//!
//! A test that fails once in a thousand runs fails because of the order in which its tasks ran. Here that order is chosen,
//! and follows from a seed. [`check`] tries many orders; if one fails, it is shrunk to the few switches that matter, and
//! printed with its [`Seed`], under which the program fails every time. `#[async_dsl::test]` runs every test so;
//! [`Scheduler::simulated`](crate::scheduler::Scheduler::simulated) is the scheduler underneath.
//!
//! The choices are made at random, or by probabilistic concurrency testing: see [`Strategy`]. Tasks are switched at the
//! words only; code between two words happens at once, as far as other tasks can see.
//!
//! Time is simulated, too: it moves on to the next timer when everything is parked, so that an hour takes no time.

mod check;
mod config;
mod display;
mod failure;
#[cfg(all(feature = "net", not(async_dsl_loom)))]
pub mod net;
mod quiet;
mod run;
mod shrink;
mod source;
mod test;
mod verdict;

pub use check::{Report, check, trace};
pub use config::Config;
pub use failure::{Cause, Failure};
#[doc(hidden)]
pub use test::Test;
pub use verdict::Verdict;

pub use crate::runtime::schedule::seed::{NoSeed, Seed};
pub use crate::runtime::schedule::strategy::Strategy;
pub use crate::runtime::schedule::trace::Trace;
