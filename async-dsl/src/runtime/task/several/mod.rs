//! Awaiting several things at once: [`join`] for a handful of different ones, [`join_each`] for many of a kind.

mod each;
mod tuple;

pub use each::{JoinEach, join_each};
pub use tuple::{Joinable, join};
