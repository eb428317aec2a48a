//! Tasks that belong together, and what tells them to end. Users see it in [`task`](crate::task).

mod core;
mod ended;
pub(crate) mod held;
pub(crate) mod inspected;
mod many;
#[cfg(all(test, async_dsl_loom))]
mod models;
mod run;
pub(crate) mod scope;
mod start;
pub(crate) mod supervise;
mod take;
pub(crate) mod token;
mod waiters;

pub use many::{CancelAll, Group};
pub use scope::{Scope, StartInScope};
pub use start::Start;
pub use take::Take;

pub(crate) use inspected::{Kind, living};
