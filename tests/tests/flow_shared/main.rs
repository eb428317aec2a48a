//! What several tasks share, of `async_dsl::flow` and what comes and goes: permits, watches, broadcasts, mults, topics, mixes, and what has to do with time.

mod broadcast;
mod mix;
mod mult;
mod pace;
mod permits;
mod ticker;
mod watch;
