#![forbid(unsafe_code)]
#![doc = include_str!("../../README.md")]

pub mod agent;
pub mod alt;
pub mod chan;
pub mod inspect;
mod macros;
pub mod ops;
pub mod prelude;
#[doc(hidden)]
pub mod private;
pub mod promise;
pub mod scheduler;
mod sync;
pub mod task;
pub mod time;

pub use macros::{linear, main, test};
pub use scheduler::block_on;
