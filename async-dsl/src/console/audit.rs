//! The audit: which client did what in the console.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// The client of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Peer {
    /// A process of this machine that connected to the Unix socket.
    Process {
        /// Its process id when it connected.
        pid: i32,
        /// The user that it ran as.
        uid: u32,
    },
    /// The address of a TCP connection.
    Address(SocketAddr),
    /// Unknown to the operating system.
    Unknown,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { pid, uid } => write!(f, "process {pid} of user {uid}"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Unknown => f.write_str("somebody"),
        }
    }
}

/// One event: which client, in which session, did what. Its text is fit for a log.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The client.
    pub peer: Peer,
    /// The number of the connection, from 1.
    pub session: u64,
    /// What happened.
    pub what: What<'a>,
}

/// What happened in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What<'a> {
    /// The connection was closed without a session, or before the first form of one.
    Refused(Refusal),
    /// A session began.
    Opened,
    /// A form is about to be evaluated.
    Asked {
        /// The form.
        form: &'a str,
    },
    /// A form was evaluated, or its evaluation abandoned.
    Answered {
        /// The form.
        form: &'a str,
        /// Whether it returned a value.
        ok: bool,
        /// The size of the answer in bytes.
        size: usize,
        /// How long it took.
        took: Duration,
    },
    /// The session ended.
    Closed,
}

/// Why a connection was closed without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Its first line that was not empty was HTTP.
    Http,
    /// Its first line was not the token.
    WrongToken,
    /// Its first line was not the token, and there were too many such lines lately.
    TooManyAttempts,
    /// The number of open sessions was at its limit.
    TooManySessions,
    /// No valid line came in time.
    NoLine,
    /// It was the oldest of too many connections without a token, or on a Unix socket without a line.
    TooManyStrangers,
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            peer,
            session,
            what,
        } = self;
        write!(f, "session {session}, {peer}: ")?;
        match what {
            What::Refused(refusal) => write!(f, "refused: {refusal}"),
            What::Opened => f.write_str("opened"),
            What::Asked { form } => write!(f, "asked {form:?}"),
            What::Answered {
                form,
                ok,
                size,
                took,
            } => {
                let how = if *ok { "answered" } else { "failed" };
                write!(f, "{how} {form:?} with {size} bytes in {took:?}")
            }
            What::Closed => f.write_str("closed"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "it speaks HTTP",
            Self::WrongToken => "wrong token",
            Self::TooManyAttempts => "too many wrong tokens lately",
            Self::TooManySessions => "too many sessions",
            Self::NoLine => "no first line",
            Self::TooManyStrangers => "too many others without a first line",
        })
    }
}
