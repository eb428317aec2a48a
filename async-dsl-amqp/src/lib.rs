//! Queues of RabbitMQ as channels: `put!`, `take!` and `alt!` across machines.
//!
//! # How it is built
//!
//! Words see local channels only. Behind them two pumps, tasks of the user's scheduler, talk to the broker over a `Wire`
//! (`wire.rs`): a real one (`lapin/`), or on a simulated scheduler one in memory.

#![forbid(unsafe_code)]
#![allow(clippy::doc_markdown)] // RabbitMQ is a name, not code
#![allow(dead_code)] // until the pumps use it

mod lapin;
mod message;
pub mod node;
mod queue;
mod sim;
mod wire;

pub use message::MessageId;
