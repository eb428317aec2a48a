//! What this thread is doing: which scheduler it works for, which task it polls.
use std::panic::Location;

/// Panics, naming both lines, if this thread is polling a task: a blocking call there stops a worker.
pub(crate) fn assert_may_block(_what: &str, _at: &'static Location<'static>) {}

/// The line that started the task being polled on this thread.
pub(crate) fn current_task() -> Option<&'static Location<'static>> {
    None
}
