//! The HTTP client of the examples, and the programs made of it.
//!
//! What needs no socket is tested in memory: the client's readers take any stream of bytes.

mod body;
mod bytes;
mod fetch;
mod get;
mod head;
mod load;
mod memory;
mod programs;
mod redirects;
mod running;
mod scripted;
mod server;
mod target;
mod tls;
mod tools;
