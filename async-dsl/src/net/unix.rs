//! Unix sockets: the same connections between programs of one machine.

use std::io;
use std::net::SocketAddr;
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::Location;
use std::path::Path;
use std::task::{Context, Poll};

use async_io::Async;

use super::Conn;
use super::gate::Gated;
use super::link::{Limits, Link};
use super::listener::{Accepts, Listener};
use super::transport::{Transport, check_allowed, no_address};
use crate::runtime::place::Line;

/// Connects to the socket at a path.
///
/// Parks until the other side has room for a connection. Dropping the future cancels the attempt.
///
/// # Errors
///
/// That of the operating system.
///
/// # Panics
///
/// On a simulated scheduler, which has no Unix sockets.
///
/// # Examples
///
/// ```
/// async_dsl::block_on(async {
///     let error = async_dsl::net::unix::connect("/no/such/socket").await.unwrap_err();
///     assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
/// });
/// ```
#[track_caller]
pub fn connect(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Conn>> + Send {
    let at = Location::caller();
    let path = path.as_ref().to_owned();
    async move {
        check_allowed(at)?;
        Ok(conn(Async::<UnixStream>::connect(path).await?.into(), at))
    }
}

/// Listens on a new socket at a path, which must not exist. Dropping the listener leaves the path behind.
///
/// # Errors
///
/// That of the operating system, such as that the path exists.
///
/// # Panics
///
/// On a simulated scheduler, which has no Unix sockets.
///
/// # Examples
///
/// ```
/// use async_dsl::net::unix;
///
/// # let folder = std::env::temp_dir().join(format!("async-dsl-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// let path = folder.join("socket");
/// async_dsl::block_on(async {
///     let listener = unix::listen(&path).unwrap();
///     let client = unix::connect(&path).await.unwrap();
///     let conn = listener.accept().await.unwrap();
///     client.put(b"hello".to_vec()).await.unwrap();
///     assert_eq!(conn.take().await.unwrap().unwrap(), b"hello");
/// });
/// # std::fs::remove_dir_all(&folder).unwrap();
/// ```
#[track_caller]
pub fn listen(path: impl AsRef<Path>) -> io::Result<Listener> {
    Listener::try_from(UnixListener::bind(path)?)
}

/// Returns two connections that are each other's peer.
///
/// # Errors
///
/// That of the operating system.
///
/// # Panics
///
/// On a simulated scheduler, which has no Unix sockets.
///
/// # Examples
///
/// ```
/// let (one, other) = async_dsl::net::unix::pair().unwrap();
/// async_dsl::block_on(async {
///     one.put(b"hello".to_vec()).await.unwrap();
///     assert_eq!(other.take().await.unwrap().unwrap(), b"hello");
/// });
/// ```
#[track_caller]
pub fn pair() -> io::Result<(Conn, Conn)> {
    let at = Location::caller();
    check_allowed(at)?;
    let (one, other) = Async::<UnixStream>::pair()?;
    Ok((conn(one.into(), at), conn(other.into(), at)))
}

fn conn(socket: Gated<UnixStream>, at: Line) -> Conn {
    Conn::new(Link::new(Box::new(socket), Limits::default(), None, at))
}

impl TryFrom<UnixStream> for Conn {
    type Error = io::Error;

    /// Converts a socket of the standard library into a connection.
    ///
    /// # Panics
    ///
    /// On a simulated scheduler, which has no sockets of the operating system.
    #[track_caller]
    fn try_from(socket: UnixStream) -> io::Result<Self> {
        let at = Location::caller();
        check_allowed(at)?;
        Ok(conn(Gated::from(Async::new(socket)?), at))
    }
}

impl TryFrom<UnixListener> for Listener {
    type Error = io::Error;

    /// Converts a socket of the standard library into a listener.
    ///
    /// # Panics
    ///
    /// On a simulated scheduler, which has no sockets of the operating system.
    #[track_caller]
    fn try_from(listener: UnixListener) -> io::Result<Self> {
        let at = Location::caller();
        check_allowed(at)?;
        Ok(Self::new(Box::new(Gated::from(Async::new(listener)?)), at))
    }
}

impl Accepts for Gated<UnixListener> {
    fn try_accept(&self) -> io::Result<Box<dyn Transport>> {
        let (stream, _) = self.get_ref().accept()?;
        Ok(Box::new(Gated::from(Async::new(stream)?)))
    }

    fn poll_acceptable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_readable(cx)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Err(no_address())
    }
}
