//! The errors of a request.

use std::fmt;
use std::io;
use std::time::Duration;

use async_dsl::net;

/// Why there is no response.
#[derive(Debug)]
pub enum Error {
    /// The URL cannot be fetched: the URL, and the reason.
    Url(String, String),
    /// There is no connection: the host is unknown, or refuses.
    Connect(net::Error),
    /// There is a connection to this host and port, but TLS failed, or the server is not trusted.
    Tls(String, io::Error),
    /// The time limit elapsed in this step.
    Elapsed(Duration, Doing),
    /// The connection broke or ended in this step.
    Broken(Doing, io::Error),
    /// The response is not HTTP/1.x, or contradicts itself.
    Malformed(String),
    /// The response is larger than the limits allow.
    TooLarge {
        /// What was too large.
        part: &'static str,
        /// The most bytes it may have.
        limit: usize,
    },
    /// A redirect that is not followed: where it leads, and the reason.
    Redirect(String, String),
}

/// The steps of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doing {
    /// Resolving, connecting, and agreeing on keys.
    Connecting,
    /// Sending the request.
    Sending,
    /// Waiting for the status and the headers.
    Head,
    /// Reading the body.
    Body,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "connecting",
            Self::Sending => "sending the request",
            Self::Head => "reading the head of the response",
            Self::Body => "reading the body",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url, why) => write!(f, "{url}: {why}"),
            Self::Connect(error) => error.fmt(f),
            Self::Tls(host, error) => write!(f, "no secure connection to {host}: {error}"),
            Self::Elapsed(limit, doing) => write!(f, "timed out after {limit:?}, {doing}"),
            Self::Broken(doing, error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                write!(f, "the connection was closed early, {doing}")
            }
            Self::Broken(doing, error) => write!(f, "the connection broke, {doing}: {error}"),
            Self::Malformed(what) => write!(f, "broken response: {what}"),
            Self::TooLarge { part, limit } => write!(f, "the {part} is larger than {limit} bytes"),
            Self::Redirect(to, why) => write!(f, "redirect to {to} not followed: {why}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connect(error) => error.source(),
            Self::Tls(_, error) | Self::Broken(_, error) => Some(error),
            _ => None,
        }
    }
}
