//! Schedulers: the global one, and those driven by hand.
//!
//! Tasks run on the global scheduler unless they are started inside another one: it starts on first use, with one
//! worker thread per core (`ASYNC_DSL_WORKERS` or [`set_workers`] change that), named `async-dsl-worker-0` and so on. A
//! worker without work waits for timers and sockets. A thread that waits in [`block_on`], or in `main`, runs the tasks that it
//! talks to meanwhile.
//!
//! # Which task runs next
//!
//! Each worker of the global scheduler has a run queue of its own. It runs the task that was woken last, then, in turn, the task
//! that it started last and the one whose wake is the longest ago; every so many turns the oldest of each come first, so that
//! every ready task has its turn, whatever the others do. A task that [yields](crate::task::yield_now), or has used up its
//! budget, goes behind those that were woken. Other workers take half of what waits where turns take long, or where much waits:
//! a task behind a long turn is moved within a millisecond. Tasks with short turns that talk to each other stay together on one
//! core, where they are fastest.
//!
//! A scheduler that is driven by hand has one queue, first in, first out; a simulated one chooses by its seed.
//!
//! # Other schedulers
//!
//! [`Scheduler::manual`] makes one that runs tasks only in calls to [`run_once`](Scheduler::run_once),
//! [`run_until_parked`](Scheduler::run_until_parked) and [`block_on`](Scheduler::block_on), on the calling thread. Time
//! and random choices of a task come from its scheduler, so that a program on a manual one does the same each time.
//!
//! [`Scheduler::virtual_time`] makes one that also has a clock of its own, which jumps to the next timer when every task is parked,
//! so that a test of an hour takes no time:
//!
//! ```
//! use async_dsl::prelude::*;
//! use async_dsl::scheduler::Scheduler;
//!
//! Scheduler::virtual_time().block_on(async_block!({
//!     let c = chan::fixed(1);
//!     go!(|c| {
//!         sleep!(1h);
//!         put!(c, "late").ok();
//!     });
//!     assert_eq!(take!(c, 10min, "nothing yet"), Some("nothing yet"));
//!     assert_eq!(take!(c), Some("late"));
//! }));
//! ```
//!
//! [`Scheduler::simulated`] goes further: which of the ready tasks runs next, and where it is switched away from,
//! follow from a seed. [`sim`](crate::sim) tries many of them.
//!
//! # Beside tokio
//!
//! What needs a tokio runtime, such as `reqwest`, `sqlx` or `tokio::net`, panics in a task without one. With the feature `tokio`
//! `set_tokio` makes every thread that runs tasks enter one, `Scheduler::with_tokio` those that drive a scheduler by hand; the module
//! `compat` has all ways.
//!
//! # After a fork
//!
//! A process that forks after the global scheduler has started leaves its workers behind: the child has only the thread
//! that forked. Tasks started in the child never run, and a thread that waits there, in a `block_on` or a blocking
//! twin, panics with a message instead of hanging for ever. Fork before the first task is started, or let the child
//! start another program at once, as [`std::process::Command`] does. A scheduler that is driven by hand works in the
//! child as long as it need not wait for anything outside: a real timer or a socket.

mod block_on;
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
mod graceful;
mod manual;
mod outside;
mod public;
mod root;
mod shutdown;
mod simulated;
mod threads;
#[cfg(feature = "tokio")]
mod with_tokio;

pub use block_on::block_on;
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
pub use graceful::{run_gracefully, shutdown_token};
pub use outside::Outside;
pub use public::Scheduler;
pub use shutdown::Shutdown;
pub(crate) use simulated::Why;
pub use threads::on_threads;

#[cfg(feature = "tokio")]
pub use crate::runtime::tokio_handle::set_tokio;
pub use crate::runtime::workers::set_workers;
