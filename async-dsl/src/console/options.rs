//! The address of a console, and its limits.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::audit::Event;
use super::exports::{Export, Exports};
use super::limits::Limits;
use super::value::ToValue;
use crate::agent::Agent;

pub(super) type Audit = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// The address of a console, its exports, and its limits.
///
/// # Examples
///
/// ```no_run
/// use async_dsl::console::{self, Options};
/// use async_dsl::prelude::*;
///
/// let jobs = chan::fixed::<String>(8);
/// let counter = agent(0);
/// let options = Options::unix("/run/user/1000/program.sock")
///     .export_chan("jobs", &jobs)
///     .export_agent("counter", &counter)
///     .audit(|event| println!("{event}"));
/// let console = console::serve(options)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "options do nothing by themselves"]
pub struct Options {
    pub(super) place: Place,
    pub(super) exports: Exports,
    pub(super) limits: Limits,
    pub(super) sessions: usize,
    pub(super) idle: Option<Duration>,
    pub(super) first_line: Duration,
    pub(super) line: usize,
    pub(super) audit: Option<Audit>,
}

#[derive(Clone, Debug)]
pub(super) enum Place {
    #[cfg(unix)]
    Unix(PathBuf),
    Tcp {
        address: SocketAddr,
        token_file: Option<PathBuf>,
    },
}

impl Options {
    /// Returns the options of a Unix socket, to which only the user that this program runs as can connect: it has mode
    /// 0600 from its first moment. Prefer this to TCP.
    ///
    /// A stale socket of an earlier program is replaced. The path should be in a folder of this user alone.
    #[cfg(unix)]
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        Self::at(Place::Unix(path.into()))
    }

    /// Returns the options of a port of 127.0.0.1, 0 for any, with a random token that a client sends as its first line.
    ///
    /// The token is printed once on standard error, unless there is a [`token_file`](Self::token_file). The connection
    /// is not encrypted, and any user of the machine can try to connect.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(unix)] {
    /// use async_dsl::console::{self, Options};
    /// use async_dsl::net::{Lines, tcp};
    /// use async_dsl::prelude::*;
    ///
    /// # let folder = std::env::temp_dir().join(format!("async-dsl-token-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # let file = folder.join("token");
    /// async_dsl::block_on(async_block!({
    ///     let console = console::serve(Options::tcp(0).token_file(&file)).unwrap();
    ///     let conn = tcp::connect(console.local_addr().unwrap()).await.unwrap().framed(Lines::new());
    ///     put!(conn, std::fs::read_to_string(&file).unwrap() + "6 * 7").unwrap();
    ///     assert_eq!(take!(conn).unwrap().unwrap(), "ok");
    ///     assert_eq!(take!(conn).unwrap().unwrap(), "42");
    /// }));
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # }
    /// ```
    pub fn tcp(port: u16) -> Self {
        Self::at(Place::Tcp {
            address: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port),
            token_file: None,
        })
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            exports: Exports::new(),
            limits: Limits::default(),
            sessions: 8,
            idle: Some(Duration::from_secs(10 * 60)),
            first_line: Duration::from_secs(10),
            line: 8 * 1024,
            audit: None,
        }
    }

    /// Writes the token into this file, of mode 0600, instead of printing it. The file is removed with the console.
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        #[cfg_attr(not(unix), allow(irrefutable_let_patterns))]
        if let Place::Tcp { token_file, .. } = &mut self.place {
            *token_file = Some(path.into());
        }
        self
    }

    /// Listens on this address instead of 127.0.0.1. **On any address but a loopback one the whole network can try to
    /// connect, and anyone in between can read the token and take over the session: nothing is encrypted.** A tunnel
    /// (`ssh -L`) to a console on loopback is better.
    pub fn beyond_loopback(mut self, ip: IpAddr) -> Self {
        #[cfg_attr(not(unix), allow(irrefutable_let_patterns))]
        if let Place::Tcp { address, .. } = &mut self.place {
            address.set_ip(ip);
        }
        self
    }

    /// Uses this table of exported names, instead of an empty one of its own.
    pub fn exports(mut self, exports: &Exports) -> Self {
        self.exports = exports.clone();
        self
    }

    /// Exports a channel, see [`Exports::chan`].
    pub fn export_chan(self, name: &str, chan: &impl Export) -> Self {
        self.exports.chan(name, chan);
        self
    }

    /// Exports an agent, see [`Exports::agent`].
    pub fn export_agent<S>(self, name: &str, agent: &Agent<S>) -> Self
    where
        S: ToValue + Clone + Send + Sync + 'static,
    {
        self.exports.agent(name, agent);
        self
    }

    /// Sets the limits of each evaluation.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how many sessions may be open at once; 8 unless set. The next gets an error and is closed.
    pub fn sessions(mut self, most: usize) -> Self {
        self.sessions = most;
        self
    }

    /// Sets how long a session may be idle; 10 minutes unless set. `None` is no limit.
    pub fn idle(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.idle = limit.into();
        self
    }

    /// Sets how long a connection may take for its first line, which over TCP is the token; 10 seconds unless set.
    pub fn first_line(mut self, limit: Duration) -> Self {
        self.first_line = limit;
        self
    }

    /// Sets the longest line, in bytes; 8 KiB unless set. The time to parse a line can grow with its square, and cannot
    /// be interrupted: 64 KiB took 10 seconds in a build without optimization.
    pub fn line(mut self, bytes: usize) -> Self {
        self.line = bytes;
        self
    }

    /// Sets a function that is called with each [`Event`]: for each connection, before each evaluation and after it.
    /// Without one, each is a `tracing` event.
    ///
    /// It runs on an async worker and must not block. A session whose audit panics is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::console::{Options, What};
    ///
    /// let options = Options::tcp(0).audit(|event| {
    ///     if let What::Asked { form } = event.what {
    ///         println!("{} asks for {form:?} in session {}", event.peer, event.session);
    ///     }
    /// });
    /// ```
    pub fn audit(mut self, audit: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.audit = Some(Arc::new(audit));
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("place", &self.place)
            .field("exports", &self.exports)
            .field("limits", &self.limits)
            .field("sessions", &self.sessions)
            .field("idle", &self.idle)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}
