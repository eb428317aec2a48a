//! Listening for connections.

use std::future::Future;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::{fmt, io};

use super::Conn;
use super::link::{Limits, Link};
use super::parked::Parked;
use super::transport::Transport;
use super::turns::{Ticket, Turns};
use crate::commit::{Attempt, Attempted, CanLose, Operation};
use crate::runtime::budget;
use crate::runtime::place::{At, Line};
use crate::runtime::time::{Sleep, sleep};

/// Where connections come from.
pub(crate) trait Accepts: fmt::Debug + Send + Sync + 'static {
    /// Accepts a pending connection. `WouldBlock`: there is none now.
    fn try_accept(&self) -> io::Result<Box<dyn Transport>>;

    /// Ready when [`try_accept`](Self::try_accept) is worth another try.
    fn poll_acceptable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    fn local_addr(&self) -> io::Result<SocketAddr>;

    /// Whether connections come from outside the scheduler.
    fn is_outside(&self) -> bool {
        true
    }
}

/// A socket that connections are accepted from, made by [`tcp::listen`](super::tcp::listen) or `unix::listen`.
///
/// Several tasks may accept; they are served first come, first served. Dropping it closes the socket: connections that
/// were not accepted are reset.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::net::tcp;
///
/// # fn main() -> std::io::Result<()> {
/// # async_dsl::block_on(async_block!(|| -> std::io::Result<()> {
/// let listener = tcp::listen(("127.0.0.1", 0)).await?;
/// let client = tcp::connect(listener.local_addr()?).await?;
/// let conn = alt! {
///     conn = await!(listener.accept()) => conn?,
///     sleep!(10s) => panic!("nobody came"),
/// };
/// assert_eq!(conn.peer_addr()?, client.local_addr()?);
/// # Ok(())
/// # }))
/// # }
/// ```
pub struct Listener {
    pub(super) source: Box<dyn Accepts>,
    turns: Turns<Pause>,
    pauses: Arc<AtomicU64>,
    made_at: Line,
}

/// The wait after an error, so that a lack of descriptors is no busy loop.
#[derive(Debug, Default)]
struct Pause {
    sleep: Option<Sleep>,
    last: Option<Duration>,
    /// A warning was logged since the last time no connection was pending.
    warned: bool,
}

impl Pause {
    /// Delays the next accept, each time for longer, until one succeeds.
    fn begin(&mut self) {
        let wait = self.last.map_or(SHORTEST, |last| (last * 2).min(LONGEST));
        self.last = Some(wait);
        self.sleep = Some(sleep(wait));
    }
}

const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

impl Listener {
    pub(super) fn new(source: Box<dyn Accepts>, made_at: Line) -> Self {
        Self {
            source,
            turns: Turns::new(Pause::default()),
            pauses: Arc::default(),
            made_at,
        }
    }

    /// Accepts the next connection.
    ///
    /// Parks until a client connects. Dropping the future loses nothing, so `await!(listener.accept())` can be an arm
    /// of `alt!`.
    ///
    /// # Errors
    ///
    /// Only if the socket itself is unusable; later calls return the error again, after a delay. When the system or the
    /// process is out of descriptors or memory, this waits (50 ms, doubling up to 1 s) and tries again, with one
    /// warning (`tracing`) until no connection is pending.
    #[track_caller]
    pub fn accept(&self) -> Accept<'_> {
        Accept {
            listener: self,
            parked: Parked::new(),
            counted: true,
            at: Location::caller(),
        }
    }

    /// Returns the address it listens on: with port 0 asked for, the port that was assigned.
    ///
    /// # Errors
    ///
    /// That of the operating system; `Unsupported` on a Unix socket.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.source.local_addr()
    }

    /// Returns how often accepting had to pause because it failed: for want of descriptors, most likely.
    pub fn pauses(&self) -> u64 {
        self.pauses.load(Ordering::Relaxed)
    }

    pub(super) fn pause_counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.pauses)
    }

    fn poll_accept(
        &self,
        ticket: &mut Ticket,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Box<dyn Transport>>> {
        let mut pause = ready!(self.turns.poll_turn(ticket, cx));
        loop {
            if let Some(sleep) = &mut pause.sleep {
                if sleep.poll_elapsed(cx).is_pending() {
                    pause.keep(cx);
                    return Poll::Pending;
                }
                pause.sleep = None;
            }
            let error = match self.source.try_accept() {
                Ok(transport) => {
                    pause.last = None;
                    return Poll::Ready(Ok(transport));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    pause.warned = false;
                    match self.source.poll_acceptable(cx) {
                        Poll::Ready(Ok(())) => continue,
                        Poll::Ready(Err(error)) => error,
                        Poll::Pending => {
                            pause.keep(cx);
                            return Poll::Pending;
                        }
                    }
                }
                Err(error) => error,
            };
            match error.kind() {
                // The peer had gone before its connection was accepted.
                io::ErrorKind::Interrupted
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionReset => {}
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => {
                    // A caller that retries at once must not be a busy loop either.
                    pause.begin();
                    return Poll::Ready(Err(error));
                }
                _ => self.pause(&mut pause, &error),
            }
        }
    }

    fn pause(&self, pause: &mut Pause, error: &io::Error) {
        self.pauses.fetch_add(1, Ordering::Relaxed);
        if !std::mem::replace(&mut pause.warned, true) {
            tracing::warn!(%error, listener = %self.made_at, "cannot accept connections; trying again");
        }
        pause.begin();
    }

    pub(super) fn leave(&self, ticket: &mut Ticket) {
        self.turns.leave(ticket);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// The future of [`Listener::accept`]. Dropping it loses nothing.
#[must_use = "accepting does nothing unless it is awaited"]
pub struct Accept<'a> {
    listener: &'a Listener,
    parked: Parked,
    /// Whether each poll takes from the task's cooperative budget.
    counted: bool,
    at: Line,
}

impl Accept<'_> {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Conn>> {
        let accepted = poll_transport(self.listener, &mut self.parked, At::Line(self.at), cx);
        accepted
            .map_ok(|transport| Conn::new(Link::new(transport, Limits::default(), None, self.at)))
    }
}

/// Polls for the next connection.
pub(super) fn poll_transport(
    listener: &Listener,
    parked: &mut Parked,
    at: At,
    cx: &mut Context<'_>,
) -> Poll<io::Result<Box<dyn Transport>>> {
    let accepted = listener.poll_accept(&mut parked.ticket, cx);
    if accepted.is_ready() {
        parked.ends();
    } else {
        parked.waits(at, listener.source.is_outside());
    }
    accepted
}

impl Future for Accept<'_> {
    type Output = io::Result<Conn>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.counted {
            ready!(budget::poll_proceed(cx));
        }
        self.poll_accept(cx)
    }
}

impl Operation for Accept<'_> {
    type Output = io::Result<Conn>;

    fn attempt(mut self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        match self.poll_accept(attempt.cx) {
            Poll::Ready(conn) => Attempted::Ready(conn),
            Poll::Pending => Attempted::Idle,
        }
    }

    fn withdraw(mut self: Pin<&mut Self>) {
        self.parked.ends();
        self.listener.leave(&mut self.parked.ticket);
    }

    fn is_polled(&self) -> bool {
        true
    }

    fn at(&self) -> At {
        At::Line(self.at)
    }
}

impl<'l> CanLose for Accept<'l> {
    type Output = io::Result<Conn>;
    type Wait<'a>
        = Accept<'l>
    where
        Self: 'a;

    /// Returns an accept for one choice; a connection it loses is left for the next accept.
    fn wait(&self) -> Accept<'l> {
        Accept {
            listener: self.listener,
            parked: Parked::new(),
            counted: false,
            at: self.at,
        }
    }
}

impl Drop for Accept<'_> {
    fn drop(&mut self) {
        self.listener.leave(&mut self.parked.ticket);
    }
}

impl fmt::Debug for Accept<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accept")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
