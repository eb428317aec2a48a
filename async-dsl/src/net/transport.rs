//! What a connection needs of a socket, and the sockets that provide it.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::task::{Context, Poll};

use async_io::IoSafe;

use super::gate::Gated;
use crate::runtime::place::Line;
use crate::runtime::running;

#[cfg(unix)]
use std::os::unix::net::UnixStream;

/// A stream of bytes in both directions, used through shared references. Callers try first and register a waker only on
/// `WouldBlock`, or after a read that did not fill its buffer: a ready operation makes no future and touches no reactor.
///
/// One task at a time waits for each direction.
pub(crate) trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Reads the bytes that have arrived. `Ok(0)` is the peer's end; `WouldBlock`: there are none now.
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes what there is room for. `WouldBlock`: there is none now.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Ready when [`try_read`](Self::try_read) is worth another try, whatever came before this call or after it. To be called
    /// after a read that would block or did not fill its buffer.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ready when [`try_write`](Self::try_write) is worth another try.
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ends one direction, or both.
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;

    fn peer_addr(&self) -> io::Result<SocketAddr>;

    fn local_addr(&self) -> io::Result<SocketAddr>;

    /// Whether its events come from outside the scheduler, so that a virtual clock must not skip them.
    fn is_outside(&self) -> bool {
        true
    }

    /// Whether the peer is gone altogether, not only done with sending. Over TCP this is unknown until something was
    /// sent to it; where the operating system does not tell, it is never known.
    #[cfg(feature = "console")]
    fn is_hung_up(&self) -> bool {
        false
    }

    /// Returns the process at the other side and its user, if the operating system tells.
    #[cfg(feature = "console")]
    fn peer_process(&self) -> Option<(i32, u32)> {
        None
    }
}

/// Checks that the current scheduler may use the operating system's sockets. The only place for that check.
///
/// # Panics
/// On a simulated scheduler, naming the line: a caller that handles the error would hide the mistake.
#[allow(clippy::unnecessary_wraps)] // no other scheduler forbids it so far
pub(crate) fn check_allowed(at: Line) -> io::Result<()> {
    assert!(
        running::current().sim().is_none(),
        "the socket at {at} cannot be simulated, since a network keeps to no schedule: run the test on real threads, with \
         `#[async_dsl::test(threads = 2)]`"
    );
    Ok(())
}

/// A socket of the operating system.
pub(crate) trait Socket: fmt::Debug + IoSafe + Send + Sync + 'static {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize>;
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;
    fn peer_addr(&self) -> io::Result<SocketAddr>;
    fn local_addr(&self) -> io::Result<SocketAddr>;

    #[cfg(all(feature = "console", unix))]
    fn file(&self) -> std::os::fd::BorrowedFd<'_>;

    #[cfg(feature = "console")]
    fn peer_process(&self) -> Option<(i32, u32)> {
        None
    }
}

/// Whether both directions have ended, or the connection is broken.
#[cfg(all(feature = "console", unix))]
fn is_hung_up(file: std::os::fd::BorrowedFd<'_>) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let mut files = [PollFd::from_borrowed_fd(file, PollFlags::empty())];
    let polled = poll(&mut files, Some(&Timespec::default()));
    polled.is_ok()
        && files[0]
            .revents()
            .intersects(PollFlags::HUP | PollFlags::ERR)
}

impl Socket for TcpStream {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut socket = self;
        Read::read(&mut socket, buffer)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut socket = self;
        Write::write(&mut socket, bytes)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.shutdown(how)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.peer_addr()
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.local_addr()
    }

    #[cfg(all(feature = "console", unix))]
    fn file(&self) -> std::os::fd::BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(self)
    }
}

#[cfg(unix)]
impl Socket for UnixStream {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut socket = self;
        Read::read(&mut socket, buffer)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut socket = self;
        Write::write(&mut socket, bytes)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.shutdown(how)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(no_address())
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Err(no_address())
    }

    #[cfg(all(feature = "console", unix))]
    fn file(&self) -> std::os::fd::BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(self)
    }

    #[cfg(all(feature = "console", target_os = "linux"))]
    fn peer_process(&self) -> Option<(i32, u32)> {
        let peer = rustix::net::sockopt::socket_peercred(self).ok()?;
        Some((peer.pid.as_raw_nonzero().get(), peer.uid.as_raw()))
    }
}

/// The error of a Unix socket, which has a path at most.
#[cfg(unix)]
pub(crate) fn no_address() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "a unix socket has no internet address",
    )
}

impl<S: Socket> Transport for Gated<S> {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.get_ref().read(buffer)
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.get_ref().write(bytes)
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_readable(cx)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_writable(cx)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.get_ref().shutdown(how)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.get_ref().peer_addr()
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.get_ref().local_addr()
    }

    #[cfg(all(feature = "console", unix))]
    fn is_hung_up(&self) -> bool {
        is_hung_up(self.get_ref().file())
    }

    #[cfg(feature = "console")]
    fn peer_process(&self) -> Option<(i32, u32)> {
        self.get_ref().peer_process()
    }
}
