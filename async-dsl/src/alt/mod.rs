//! Waiting for whichever of several operations is ready first.
//!
//! `alt!` commits exactly one operation and leaves every other one untouched. It claims its partner first and
//! moves the value second, under one commit flag that all its arms share, so no arm can win after another
//! has, and a loser has nothing that could be lost.
//!
//! The protocol is core.async's (a handler with a shared flag, flags locked in a fixed order), with two
//! changes: a put arm evaluates its value only after it has won, and a losing arm leaves its channel's line
//! at once instead of being swept later.

mod arms;
mod cancel_safe;
mod future;
mod list;
mod order;
mod polled;

pub use arms::{Absent, Arm, Arms, Choice, End, OrDefault};
pub use cancel_safe::{CancelSafe, Lent, cancel_safe};
pub use future::Alt;
pub use list::{Alts, NoOperations, alts};
pub use polled::Polled;

#[doc(inline)]
pub use crate::commit::{CanLose, Operation};
