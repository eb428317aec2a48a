//! Queues of RabbitMQ as channels: `put!`, `take!` and `alt!` across machines.
//!
//! # How it is built
//!
//! Words see local channels only. Behind them two pumps, tasks of the user's scheduler, talk to the broker over a `Wire`
//! (`wire.rs`): a real one, or one that is simulated.

#![allow(dead_code)] // until the pumps use it

mod message;
mod wire;

pub use message::MessageId;
