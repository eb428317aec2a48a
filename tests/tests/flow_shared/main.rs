//! What several tasks share, of `async_dsl::flow`: permits, watches, broadcasts.

mod broadcast;
mod permits;
mod watch;
