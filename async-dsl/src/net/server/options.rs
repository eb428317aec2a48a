//! The limits of a server.

use std::time::Duration;

use crate::net::framing::MAX_FRAME;
use crate::net::link::Limits;

/// The limits of a server. Each has a default that suits a server on a public address, a setter, and a number in the
/// server's [`Counters`](super::Counters).
///
/// A time of `None` is no limit. [`long_lived`](Self::long_lived) has none for silent clients.
///
/// | limit | default | when it is over |
/// | --- | --- | --- |
/// | [`connections`](Self::connections) | 1024 | the next ones wait in the operating system, or are [refused](Self::refuse) |
/// | [`first_byte`](Self::first_byte) | 30 s | the take fails |
/// | [`idle`](Self::idle) | 60 s | the take fails |
/// | [`frame_time`](Self::frame_time) | 30 s | the take fails, however steadily single bytes come |
/// | [`frame_len`](Self::frame_len) | 64 KiB | the line is answered with an error, and the connection closed |
/// | [`write`](Self::write) | 30 s | the put fails, and the connection is closed |
/// | [`handler`](Self::handler) | none | the handler is dropped where it is parked, and the connection closed |
/// | [`linger`](Self::linger) | 2 s | a peer that still sends after the end is no longer read |
///
/// # Examples
///
/// ```
/// use async_dsl::net::Options;
/// use std::time::Duration;
///
/// let options = Options::new()
///     .connections(10_000)
///     .idle(None)
///     .handler(Duration::from_secs(5));
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing by themselves"]
pub struct Options {
    pub(super) connections: usize,
    pub(super) refuse: bool,
    pub(super) frame_len: usize,
    pub(super) handler: Option<Duration>,
    pub(super) limits: Limits,
}

impl Options {
    /// Returns the defaults.
    pub const fn new() -> Self {
        Self {
            connections: 1024,
            refuse: false,
            frame_len: MAX_FRAME,
            handler: None,
            limits: Limits {
                first_byte: Some(Duration::from_secs(30)),
                idle: Some(Duration::from_secs(60)),
                frame: Some(Duration::from_secs(30)),
                write: Some(Duration::from_secs(30)),
                linger: Some(Duration::from_secs(2)),
            },
        }
    }

    /// Returns the defaults without the limits [`first_byte`](Self::first_byte) and [`idle`](Self::idle), for clients
    /// that stay for long and say little, such as those that only listen. A frame that a client has begun must still be
    /// complete in time, and a frame sent to it must still be read in time.
    ///
    /// A client that is gone without a word, as by a power cut, goes unnoticed until a put to it fails, and keeps its
    /// place until then: put now and then.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::net::{Conn, Lines, Options, tcp};
    ///
    /// # async_dsl::block_on(async_block!({
    /// let news = async |conn: Conn| -> Result<(), async_dsl::net::Error> {
    ///     let conn = conn.framed(Lines::new());
    ///     loop {
    ///         alt! {
    ///             line = take!(conn) => if line.transpose()?.is_none() { return Ok(()) },
    ///             sleep!(1min) => put!(conn, "no news".to_string())?,
    ///         }
    ///     }
    /// };
    /// let server = tcp::serve(0, Options::long_lived(), news).await.unwrap();
    /// # server.shutdown(1s).await;
    /// # }));
    /// ```
    pub const fn long_lived() -> Self {
        let mut options = Self::new();
        options.limits.first_byte = None;
        options.limits.idle = None;
        options
    }

    /// Sets how many connections may be open at once, at least 1. The next is not accepted until one of them is closed.
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most.max(1);
        self
    }

    /// Sets whether connections beyond the limit are accepted and closed at once, instead of being left to wait.
    pub fn refuse(mut self, refuse: bool) -> Self {
        self.refuse = refuse;
        self
    }

    /// Sets the time until the first byte of a connection.
    pub fn first_byte(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.first_byte = limit.into();
        self
    }

    /// Sets the time a take waits for the next frame while nothing is put either.
    pub fn idle(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.idle = limit.into();
        self
    }

    /// Sets the time from the first byte of a frame to its last, as long as a task is taking.
    pub fn frame_time(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.frame = limit.into();
        self
    }

    /// Sets the longest line of a server of lines, in bytes.
    pub fn frame_len(mut self, most: usize) -> Self {
        self.frame_len = most;
        self
    }

    /// Sets the time for the socket to take a frame.
    pub fn write(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.write = limit.into();
        self
    }

    /// Sets the time limit of a handler: for one line, if it is a handler of lines; else for the whole connection.
    pub fn handler(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.handler = limit.into();
        self
    }

    /// Sets how long a peer that still sends after its connection ended is read. Closing a socket with unread bytes in
    /// it resets the connection, and the last reply may be lost with it.
    pub fn linger(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.linger = limit.into();
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
