//! Connecting.

use std::future::Future;
use std::net::{SocketAddr, TcpStream};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};

use async_io::Async;

use super::Address;
use super::address::Place;
use crate::net::gate::Gated;
use crate::net::link::{Limits, Link};
use crate::net::transport::{Transport, check_allowed};
use crate::net::{Conn, Error, Limit, simulated};
use crate::runtime::place::Line;
use crate::runtime::running;
use crate::runtime::time::timeout;

/// Connects, within ten seconds; [`Connect`] has the options.
///
/// A host name is resolved off the workers, and its addresses are tried in turn. On a simulated scheduler this is the
/// [simulated network](crate::sim::net). Parks until the connection is made. Dropping the future cancels the attempt.
///
/// # Errors
///
/// That of the operating system for the last address; [`Error::Elapsed`].
///
/// # Panics
///
/// On a simulated scheduler, if the address is a host name other than `localhost`.
///
/// # Examples
///
/// ```
/// use async_dsl::net::tcp;
///
/// async_dsl::block_on(async {
///     let listener = tcp::listen(0).await.unwrap();
///     let port = listener.local_addr().unwrap().port();
///     let conn = tcp::connect(("localhost", port)).await.unwrap();
///     assert_eq!(conn.peer_addr().unwrap().port(), port);
///
///     drop(listener);
///     let error = tcp::connect(port).await.unwrap_err();
///     assert!(error.to_string().contains("refused"));
/// });
/// ```
#[track_caller]
pub fn connect(address: impl Address) -> Connecting {
    Connect::new().to(address)
}

/// The options for connecting.
///
/// # Examples
///
/// ```
/// use async_dsl::net::{Error, Limit, tcp::Connect};
/// use std::time::Duration;
///
/// async_dsl::block_on(async {
///     let hasty = Connect::new().timeout(Duration::ZERO);
///     let error = hasty.to("127.0.0.1:9").await.unwrap_err();
///     assert!(matches!(error, Error::Elapsed(Limit::Connect) | Error::Io(_)));
/// });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Connect {
    timeout: Option<Duration>,
    nodelay: bool,
}

impl Connect {
    /// Returns the defaults: ten seconds, and small writes sent at once.
    pub const fn new() -> Self {
        Self {
            timeout: Some(Duration::from_secs(10)),
            nodelay: true,
        }
    }

    /// Sets the time for resolving and connecting together; `None` is as long as the system takes.
    #[must_use]
    pub fn timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.timeout = limit.into();
        self
    }

    /// Sets whether small writes are sent at once (`TCP_NODELAY`).
    #[must_use]
    pub fn nodelay(mut self, nodelay: bool) -> Self {
        self.nodelay = nodelay;
        self
    }

    /// Connects to the address; see [`connect`].
    #[track_caller]
    pub fn to(self, address: impl Address) -> Connecting {
        let at = Location::caller();
        let place = address.place();
        Connecting(Box::pin(async move {
            let _outside = running::current().outside();
            let connecting = self.connect(place, at);
            match self.timeout {
                None => connecting.await,
                Some(limit) => match timeout(limit, connecting).await {
                    Ok(connected) => connected,
                    Err(_) => Err(Error::Elapsed(Limit::Connect)),
                },
            }
        }))
    }

    async fn connect(self, place: Place, at: Line) -> Result<Conn, Error> {
        let name = place.text();
        let network = simulated::here();
        let addresses = match &network {
            Some(_) => place.simulated(at)?,
            None => place.resolve().await?,
        };
        let mut failed = None;
        for address in addresses {
            let socket = match &network {
                Some(network) => network.connect(address).await,
                None => self.try_address(address).await,
            };
            match socket {
                Ok(socket) => {
                    let link = Link::new(socket, Limits::default(), None, at);
                    return Ok(Conn::new(link));
                }
                Err(error) => failed = Some(error),
            }
        }
        let failed = failed.unwrap_or_else(|| io::ErrorKind::NotFound.into());
        let message = format!("cannot connect to {name}: {failed}");
        Err(io::Error::new(failed.kind(), message).into())
    }

    async fn try_address(self, address: SocketAddr) -> io::Result<Box<dyn Transport>> {
        let socket = Gated::from(Async::<TcpStream>::connect(address).await?);
        socket.get_ref().set_nodelay(self.nodelay)?;
        Ok(Box::new(socket))
    }
}

impl Default for Connect {
    fn default() -> Self {
        Self::new()
    }
}

/// The future of [`connect`]. Dropping it cancels the attempt.
#[must_use = "connecting does nothing unless it is awaited"]
pub struct Connecting(Pin<Box<dyn Future<Output = Result<Conn, Error>> + Send>>);

impl Future for Connecting {
    type Output = Result<Conn, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for Connecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connecting").finish_non_exhaustive()
    }
}

impl TryFrom<TcpStream> for Conn {
    type Error = io::Error;

    /// Converts a socket of the standard library into a connection.
    ///
    /// # Panics
    ///
    /// On a simulated scheduler, which has no sockets of the operating system.
    #[track_caller]
    fn try_from(socket: TcpStream) -> io::Result<Self> {
        let at = Location::caller();
        check_allowed(at)?;
        let link = Link::new(
            Box::new(Gated::from(Async::new(socket)?)),
            Limits::default(),
            None,
            at,
        );
        Ok(Self::new(link))
    }
}
