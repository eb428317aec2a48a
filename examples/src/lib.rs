//! Example programs of `async-dsl`; run one with `cargo run -p async-dsl-examples --example NAME`.

pub mod http;
