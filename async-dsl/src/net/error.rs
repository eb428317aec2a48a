//! What goes wrong on a connection.

use std::error;
use std::fmt;
use std::io;
use std::sync::Arc;

/// Why a take or a put on a connection failed.
///
/// A take returns it once; later takes return the end (`None`). Every later put returns it again, with its own value.
/// It is `Clone` for that, and because it may end both directions.
///
/// It converts into an [`io::Error`] of a fitting kind, as [`PutError`] and [`Elapsed`](crate::time::Elapsed) do, so
/// that `?` works on all of them in functions that return those. An error type of your own needs one `From` for all:
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::net::{Lines, tcp};
/// use std::io;
///
/// #[derive(Debug)]
/// enum Failed {
///     Network(io::Error),
///     NoAnswer,
/// }
///
/// impl<E: Into<io::Error>> From<E> for Failed {
///     fn from(error: E) -> Self {
///         Failed::Network(error.into())
///     }
/// }
///
/// #[linear]
/// async fn ask(address: &str, question: String) -> Result<String, Failed> {
///     let conn = tcp::connect(address).await?.framed(Lines::new());
///     put!(conn, question)?;
///     let answer = timeout!(5s, { take!(conn) })?;
///     answer.transpose()?.ok_or(Failed::NoAnswer)
/// }
/// # let asked = async_dsl::block_on(async { ask("no port", String::new()).await });
/// # assert!(matches!(asked, Err(Failed::Network(_))));
/// ```
///
/// # Examples
///
/// ```
/// use async_dsl::net::Error;
/// use std::io;
///
/// let error = io::Error::from(Error::TooLong { max: 100 });
/// assert_eq!(error.kind(), io::ErrorKind::InvalidData);
/// assert_eq!(error.to_string(), "frame longer than 100 bytes");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// An error of the operating system: refused, reset, unreachable.
    Io(Arc<io::Error>),
    /// The sending direction was closed on this side.
    Closed,
    /// A time limit elapsed.
    Elapsed(Limit),
    /// A frame is longer than the framing allows.
    TooLong {
        /// The longest frame allowed, in bytes.
        max: usize,
    },
    /// A line is not UTF-8.
    InvalidUtf8,
    /// The peer ended in the middle of a frame.
    Truncated,
    /// An error of a codec.
    Codec(Arc<dyn error::Error + Send + Sync>),
    /// The server's handler of this connection panicked, or exceeded its time limit.
    Handler,
    /// The server that this connection belongs to was shut down, and the grace period is over.
    Shutdown,
}

/// Which time limit elapsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// For connecting.
    Connect,
    /// For the first byte.
    FirstByte,
    /// For the next frame, in either direction.
    Idle,
    /// From a frame's first byte to its last.
    Frame,
    /// For the socket to take a frame.
    Write,
    /// The one given to a `put!`.
    Put,
    /// For the answer of a handler of lines.
    Handler,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Closed => f.write_str("put on a closed connection"),
            Self::Elapsed(limit) => f.write_str(match limit {
                Limit::Connect => "no connection in the time given",
                Limit::FirstByte => "no first byte in the time given",
                Limit::Idle => "connection idle for too long",
                Limit::Frame => "frame not whole in the time given",
                Limit::Write => "frame not written in the time given",
                Limit::Put => "put not done in the time given",
                Limit::Handler => "no answer in the time given",
            }),
            Self::TooLong { max } => write!(f, "frame longer than {max} bytes"),
            Self::InvalidUtf8 => f.write_str("line is not UTF-8"),
            Self::Truncated => f.write_str("the peer ended in the middle of a frame"),
            Self::Codec(error) => error.fmt(f),
            Self::Handler => f.write_str("the handler of the connection failed"),
            Self::Shutdown => f.write_str("the server was shut down"),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io(error) => error.source(),
            Self::Codec(error) => error.source(),
            _ => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Io(shared) => shared.kind(),
            Error::Closed => io::ErrorKind::BrokenPipe,
            Error::Elapsed(_) => io::ErrorKind::TimedOut,
            Error::TooLong { .. } | Error::InvalidUtf8 | Error::Codec(_) => {
                io::ErrorKind::InvalidData
            }
            Error::Truncated => io::ErrorKind::UnexpectedEof,
            Error::Handler | Error::Shutdown => io::ErrorKind::ConnectionAborted,
        };
        match error {
            Error::Io(shared) => match Arc::try_unwrap(shared) {
                Ok(error) => error,
                Err(shared) => Self::new(kind, Error::Io(shared)),
            },
            error => Self::new(kind, error),
        }
    }
}

/// A put into a connection that failed, wholly or in part.
///
/// Contains the value if nothing of it was accepted. Otherwise a codec has rejected it, or its bytes are partly
/// written: the rest is written in the background, unless the connection itself failed.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::net::{Error, unix};
///
/// async_dsl::block_on(async_block!({
///     let (one, _other) = unix::pair().unwrap();
///     one.close();
///     let error = put!(one, b"too late".to_vec()).unwrap_err();
///     assert!(matches!(error.error(), Error::Closed));
///     assert_eq!(error.into_value().unwrap(), b"too late");
/// }));
/// ```
pub struct PutError<T> {
    error: Error,
    value: Option<T>,
}

impl<T> PutError<T> {
    pub(crate) fn new(error: Error, value: Option<T>) -> Self {
        Self { error, value }
    }

    /// Returns what went wrong.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Returns the value, if nothing of it was accepted.
    pub fn into_value(self) -> Option<T> {
        self.value
    }
}

impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutError")
            .field("error", &self.error)
            .field("has_value", &self.value.is_some())
            .finish()
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T> error::Error for PutError<T> {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.error.source()
    }
}

impl<T> From<PutError<T>> for Error {
    fn from(error: PutError<T>) -> Self {
        error.error
    }
}

impl<T> From<PutError<T>> for io::Error {
    fn from(error: PutError<T>) -> Self {
        error.error.into()
    }
}
