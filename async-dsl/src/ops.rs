//! Names of before, for programs that have them. They go with 0.1.
#![allow(missing_docs)]

pub mod join {
    pub use crate::task::{JoinEach, Joinable, join, join_each};
}

pub mod thread {
    pub use crate::task::spawn_thread;
}

pub mod timeout {
    pub use crate::time::{Elapsed, Timeout, timeout};
}

pub mod yield_now {
    pub use crate::task::{YieldNow, yield_now};
}
