//! Operations.

pub mod join;
pub mod thread;
pub mod timeout;
pub mod yield_now;
