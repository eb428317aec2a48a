//! Many tasks at once, every value accounted for. The full sizes run with
//! `cargo test -p async-dsl-tests --release --test stress -- --ignored`; random programs run as long as
//! `ASYNC_DSL_STRESS_SECONDS` says.

mod act;
mod blocks;
mod linger;
mod program;
mod programs;
mod run;
mod tally;
