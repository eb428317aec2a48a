#![forbid(unsafe_code)]
#![doc = include_str!("links.md")]
#![doc = include_str!("../../README.md")]

pub mod agent;
pub mod alt;
pub mod chan;
#[cfg(all(feature = "console", not(async_dsl_loom)))]
pub mod console;
mod hook;
pub mod inspect;
#[cfg(not(async_dsl_loom))]
pub mod io;
mod macros;
#[cfg(all(feature = "net", not(async_dsl_loom)))]
pub mod net;
pub mod ops;
pub mod prelude;
#[doc(hidden)]
pub mod private;
pub mod promise;
pub mod scheduler;
pub mod sim;
mod sync;
pub mod task;
pub mod time;

pub use macros::{linear, main, test};
pub use scheduler::block_on;
