//! The network of a simulated scheduler, in memory. [`sim::net`](crate::sim::net) is its public side.
//!
//! It stands here, below the schedulers that own it, because connecting and listening ask for it first.

mod network;
mod pipe;

use std::time::Duration;

pub(super) use network::here;

/// How the connections of a simulated network behave.
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::sim::{self, Config, net::Links};
/// use std::time::Duration;
///
/// let program = || async_block!({
///     Links::new().delay(Duration::from_secs(1)).lost(20).set();
///     // … a server and clients that must survive this …
/// });
/// sim::check(&Config::new(), program).unwrap();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Links {
    pub(super) delay: Duration,
    pub(super) lost: u32,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            delay: Duration::from_millis(10),
            lost: 0,
        }
    }
}

impl Links {
    /// Returns delays of up to ten milliseconds, partial reads and writes, and no losses.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the longest delay until a write arrives, drawn for each write; writes never overtake each other.
    #[must_use]
    pub fn delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Loses the connection in one write of `lost`: both sides get an error. 0 is never.
    #[must_use]
    pub fn lost(self, lost: u32) -> Self {
        Self { lost, ..self }
    }

    /// Applies these to all connections of the current simulation from now on.
    ///
    /// # Panics
    ///
    /// If the current scheduler is not a simulated one.
    #[track_caller]
    pub fn set(self) {
        match here() {
            Some(network) => network.set(self),
            None => panic!("only a simulated scheduler has a simulated network"),
        }
    }
}
