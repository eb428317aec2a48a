//! Tasks: `go!` starts one; here is how to wait for it, stop it, or learn that it panicked.
//!
//! ```
//! use async_dsl::prelude::*;
//!
//! async_dsl::block_on(async {
//!     let task = go!({
//!         sleep!(1ms);
//!         6 * 7
//!     });
//!     assert_eq!(task.await, 42);
//!
//!     // A panic is an outcome; one that no task awaits is reported with the line that started the task.
//!     let outcome = go!(if true { panic!("no luck") }).outcome().await;
//!     assert!(outcome.unwrap_err().to_string().contains("no luck"));
//!
//!     let task = go!({
//!         sleep!(1h);
//!         6 * 7
//!     });
//!     assert_eq!(task.cancel().await, None);
//! });
//! ```
//!
//! **Dropping a [`Task`] detaches it**: it runs on. This is as in tokio and Go, and unlike smol, where it cancels.
//!
//! # Cancelling
//!
//! [`Task::cancel`] stops a task at its next parking point; [`Task::canceller`] returns a handle with which other tasks can
//! do so while the task is awaited, and the awaiter gets [`Cancelled`](TaskError::Cancelled). A task stops where it parks:
//! a cancellation past its last parking point comes too late, and the task's output is there, with the values in it.
//!
//! A [`Group`] is a number of tasks, to be started, awaited and cancelled together. A [`CancelToken`] says to many tasks at once that they should end, and lets each do so in its own way.

pub use crate::group::token::{CancelGuard, CancelToken, Cancelled};
pub use crate::group::{CancelAll, Group, Scope, Start, StartInScope, Take};
pub use crate::runtime::task::{
    Cancel, Canceller, JoinEach, Joinable, Joining, Outcome, Task, TaskError, TaskPanic, YieldNow,
    join, join_each, on_unobserved_panic, spawn_thread, yield_now,
};
