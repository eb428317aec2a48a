//! The network: connections that `take!`, `put!` and `alt!` accept like channels, and servers of linear code.
//!
//! A [`Conn`] is a socket as a channel of frames: raw [`Chunks`], [`Lines`], or those of a codec. Taking gives `None` at
//! the peer's clean end and an [`Error`] that is distinct from it; putting waits for the socket, so that a slow reader
//! slows its writer down. No task stands behind a connection: an operation does its own reading and writing, and one
//! that loses in an `alt!`, or is dropped, loses no byte.
//!
//! - [`tcp`]: connecting, listening, serving over TCP.
//! - [`unix`]: the same over Unix sockets.
//!
//! # Examples
//!
//! ```
//! use async_dsl::prelude::*;
//! use async_dsl::net::{Lines, tcp};
//!
//! # fn main() -> std::io::Result<()> {
//! # async_dsl::block_on(async_block!(|| -> std::io::Result<()> {
//! let listener = tcp::listen(("127.0.0.1", 0)).await?;
//! let address = listener.local_addr()?;
//! go!(|| -> std::io::Result<()> {
//!     let conn = listener.accept().await?.framed(Lines::new());
//!     while let Some(line) = take!(conn).transpose()? {
//!         put!(conn, line.to_uppercase())?;
//!     }
//!     Ok(())
//! });
//!
//! let conn = tcp::connect(address).await?.framed(Lines::new());
//! put!(conn, "hello".to_string())?;
//! assert_eq!(take!(conn).transpose()?.as_deref(), Some("HELLO"));
//! # Ok(())
//! # }))
//! # }
//! ```
//!
//! # Time
//!
//! Every time limit goes by the clock of the current scheduler. While a task waits for a socket, a virtual clock is not
//! skipped faster than real time, because what comes from outside goes by that; `Scheduler::advance` moves it at once.

mod alarm;
mod conn;
mod error;
mod framing;
mod input;
mod link;
mod listener;
mod operations;
mod output;
mod parked;
mod put;
mod raw;
mod reserve;
mod server;
pub(crate) mod simulated;
mod slots;
mod stream;
mod take;
pub mod tcp;
mod transport;
mod turns;
#[cfg(unix)]
pub mod unix;
mod wind_up;

pub use conn::{Conn, ConnPutter, ConnTaker};
pub use error::{Error, Limit, PutError};
#[cfg(feature = "codec")]
pub use framing::Codec;
pub use framing::{Chunks, Framing, Lines};
#[cfg(feature = "console")]
pub(crate) use link::Link;
pub(crate) use listener::Accepts;
pub use listener::{Accept, Listener};
pub use put::{Put, PutFor};
#[doc(hidden)]
pub use raw::{PermitRaw, Raw, ReserveRaw};
pub use reserve::{Permit, Reserve};
pub use server::{
    Counters, FailedHandler, Options, Outcome, Server, ServerShutdown, on_failed_handler,
};
pub use take::Take;
pub(crate) use transport::Transport;
