//! The small composite operations.

pub mod join;
pub mod timeout;
pub mod yield_now;
