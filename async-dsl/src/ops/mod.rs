//! The small composite operations.

pub mod thread;
pub mod timeout;
