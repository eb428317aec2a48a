//! A small HTTP/1.1 client: what `http_get` and `fetch_all` are made of.
//!
//! One request a connection, answered in full or refused. Whatever a server sends, the answer is a [`Response`] or an
//! [`Error`], in bounded memory and bounded time ([`Limits`]).
//!
//! Everything past the connection is generic over `AsyncRead` and `AsyncWrite`, and so is tested in memory.

mod body;
mod chunked;
mod client;
mod connect;
mod error;
mod head;
mod incoming;
mod target;

pub use body::Framing;
pub use chunked::read_chunked;
pub use client::{Client, Limits, Method, Response};
pub use connect::Trust;
pub use error::{Doing, Error};
pub use head::{Head, read_head};
pub use incoming::Incoming;
pub use target::Target;
