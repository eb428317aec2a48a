#![deny(unsafe_code)] // except in `runtime/lock.rs`
#![cfg_attr(async_dsl_no_unsafe, forbid(unsafe_code))]
#![doc = include_str!("links.md")]
#![doc = include_str!("../../README.md")]

#[doc(hidden)]
pub mod __private;
pub mod agent;
pub mod alt;
pub mod chan;
mod commit;
#[cfg(feature = "tokio")]
pub mod compat;
#[cfg(all(feature = "console", not(async_dsl_loom)))]
pub mod console;
pub mod flow;
mod group;
pub mod inspect;
#[cfg(not(async_dsl_loom))]
pub mod io;
mod macros;
#[cfg(all(feature = "net", not(async_dsl_loom)))]
pub mod net;
#[deprecated(
    note = "what it had is in `time` (`timeout`, `Elapsed`) and in `task` (`join`, `join_each`, `spawn_thread`, `yield_now`)"
)]
#[doc(hidden)]
pub mod ops;
pub mod prelude;
pub mod promise;
mod runtime;
pub mod scheduler;
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
pub mod signal;
pub mod sim;
pub mod task;

pub use macros::{linear, main, test};
pub use runtime::time;
pub use scheduler::block_on;
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
pub use scheduler::shutdown_token;
