//! The small composite operations.

pub mod timeout;
