//! Procedural macros of `async-dsl`. Use them through that crate.
#![forbid(unsafe_code)]
