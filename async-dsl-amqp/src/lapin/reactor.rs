//! The sockets of one connection, which end when it does.
//!
//! `lapin` has no deadline for connecting, and a connect that was dropped leaves its thread behind, waiting for a peer that is
//! silent. So the sockets are ours: [`Reactor::end`] shuts them down, whatever `lapin` waits for.

use super::stream::{Socket, Stream};
use async_dsl::task::CancelToken;
use async_io::{Async, Timer};
use async_rs::AsyncIO;
use async_rs::traits::Reactor as Reacts;
use futures_core::Stream as Yields;
use futures_io::{AsyncRead, AsyncWrite};
use futures_lite::future::or;
use std::fmt;
use std::future::Future;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// The reactor of one connection.
#[derive(Clone)]
pub(super) struct Reactor {
    ended: CancelToken,
    sockets: Arc<Mutex<Vec<Weak<Async<TcpStream>>>>>,
    #[cfg(feature = "tls")]
    tls: Option<super::tls::Tls>,
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor")
            .field("ended", &self.ended.is_cancelled())
            .finish_non_exhaustive()
    }
}

impl Reactor {
    pub(super) fn new(#[cfg(feature = "tls")] tls: Option<super::tls::Tls>) -> Self {
        Self {
            ended: CancelToken::new(),
            sockets: Arc::default(),
            #[cfg(feature = "tls")]
            tls,
        }
    }

    /// Ends the connection without a word to its peer: what waits for a socket of it goes on, with an error.
    pub(super) fn end(&self) {
        self.ended.cancel();
        let sockets =
            std::mem::take(&mut *self.sockets.lock().unwrap_or_else(PoisonError::into_inner));
        for socket in sockets.iter().filter_map(Weak::upgrade) {
            // An error says that it has ended already.
            let _ = socket.get_ref().shutdown(Shutdown::Both);
        }
    }

    /// Returns what `future` gives, or an error once the connection has ended.
    pub(super) async fn until_end<T>(
        &self,
        future: impl Future<Output = io::Result<T>>,
    ) -> io::Result<T> {
        let ended = self.ended.cancelled();
        or(future, async move {
            ended.await;
            Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the connection was ended",
            ))
        })
        .await
    }

    async fn connect(self, address: SocketAddr) -> io::Result<Stream> {
        let socket = self.until_end(Async::<TcpStream>::connect(address)).await?;
        socket.get_ref().set_nodelay(true)?;
        let socket = Socket(Arc::new(socket));
        self.keep(&socket)?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return Ok(Stream::Tls(Box::new(
                self.until_end(tls.connect(socket)).await?,
            )));
        }
        Ok(Stream::Plain(socket))
    }

    fn keep(&self, socket: &Socket) -> io::Result<()> {
        self.sockets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::downgrade(&socket.0));
        // Whoever ended it before has not seen this one.
        if self.ended.is_cancelled() {
            return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
        }
        Ok(())
    }
}

impl Reacts for Reactor {
    type TcpStream = Stream;
    type Sleep = Timer;

    /// Not called for connections.
    fn register<H: Read + Write + AsFd + AsRawFd + Send + 'static>(
        &self,
        socket: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        AsyncIO.register(socket)
    }

    fn sleep(&self, duration: Duration) -> Timer {
        Timer::after(duration)
    }

    fn interval(&self, duration: Duration) -> impl Yields<Item = Instant> + Send + 'static {
        Timer::interval(duration)
    }

    fn tcp_connect_addr(
        &self,
        address: SocketAddr,
    ) -> impl Future<Output = io::Result<Stream>> + Send + 'static {
        self.clone().connect(address)
    }
}
