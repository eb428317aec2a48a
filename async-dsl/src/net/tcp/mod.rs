//! TCP: connecting, listening, serving.

mod address;
mod connect;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::panic::Location;
use std::task::{Context, Poll};

use async_io::Async;
use socket2::SockRef;

use super::gate::Gated;
use super::listener::{Accepts, Listener};
use super::transport::{Transport, check_allowed};
use super::{Conn, Options, Outcome, Server};
use crate::net::simulated;
use crate::runtime::place::Line;

pub use address::Address;
pub use connect::{Connect, Connecting, connect};

/// The number of connections that may wait in the operating system to be accepted.
const BACKLOG: i32 = 1024;

/// Listens for connections on an address: a number is a port on the loopback address, port 0 any free one.
///
/// A host name is resolved off the workers. On a simulated scheduler this is the [simulated network](crate::sim::net).
///
/// # Errors
///
/// That of the operating system, such as that the address is in use.
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
///     let address = listener.local_addr().unwrap();
///     assert!(address.ip().is_loopback() && address.port() != 0);
///     assert!(tcp::listen(address).await.is_err()); // in use
/// });
/// ```
#[track_caller]
pub fn listen(address: impl Address) -> impl Future<Output = io::Result<Listener>> + Send {
    let at = Location::caller();
    let place = address.place();
    async move {
        if let Some(network) = simulated::here() {
            let source = network.listen(&place.simulated(at)?)?;
            return Ok(Listener::new(source, at));
        }
        let addresses = place.resolve().await?;
        let listener = TcpListener::bind(&addresses[..])?;
        SockRef::from(&listener).listen(BACKLOG)?;
        from_std(listener, at)
    }
}

/// Listens on an address, accepts connections, and runs the handler for each of them in a task of its own.
///
/// It is [`listen`] and [`Listener::serve`], which describes the handler.
///
/// # Errors
///
/// That of the operating system, such as that the address is in use.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::net::{Conn, Lines, Options, tcp};
///
/// /// Replies with the number of lines.
/// #[linear]
/// async fn count(conn: Conn) -> std::io::Result<()> {
///     let conn = conn.framed(Lines::new());
///     let mut lines = 0;
///     while take!(conn).transpose()?.is_some() {
///         lines += 1;
///     }
///     Ok(put!(conn, format!("{lines} lines"))?)
/// }
///
/// async_dsl::block_on(async {
///     let server = tcp::serve(0, Options::new(), count).await.unwrap();
///     let conn = tcp::connect(server.local_addr().unwrap()).await.unwrap();
///     conn.put(b"one\ntwo\n".to_vec()).await.unwrap();
///     conn.close(); // the handler sees the end, and its reply still comes
///     assert_eq!(conn.take().await.unwrap().unwrap(), b"2 lines\n");
/// });
/// ```
#[track_caller]
pub fn serve<F, Fut>(
    address: impl Address,
    options: Options,
    handler: F,
) -> impl Future<Output = io::Result<Server>> + Send
where
    F: FnOnce(Conn) -> Fut + Clone + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    let at = Location::caller();
    let listening = listen(address);
    async move { Ok(Server::start(listening.await?, options, handler, at)) }
}

/// Listens on an address, accepts connections, and answers each line with what the handler returns for it.
///
/// It is [`listen`] and [`Listener::serve_lines`], which describes the handler.
///
/// # Errors
///
/// That of the operating system, such as that the address is in use.
///
/// # Examples
///
/// ```
/// use async_dsl::net::{Lines, Options, tcp};
///
/// async_dsl::block_on(async {
///     let shout = async |line: String| line.to_uppercase();
///     let server = tcp::serve_lines(0, Options::new(), shout).await.unwrap();
///     let address = server.local_addr().unwrap();
///     let conn = tcp::connect(address).await.unwrap().framed(Lines::new());
///     conn.put("hello".to_string()).await.unwrap();
///     assert_eq!(conn.take().await.unwrap().unwrap(), "HELLO");
/// });
/// ```
#[track_caller]
pub fn serve_lines<F, Fut>(
    address: impl Address,
    options: Options,
    handler: F,
) -> impl Future<Output = io::Result<Server>> + Send
where
    F: FnOnce(String) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = String> + Send + 'static,
{
    let at = Location::caller();
    let listening = listen(address);
    async move {
        let listener = listening.await?;
        Ok(Server::start_lines(listener, options, handler, at))
    }
}

fn from_std(listener: TcpListener, at: Line) -> io::Result<Listener> {
    Ok(Listener::new(
        Box::new(Gated::from(Async::new(listener)?)),
        at,
    ))
}

impl TryFrom<TcpListener> for Listener {
    type Error = io::Error;

    /// Converts a socket of the standard library into a listener.
    ///
    /// # Panics
    ///
    /// On a simulated scheduler, which has no sockets of the operating system.
    #[track_caller]
    fn try_from(listener: TcpListener) -> io::Result<Self> {
        let at = Location::caller();
        check_allowed(at)?;
        from_std(listener, at)
    }
}

impl Accepts for Gated<TcpListener> {
    fn try_accept(&self) -> io::Result<Box<dyn Transport>> {
        let (stream, _) = self.get_ref().accept()?;
        // Some systems refuse this if the peer has gone already, which is no error of the listener.
        let _ = stream.set_nodelay(true);
        Ok(Box::new(Gated::from(Async::new(stream)?)))
    }

    fn poll_acceptable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_readable(cx)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.get_ref().local_addr()
    }
}
