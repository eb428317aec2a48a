//! The HTTP client of the examples, and the programs made of it.
//!
//! What needs no socket is tested in memory: the client's readers take any stream of bytes.

mod body;
mod bytes;
mod head;
mod memory;
