//! Awaiting several futures at once: [`join`] for a tuple of different ones, [`join_each`] for many of one type; those that end
//! with the first error, and with the first output.

/// Calls a macro for each length of a tuple, with the name of its future.
macro_rules! lengths {
    ($of:ident: [$($before:tt)*]) => {};
    ($of:ident: [$($before:tt)*] ($Join:ident: $($next:tt)*) $($more:tt)*) => {
        $of! { $Join: $($before)* $($next)*, }
        lengths! { $of: [$($before)* $($next)*,] $($more)* }
    };
}

mod attempt;
mod each;
mod race;
mod same;
mod tuple;

pub use attempt::TryJoinable;
pub(crate) use each::try_join_each;
pub use each::{JoinEach, TryJoinEach, join_each};
pub(crate) use race::race_each;
pub use race::{RaceEach, Raceable};
pub use same::{Attempts, Futures, SameErrors, SameOutputs};
pub use tuple::{Joinable, join};
