//! The network of a simulated scheduler: in memory, with delays, split reads and lost connections drawn from the seed.
//!
//! On a simulated scheduler [`tcp::listen`](crate::net::tcp::listen), [`tcp::connect`](crate::net::tcp::connect) and
//! [`tcp::serve`](crate::net::tcp::serve) use it, without a change to the program: addresses are those of the
//! simulation, each of which has a network of its own. Host names other than `localhost` cannot be resolved, and Unix
//! sockets and sockets of the standard library cannot be simulated: both panic and name the line.
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

pub use crate::net::simulated::Links;
