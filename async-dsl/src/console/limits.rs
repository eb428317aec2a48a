//! The limits of an evaluation that can be set.

use std::time::Duration;

/// The limits of each evaluation. The language has its own, which are fixed: 10 million operations, 32 levels of calls,
/// strings of 64 KiB, 4096 elements, 256 variables, 64 functions.
///
/// # Examples
///
/// ```
/// use async_dsl::console::{Exports, Limits, Session};
/// use std::time::Duration;
///
/// let limits = Limits::default().deadline(Duration::from_millis(100));
/// let mut session = Session::with_limits(&Exports::new(), limits)?;
/// let answer = session.eval_blocking("while true {}");
/// assert_eq!(answer.result(), Err("stopped: not done within 100ms"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(super) deadline: Duration,
    pub(super) output: usize,
    pub(super) memory: Option<usize>,
}

impl Default for Limits {
    /// Returns 5 seconds, 64 KiB of output, 32 MiB of memory.
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(5),
            output: 64 * 1024,
            memory: Some(32 * 1024 * 1024),
        }
    }
}

impl Limits {
    /// Sets how long an evaluation may take, waits in `take` and `put` included; at most a day.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline.min(Duration::from_secs(24 * 60 * 60));
        self
    }

    /// Sets how many bytes an evaluation may print. The rest is left out.
    #[must_use]
    pub fn output(mut self, bytes: usize) -> Self {
        self.output = bytes;
        self
    }

    /// Sets by how much the memory of *the process* may grow while an evaluation runs; `None` is no limit.
    ///
    /// This is the last line of defence, behind the limits on each value. An evaluation is also stopped if the program
    /// itself grows that much meanwhile: then set a larger number. On systems that do not report a process's memory
    /// (Linux, macOS and Windows do), there is no such limit.
    #[must_use]
    pub fn memory(mut self, bytes: Option<usize>) -> Self {
        self.memory = bytes;
        self
    }
}
