//! The broker of a simulated scheduler, in memory.

mod broker;
mod matching;
#[cfg(test)]
mod tests;
