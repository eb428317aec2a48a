//! Servers: one task per connection, whose handler is linear code.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::ready;
use std::time::Duration;
use std::{fmt, io};

use super::Conn;
use super::listener::{Listener, poll_transport};
use super::parked::Parked;
use super::slots::{Slot, Slots};
use super::transport::Transport;
use crate::runtime::place::{At, Line};
use crate::runtime::sync::lock;
use crate::runtime::task::Task;
use crate::runtime::time::timeout;
use crate::runtime::{budget, running};

use counters::count;
use registry::Registry;
use shared::Shared;

mod connection;
pub(super) mod counters;
pub(super) mod failure;
mod lines;
mod options;
mod registry;
mod shared;

pub use counters::Counters;
pub use failure::{FailedHandler, on_failed_handler};
pub use options::Options;
pub use shared::Outcome;

/// A handle to a running server.
///
/// **Dropping** it stops accepting and closes the listening socket; open connections go on to their ends.
/// [`detach`](Self::detach) keeps the server running until its scheduler stops; [`shutdown`](Self::shutdown) ends the
/// connections too.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::net::{Lines, Options, tcp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # async_dsl::block_on(async_block!(|| -> Result<(), Box<dyn std::error::Error>> {
/// let server = tcp::serve_lines(0, Options::new(), async |line: String| {
///     sleep!(1ms);
///     line.parse().map_or("not a number".to_string(), |n: i64| (n + 1).to_string())
/// })
/// .await?;
///
/// let conn = tcp::connect(server.local_addr()?).await?.framed(Lines::new());
/// put!(conn, "41".to_string())?;
/// assert_eq!(take!(conn).transpose()?.as_deref(), Some("42"));
///
/// let ended = server.shutdown(1s).await;
/// assert_eq!((ended.finished, ended.cut), (1, 0));
/// assert!(take!(conn).is_none());
/// # Ok(())
/// # }))
/// # }
/// ```
pub struct Server {
    shared: Arc<Shared>,
    accepting: Mutex<Option<Task<()>>>,
    detached: bool,
}

/// The result of a [`Server::shutdown`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerShutdown {
    /// Connections that ended by themselves before the deadline.
    pub finished: usize,
    /// Connections that were cut at the deadline.
    pub cut: usize,
}

/// How long a cut connection gets to close its socket: its handler may be running at that moment.
const TO_CLOSE: Duration = Duration::from_secs(1);

impl Listener {
    /// Accepts connections, and runs the handler for each of them in a task of its own.
    ///
    /// The handler is linear code: an async closure, or an `async fn` with `#[linear]`. It is cloned for each
    /// connection. The connection is closed when the handler has dropped it. A handler that returns an error is
    /// counted, reported to [`on_failed_handler`], and logged as a warning (`tracing`), at most once a second. A
    /// handler that panics closes its connection and nothing else; the panic is counted and reported to the hook of
    /// [`on_unobserved_panic`](crate::task::on_unobserved_panic).
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::net::{Conn, Options, tcp};
    ///
    /// /// Sends back what it receives.
    /// #[linear]
    /// async fn echo(conn: Conn) -> std::io::Result<()> {
    ///     while let Some(chunk) = take!(conn).transpose()? {
    ///         put!(conn, chunk)?;
    ///     }
    ///     Ok(())
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # async_dsl::block_on(async_block!(|| -> Result<(), Box<dyn std::error::Error>> {
    /// let server = tcp::listen(0).await?.serve(Options::new(), echo);
    /// let conn = tcp::connect(server.local_addr()?).await?;
    /// put!(conn, b"hello".to_vec())?;
    /// assert_eq!(take!(conn).transpose()?.unwrap(), b"hello");
    /// # Ok(())
    /// # }))
    /// # }
    /// ```
    #[track_caller]
    pub fn serve<F, Fut>(self, options: Options, handler: F) -> Server
    where
        F: FnOnce(Conn) -> Fut + Clone + Send + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: Outcome,
    {
        Server::start(self, options, handler, Location::caller())
    }

    /// Accepts connections, and answers each line with what the handler returns for it.
    ///
    /// Each connection has its own task, and its lines are answered one after the other. The handler is cloned for each
    /// line. A line that is too long, or not UTF-8, is answered with `error: …`, and ends its connection.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::net::{Lines, Options, tcp};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # async_dsl::block_on(async_block!(|| -> Result<(), Box<dyn std::error::Error>> {
    /// let totals = agent(0_u64);
    /// let listener = tcp::listen(0).await?;
    /// let address = listener.local_addr()?;
    /// let server = listener.serve_lines(Options::new(), async move |line: String| {
    ///     let n: u64 = line.parse().unwrap_or(0);
    ///     send!(totals, |sum| { sum + n }).unwrap();
    ///     totals.settled().await.unwrap();
    ///     totals.get().unwrap().to_string()
    /// });
    /// let conn = tcp::connect(address).await?.framed(Lines::new());
    /// for (n, sum) in [("1", "1"), ("2", "3"), ("3", "6")] {
    ///     put!(conn, n.to_string())?;
    ///     assert_eq!(take!(conn).transpose()?.as_deref(), Some(sum));
    /// }
    /// # drop(server);
    /// # Ok(())
    /// # }))
    /// # }
    /// ```
    #[track_caller]
    pub fn serve_lines<F, Fut>(self, options: Options, handler: F) -> Server
    where
        F: FnOnce(String) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = String> + Send + 'static,
    {
        Server::start_lines(self, options, handler, Location::caller())
    }
}

impl Server {
    pub(super) fn start<F, Fut>(listener: Listener, options: Options, handler: F, at: Line) -> Self
    where
        F: FnOnce(Conn) -> Fut + Clone + Send + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: Outcome,
    {
        let shared = Arc::new(Shared {
            slots: Slots::new(options.connections, at),
            registry: Registry::default(),
            options,
            pauses: listener.pause_counter(),
            local_addr: listener.local_addr(),
            at,
        });
        let accepting =
            running::current().spawn(accept(listener, Arc::clone(&shared), handler), at);
        Self {
            shared,
            accepting: Mutex::new(Some(accepting)),
            detached: false,
        }
    }

    pub(super) fn start_lines<F, Fut>(
        listener: Listener,
        mut options: Options,
        handler: F,
        at: Line,
    ) -> Self
    where
        F: FnOnce(String) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = String> + Send + 'static,
    {
        let (frame_len, limit) = (options.frame_len, options.handler.take());
        let handler = move |conn| lines::answer(conn, frame_len, limit, handler);
        Self::start(listener, options, handler, at)
    }

    /// Returns the address it listens on: with port 0 asked for, the port that was assigned.
    ///
    /// # Errors
    ///
    /// That of the operating system; `Unsupported` on a Unix socket.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.shared.local_addr {
            Ok(address) => Ok(*address),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        }
    }

    /// Returns what the server has counted so far.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::net::{Options, tcp};
    ///
    /// async_dsl::block_on(async {
    ///     let echo = async |line: String| line;
    ///     let server = tcp::serve_lines(0, Options::new(), echo).await.unwrap();
    ///     let counters = server.counters();
    ///     assert_eq!((counters.open, counters.accepted, counters.refused), (0, 0, 0));
    /// });
    /// ```
    pub fn counters(&self) -> Counters {
        let slots = &self.shared.slots;
        let pauses = self.shared.pauses.load(Ordering::Relaxed);
        slots.tally.counters(slots.open(), pauses)
    }

    /// Ends the server in order: stops accepting, lets the connections end, and cuts those that are left after `grace`.
    ///
    /// If the framing of a connection knows where frames end, its receiving direction ends between two frames, so that
    /// a handler that takes in a loop leaves the loop after its current reply. Chunks and streams of bytes have no such
    /// ends: their handlers go on to the peer's end or the deadline. A handler that is cut is dropped where it is
    /// parked; other tasks' operations on its connection return [`Error::Shutdown`](super::Error::Shutdown): each put,
    /// and the first take, after which is the end.
    ///
    /// Parks until every connection is closed, for at most `grace` and one second. A second call is harmless, and waits
    /// too. Dropping the future leaves the server draining, without a deadline.
    pub async fn shutdown(&self, grace: Duration) -> ServerShutdown {
        let slots = &self.shared.slots;
        let before = slots.open();
        let accepting = lock(&self.accepting).take();
        if let Some(task) = accepting {
            task.cancel().await;
        }
        self.shared.registry.drain();
        let _outside = running::current().outside();
        let drained = timeout(grace, poll_fn(|cx| slots.poll_empty(cx))).await;
        let cut = slots.open();
        if drained.is_err() {
            self.shared.registry.cut(|| count(&slots.tally.cut));
            // A connection still open by then blocks in its handler, or is held by another task.
            let _ = timeout(TO_CLOSE, poll_fn(|cx| slots.poll_empty(cx))).await;
        }
        ServerShutdown {
            finished: before.saturating_sub(cut),
            cut,
        }
    }

    /// Parks until the server has ended: no longer accepting, and no connection left. Without a
    /// [`shutdown`](Self::shutdown) from another task that is never.
    pub async fn wait(&self) {
        self.shared.registry.stopped().await;
        poll_fn(|cx| self.shared.slots.poll_empty(cx)).await;
    }

    /// Keeps the server running for as long as its scheduler runs.
    pub fn detach(mut self) {
        self.detached = true;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.accepting).take() {
            if self.detached {
                task.detach();
            } else {
                drop(task.cancel());
            }
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("at", &format_args!("{}", self.shared.at))
            .field("open", &self.shared.slots.open())
            .finish_non_exhaustive()
    }
}

/// Accepts until it is cancelled.
async fn accept<F, Fut>(listener: Listener, shared: Arc<Shared>, handler: F)
where
    F: FnOnce(Conn) -> Fut + Clone + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    let _stopped = shared.registry.stop_at_end();
    loop {
        // A place first: a connection that is not accepted costs nothing.
        let slot = place(&shared).await;
        let transport = match next(&listener, shared.at).await {
            Ok(transport) => transport,
            Err(error) => {
                tracing::error!(%error, server = %shared.at, "cannot accept connections any more");
                return;
            }
        };
        let Some(slot) = slot.or_else(|| shared.slots.try_acquire()) else {
            count(&shared.slots.tally.refused);
            continue;
        };
        connection::start(transport, slot, &shared, handler.clone());
    }
}

/// Returns a place for a connection; `None` if connections beyond the limit are to be refused.
async fn place(shared: &Shared) -> Option<Slot> {
    let slot = shared.slots.try_acquire();
    if slot.is_some() || shared.options.refuse {
        return slot;
    }
    count(&shared.slots.tally.full);
    Some(poll_fn(|cx| shared.slots.poll_acquire(cx)).await)
}

async fn next(listener: &Listener, at: Line) -> io::Result<Box<dyn Transport>> {
    let mut parked = Parked::new();
    // Only this task accepts, so no place in line is left behind.
    poll_fn(|cx| {
        ready!(budget::poll_proceed(cx));
        poll_transport(listener, &mut parked, At::Line(at), cx)
    })
    .await
}
