//! Small operations that are built from others: waiting for several, time limits, threads, yielding.

pub mod join;
pub mod thread;
pub mod timeout;
pub mod yield_now;
