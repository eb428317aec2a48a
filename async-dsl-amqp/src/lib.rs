//! Queues of RabbitMQ as channels: `put!`, `take!` and `alt!` across machines.
//!
//! **Not usable yet.** What is here: [`node`], a broker for tests that starts by itself and ends with its handle; and, not public, what
//! the rest is made of: connections to a real broker on our own scheduler, and a model of a broker for simulations. The words, and
//! the pumps behind them, are missing.
//!
//! # How it is built
//!
//! Words will see local channels only. Behind them two pumps, tasks of the user's scheduler, talk to the broker over a `Wire`
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
