//! The network: connections that `take!`, `put!` and `alt!` accept like channels, and servers of linear code.
//!
//! A [`Conn`] is a socket as a channel of frames: raw [`Chunks`], [`Lines`], or those of a codec. A take returns `None` at the
//! peer's clean end; an [`Error`] is distinct from it, is returned once, and then the end follows. A put waits for the socket, so
//! that a slow reader slows its writer down. No task stands behind a connection: an operation does its own reading and writing, and
//! one that loses in an `alt!`, or is dropped, loses no byte.
//!
//! - [`tcp`]: connecting, listening, serving over TCP.
//! - [`unix`]: the same over Unix sockets.
//!
//! # Examples
//!
//! A server of lines and its client:
//!
//! ```
//! use async_dsl::net::{Lines, Options, tcp};
//! use async_dsl::prelude::*;
//!
//! #[async_dsl::main]
//! async fn main() -> std::io::Result<()> {
//!     // One task a connection. The handler is linear code; port 0 is any free one.
//!     let server = tcp::serve_lines(0, Options::new(), async |line: String| {
//!         sleep!(1ms);
//!         line.to_uppercase()
//!     })
//!     .await?;
//!
//!     let conn = tcp::connect(server.local_addr()?).await?.framed(Lines::new());
//!     put!(conn, "hello".to_string())?;
//!     let reply = alt! {
//!         line = take!(conn) => line.transpose()?, // an end is no error
//!         sleep!(5s) => None,
//!     };
//!     assert_eq!(reply.as_deref(), Some("HELLO"));
//!
//!     server.shutdown(1s).await; // stops accepting, lets replies in hand go out, cuts what is left after a second
//!     Ok(())
//! }
//! ```
//!
//! The same with the listener and the connections in hand:
//!
//! ```
//! use async_dsl::prelude::*;
//! use async_dsl::net::{Lines, tcp};
//!
//! # fn main() -> std::io::Result<()> {
//! # async_dsl::block_on(async_block!(|| -> std::io::Result<()> {
//! let listener = tcp::listen(("127.0.0.1", 0)).await?;
//! let address = listener.local_addr()?;
//! go!(|| -> std::io::Result<()> {
//!     let conn = listener.accept().await?.framed(Lines::new());
//!     while let Some(line) = take!(conn).transpose()? {
//!         put!(conn, line.to_uppercase())?;
//!     }
//!     Ok(())
//! });
//!
//! let conn = tcp::connect(address).await?.framed(Lines::new());
//! put!(conn, "hello".to_string())?;
//! assert_eq!(take!(conn).transpose()?.as_deref(), Some("HELLO"));
//! # Ok(())
//! # }))
//! # }
//! ```
//!
//! - **Framings**: raw [`Chunks`] (then the connection is `AsyncRead + AsyncWrite` too), [`Lines`] with a longest length, any codec
//!   of `tokio-util` (feature `codec`). [`Conn::split`] makes a putter and a taker; dropping the putter tells the peer the end.
//! - **A handler over the connection itself**, for a protocol of your own: [`tcp::serve`] with
//!   `#[linear] async fn handle(conn: Conn) -> io::Result<()>`. `await!(listener.accept())` is an arm of `alt!` too.
//! - **One `From` for all errors**: [`Error`], [`PutError`] and `Elapsed` convert into `io::Error`.
//!
//! # What a client can do to a server
//!
//! A server survives its clients. Every limit is one of [`Options`] with a default, and [`Server::counters`] has a number for each:
//!
//! | what a client does | what happens | default |
//! | --- | --- | --- |
//! | opens too many connections | not accepted before another one ends; or refused, if you say so | 1024 |
//! | uses up the process's descriptors | a pause of 50 ms to 1 s, one warning, and on | – |
//! | sends nothing, or nothing more | the connection ends with an error, and the first of them with a warning; not with [`Options::long_lived`] | 30 s, 60 s |
//! | sends a byte a second | the frame's whole time counts | 30 s |
//! | sends a line without end, or what is not UTF-8 | answered with an error, then closed | 64 KiB |
//! | does not read | the handler parks; then the connection is cut | 30 s |
//! | makes a handler panic | that connection is closed; counted, and reported to the hook | – |
//! | makes a handler return an error | counted; a warning a second at most, and each reported to [`on_failed_handler`] | – |
//! | makes a handler hang | it is dropped where it is parked, if you set a time | none |
//! | ends its side while a reply is under way | the reply still comes | – |
//!
//! # Time
//!
//! Every time limit goes by the clock of the current scheduler. While a task waits for a socket, a virtual clock is not
//! skipped faster than real time, because what comes from outside goes by that; `Scheduler::advance` moves it at once. On a
//! simulated scheduler [the network is simulated](crate::sim::net) as well.
//!
//! # Programs to try
//!
//! A server and a client, and netcat. In one terminal (Enter ends it):
//!
//! ```console
//! $ cargo run -q -p async-dsl-examples --example tcp_server
//! listening on 127.0.0.1:8080
//! ```
//!
//! and in another:
//!
//! ```console
//! $ printf '41\none\n' | nc -N 127.0.0.1 8080
//! 42
//! error: invalid digit found in string
//! $ cargo run -q -p async-dsl-examples --example tcp_client
//! 1 → 2
//! 2 → 3
//! 3 → 4
//! 3 one after the other: 3.0 s
//! 1 → 2
//! …
//! 10 at once: 1.0 s
//! ```
//!
//! HTTP: `fetch_all` makes three requests one after another, then ten at once, each answered after 200 ms. `http_server` is `hyper`
//! on go blocks: keep-alive, pipelining, a count in an agent, a log through a channel, an orderly Ctrl-C. `http_get` is a client as
//! linear code (`examples/src/http`): http and https, bodies by length, in chunks or until close, bounded redirects, a limit for
//! everything.
//!
//! ```console
//! $ cargo run -q -p async-dsl-examples --example fetch_all | grep took
//! 3 requests took 601 ms
//! 10 requests took 201 ms
//! $ cargo run -q --release -p async-dsl-examples --example http_server &
//! listening on http://127.0.0.1:8080/
//! $ curl -d hello localhost:8080/echo
//! hello
//! $ cargo run -q -p async-dsl-examples --example http_get -- localhost:8080/count
//! HTTP/1.1 200 OK
//! content-type: text/plain; charset=utf-8
//! …
//! 1
//! $ cargo run -q -p async-dsl-examples --example http_get -- --timeout 0.1 'localhost:8080/sleep?ms=500'; echo $?
//! http_get: timed out after 100ms, reading the head of the response
//! 4
//! ```

mod alarm;
mod conn;
mod error;
mod framing;
mod gate;
mod input;
mod link;
mod listener;
mod operations;
mod output;
mod parked;
mod put;
pub(crate) mod raw;
#[cfg(test)]
mod reads;
mod reserve;
mod scratch;
mod server;
pub(crate) mod simulated;
mod slots;
mod stream;
mod take;
pub mod tcp;
mod transport;
mod turns;
#[cfg(unix)]
pub mod unix;
mod wind_up;

pub use conn::{Conn, ConnPutter, ConnTaker};
pub use error::{Error, Limit, PutError};
#[cfg(feature = "codec")]
pub use framing::Codec;
pub use framing::{Chunks, Framing, Lines};
#[cfg(feature = "console")]
pub(crate) use link::Link;
pub(crate) use listener::Accepts;
pub use listener::{Accept, Listener};
pub use put::{Put, PutFor};
pub use reserve::{Permit, Reserve};
pub use server::{
    Counters, FailedHandler, Options, Outcome, Server, ServerShutdown, on_failed_handler,
};
pub use take::Take;
pub(crate) use transport::Transport;
