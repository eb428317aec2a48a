//! The network of a simulated scheduler: in memory, with delays, split reads and lost connections drawn from the seed.
//!
//! On a simulated scheduler [`tcp::listen`](crate::net::tcp::listen), [`tcp::connect`](crate::net::tcp::connect) and
//! [`tcp::serve`](crate::net::tcp::serve) use it, without a change to the program: addresses are those of the simulation, each of which has a
//! network of its own. Host names but `localhost` cannot be resolved, and Unix sockets and sockets of the standard library
//! cannot be simulated: both are errors that name the line.
//!
//! ```
//! use async_dsl::prelude::*;
//! use async_dsl::net::tcp;
//! use async_dsl::sim::{self, Config};
//! use futures_lite::{AsyncReadExt, AsyncWriteExt};
//!
//! let report = sim::check(&Config::new(), || async_block!({
//!     let listener = tcp::listen(8080).await.unwrap();
//!     let echo = go!({
//!         let mut conn = listener.accept().await.unwrap();
//!         let mut word = [0; 5];
//!         conn.read_exact(&mut word).await.unwrap();
//!         conn.write_all(&word).await.unwrap();
//!     });
//!     let mut conn = tcp::connect(8080).await.unwrap();
//!     conn.write_all(b"hello").await.unwrap();
//!     let mut answer = String::new();
//!     conn.read_to_string(&mut answer).await.unwrap();
//!     assert_eq!(answer, "hello");
//!     echo.await;
//! }));
//! assert!(report.is_ok());
//! ```

mod network;
mod pipe;

use std::time::Duration;

pub(crate) use network::{Network, here};

/// How the connections of a simulated network behave.
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::sim::{self, Config, net::Links};
/// use std::time::Duration;
///
/// let program = || async_block!({
///     Links::new().delay(Duration::from_secs(1)).lost(20).set();
///     // … a server and clients that must survive that …
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
    /// Delays of up to ten milliseconds, reads and writes that take a part only, and no losses.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is written arrives after up to this time, drawn for each write; never before what was written before.
    #[must_use]
    pub fn delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// One write in so many loses the connection: both sides get an error. 0 is never.
    #[must_use]
    pub fn lost(self, lost: u32) -> Self {
        Self { lost, ..self }
    }

    /// Makes it the way of all connections of the current simulation from now on.
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
