//! The console on a socket.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::panic::Location;
#[cfg(unix)]
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::connection;
use super::exports::Exports;
use super::limits::Limits;
use super::options::{Audit, Options, Place};
use super::permits::Permits;
#[cfg(unix)]
use super::socket::{self, Owned};
use super::strangers::{self, Strangers};
use super::token::{Token, Wrong};
use crate::net::{self, Listener, Server, ServerShutdown};

/// Connections that may be open besides the sessions and the strangers: those that get the error that there are too
/// many sessions, and those that are just ending. Others wait until one of these is closed.
const ENDING: usize = 8;

/// Opens a console and serves it on the current scheduler.
///
/// # Errors
///
/// That of the operating system, such as that the address is in use or the folder cannot be written to; or there is
/// something at the path, unless it is a socket without a listener.
///
/// # Panics
///
/// On a simulated scheduler, which has no sockets of the operating system.
///
/// # Examples
///
/// ```
/// # #[cfg(unix)] {
/// use async_dsl::console::{self, Options};
/// use async_dsl::net::{Lines, unix};
/// use async_dsl::prelude::*;
///
/// # let folder = std::env::temp_dir().join(format!("async-dsl-console-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// let path = folder.join("console");
/// async_dsl::block_on(async_block!({
///     let console = console::serve(Options::unix(&path)).unwrap();
///     let conn = unix::connect(&path).await.unwrap().framed(Lines::new());
///     put!(conn, "1 + 2 + 3".to_string()).unwrap();
///     assert_eq!(take!(conn).unwrap().unwrap(), "6");
///     console.shutdown(1s).await;
///     assert!(!path.exists());
/// }));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # }
/// ```
#[track_caller]
pub fn serve(options: Options) -> io::Result<Console> {
    let at = Location::caller();
    let Options {
        place,
        exports,
        limits,
        sessions,
        idle,
        first_line,
        line,
        audit,
    } = options;
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut files = Vec::new();
    let (listener, token) = match place {
        #[cfg(unix)]
        Place::Unix(path) => {
            let (listener, file) = socket::listen(&path)?;
            files.push(file);
            (Listener::try_from(listener)?, None)
        }
        Place::Tcp {
            address,
            token_file,
        } => {
            let listener = TcpListener::bind(address)?;
            let address = listener.local_addr()?;
            let token = Token::random()?;
            match token_file {
                #[cfg(unix)]
                Some(path) => {
                    files.push(socket::write_private(
                        &path,
                        &format!("{}\n", token.as_str()),
                    )?);
                }
                #[cfg(not(unix))]
                Some(path) => std::fs::write(path, token.as_str())?,
                None => eprintln!("async-dsl console on {address}, token {}", token.as_str()),
            }
            (Listener::try_from(listener)?, Some(token))
        }
    };
    let shared = Arc::new(Shared {
        exports,
        limits,
        line,
        token,
        audit,
        wrong: Wrong::default(),
        strangers: Strangers::default(),
        first_line,
        permits: Permits::new(sessions),
        connections: AtomicU64::new(0),
    });
    let options = net::Options::new()
        .connections(sessions.saturating_add(strangers::MOST + ENDING))
        .first_byte(first_line)
        .frame_time(first_line)
        .idle(idle);
    let handler = {
        let shared = Arc::clone(&shared);
        move |conn| connection::run(conn, shared)
    };
    Ok(Console {
        server: listener.serve(options, handler),
        shared,
        files,
        at,
    })
}

/// What the connections share.
pub(super) struct Shared {
    pub(super) exports: Exports,
    pub(super) limits: Limits,
    pub(super) line: usize,
    pub(super) token: Option<Token>,
    pub(super) audit: Option<Audit>,
    pub(super) wrong: Wrong,
    pub(super) strangers: Strangers,
    pub(super) first_line: Duration,
    pub(super) permits: Arc<Permits>,
    pub(super) connections: AtomicU64,
}

/// A handle to a running console.
///
/// **Dropping** it stops accepting and removes its files (the socket, the token); open sessions go on to their ends.
/// [`detach`](Self::detach) keeps the console running until its scheduler stops; [`shutdown`](Self::shutdown) ends the
/// sessions too.
pub struct Console {
    server: Server,
    shared: Arc<Shared>,
    #[cfg(unix)]
    files: Vec<Owned>,
    #[cfg(not(unix))]
    files: Vec<std::convert::Infallible>,
    at: &'static Location<'static>,
}

impl Console {
    /// Returns the address of a console over TCP: with port 0 asked for, the port that was assigned.
    ///
    /// # Errors
    ///
    /// `Unsupported` on a Unix socket.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.server.local_addr()
    }

    /// Returns the token of a console over TCP. Its holder can do everything that the console can.
    pub fn token(&self) -> Option<&str> {
        self.shared.token.as_ref().map(Token::as_str)
    }

    /// Returns the path of the Unix socket, or of the token's file.
    #[cfg(unix)]
    pub fn path(&self) -> Option<&Path> {
        self.files.first().map(Owned::path)
    }

    /// Returns the names that it reaches; they can be changed while it runs.
    pub fn exports(&self) -> &Exports {
        &self.shared.exports
    }

    /// Returns how many sessions are open.
    pub fn sessions(&self) -> usize {
        self.shared.permits.taken()
    }

    /// Returns what its server has counted.
    pub fn counters(&self) -> net::Counters {
        self.server.counters()
    }

    /// Ends the console: stops accepting, waits for running evaluations to be answered, and cuts what is left after
    /// `grace`. Then its files are removed.
    pub async fn shutdown(self, grace: Duration) -> ServerShutdown {
        self.server.shutdown(grace).await
    }

    /// Keeps the console running for as long as its scheduler runs. Its files stay; a socket left behind is replaced by
    /// the next console at its path.
    pub fn detach(self) {
        self.files.into_iter().for_each(std::mem::forget);
        self.server.detach();
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console")
            .field("at", &format_args!("{}", self.at))
            .field("sessions", &self.sessions())
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }
}
