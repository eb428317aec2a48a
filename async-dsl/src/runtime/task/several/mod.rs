//! Awaiting several futures at once: [`join`] for a tuple of different ones, [`join_each`] for many of one type.

mod each;
mod tuple;

pub use each::{JoinEach, join_each};
pub use tuple::{Joinable, join};
