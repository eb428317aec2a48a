//! Operations.

pub mod thread;
