//! Classic concurrency bugs, each with its correct twin: small programs in which simulation finds the bug.
//!
//! Every one of them works most of the time, and all of them pass when their tasks run one after the other.
#![allow(clippy::missing_panics_doc)] // panicking is their purpose

pub mod aba;
pub mod lost_update;
pub mod missed_wake_up;
pub mod starving_select;
pub mod two_locks;
