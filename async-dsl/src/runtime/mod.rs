//! What runs, where, and by which clock: tasks and their schedulers, with what a poll leaves to be seen.
//!
//! The lowest floor: it imports nothing that stands above it in `lib.rs`, and knows neither channels nor `alt!`. One call
//! goes up: the first task of the global scheduler starts the thread that watches it, [`inspect::start_watch`]
//! (`worker::start`). A test reads the `use` lines (`tests/floors.rs`).
//!
//! [`inspect::start_watch`]: crate::inspect::start_watch

/// Whether this build inspects. It does, except where that would change what is measured or model-checked.
pub(crate) const INSPECTS: bool = cfg!(not(any(async_dsl_loom, async_dsl_no_inspect)));

pub(crate) mod block;
pub(crate) mod blocked;
pub(crate) mod budget;
pub(crate) mod caught;
pub(crate) mod clock;
pub(crate) mod explore;
pub(crate) mod forked;
pub(crate) mod handle;
pub(crate) mod held;
pub(crate) mod hook;
pub(crate) mod id;
pub(crate) mod left;
pub(crate) mod linger;
pub(crate) mod listing;
#[cfg(not(any(async_dsl_loom, async_dsl_shuttle, async_dsl_no_unsafe)))]
pub(crate) mod lock;
#[cfg(any(async_dsl_loom, async_dsl_shuttle, async_dsl_no_unsafe))]
#[path = "lock/safe.rs"]
pub(crate) mod lock;
#[cfg(all(test, async_dsl_loom))]
#[path = "lock.rs"]
mod lock_of_ours;
#[cfg(not(any(async_dsl_loom, async_dsl_no_inspect)))]
pub(crate) mod note;
#[cfg(any(async_dsl_loom, async_dsl_no_inspect))]
#[path = "off.rs"]
pub(crate) mod note;
pub(crate) mod object;
pub(crate) mod place;
pub(crate) mod poll_end;
pub(crate) mod queue;
pub(crate) mod registry;
pub(crate) mod row;
pub(crate) mod running;
pub(crate) mod schedule;
pub(crate) mod schedulers;
pub(crate) mod simulated;
pub(crate) mod slot;
pub(crate) mod spawn;
pub(crate) mod sync;
pub(crate) mod table;
pub(crate) mod task;
pub(crate) mod tick;
pub mod time;
#[cfg(feature = "tokio")]
pub(crate) mod tokio_handle;
pub(crate) mod tracked;
pub(crate) mod turn;
pub(crate) mod users;
pub(crate) mod wake;
pub(crate) mod word;
pub(crate) mod worker;
pub(crate) mod workers;
