//! How often a connection reads from its socket, and when it does not wait for the reactor's word.

use std::collections::VecDeque;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_io::AsyncRead;

use super::link::{Limits, Link};
use super::transport::Transport;
use super::{Conn, Error, Limit, Lines};
use crate::commit::{Attempt, Attempted, Depth, Operation};
use crate::runtime::sync::lock_std;
use crate::scheduler::Scheduler;

/// A socket that counts what is asked of it, and says what it is told to say.
#[derive(Debug, Default)]
struct Counted(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    arrived: VecDeque<u8>,
    ended: bool,
    /// The reactor has not told of what arrived.
    silent: bool,
    reads: u32,
    reader: Option<Waker>,
}

impl Counted {
    fn arrives(&self, bytes: &str) {
        let mut state = lock_std(&self.0);
        state.arrived.extend(bytes.as_bytes());
        let reader = state.reader.take().filter(|_| !state.silent);
        drop(state);
        reader.into_iter().for_each(Waker::wake);
    }

    fn ends(&self) {
        lock_std(&self.0).ended = true;
    }

    fn is_silent(&self, silent: bool) {
        lock_std(&self.0).silent = silent;
    }

    fn reads(&self) -> u32 {
        std::mem::take(&mut lock_std(&self.0).reads)
    }
}

#[derive(Debug)]
struct Handle(Arc<Counted>);

impl Transport for Handle {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = lock_std(&self.0.0);
        state.reads += 1;
        let count = buffer.len().min(state.arrived.len());
        if count == 0 && !state.ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        for (place, byte) in buffer.iter_mut().zip(state.arrived.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = lock_std(&self.0.0);
        if (state.ended || !state.arrived.is_empty()) && !state.silent {
            return Poll::Ready(Ok(()));
        }
        state.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_writable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn shutdown(&self, _: Shutdown) -> io::Result<()> {
        Ok(())
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn is_outside(&self) -> bool {
        false
    }
}

fn connection(limits: Limits) -> (Arc<Counted>, Conn) {
    let socket = Arc::new(Counted::default());
    let handle = Box::new(Handle(Arc::clone(&socket)));
    let link = Link::new(handle, limits, None, Location::caller());
    (socket, Conn::new(link))
}

/// One whose second line has come, of which the reactor has not told.
fn untold(limits: Limits) -> Conn<Lines> {
    let (socket, conn) = connection(limits);
    let conn = conn.framed(Lines::new());
    socket.arrives("one\n");
    assert!(poll(pin!(conn.take())).is_ready());
    socket.is_silent(true);
    socket.arrives("two\n");
    conn
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn poll_read(conn: &mut Conn, buffer: &mut [u8]) -> Poll<usize> {
    let mut cx = Context::from_waker(Waker::noop());
    Pin::new(conn)
        .poll_read(&mut cx, buffer)
        .map(Result::unwrap)
}

#[test]
fn a_request_is_one_read_as_a_frame() {
    let (socket, conn) = connection(Limits::default());
    let conn = conn.framed(Lines::new());
    assert!(poll(pin!(conn.take())).is_pending());
    assert_eq!(socket.reads(), 1); // a new connection is asked: often the request is there already
    for _ in 0..10 {
        let mut take = pin!(conn.take());
        assert!(poll(take.as_mut()).is_pending());
        socket.arrives("request\n");
        let Poll::Ready(Some(Ok(line))) = poll(take) else {
            panic!("it has arrived");
        };
        assert_eq!(line, "request");
        assert_eq!(socket.reads(), 1);
    }
}

#[test]
fn a_request_is_one_read_as_bytes() {
    let (socket, mut conn) = connection(Limits::default());
    let mut buffer = [0; 64];
    assert!(poll_read(&mut conn, &mut buffer).is_pending());
    assert_eq!(socket.reads(), 1);
    for _ in 0..10 {
        assert!(poll_read(&mut conn, &mut buffer).is_pending());
        socket.arrives("request");
        assert_eq!(poll_read(&mut conn, &mut buffer), Poll::Ready(7));
        assert_eq!(socket.reads(), 1);
    }
}

#[test]
fn while_reads_fill_their_buffer_the_reactor_is_not_waited_for() {
    let (socket, mut conn) = connection(Limits::default());
    socket.is_silent(true);
    socket.arrives("eight bytes, and again eight");
    let mut buffer = [0; 8];
    let read: Vec<_> = (0..4).map(|_| poll_read(&mut conn, &mut buffer)).collect();
    assert_eq!(read, [8, 8, 8, 4].map(Poll::Ready));
    assert!(poll_read(&mut conn, &mut buffer).is_pending());
    assert_eq!(socket.reads(), 4);
}

#[test]
fn an_empty_buffer_is_filled_at_once() {
    let (socket, mut conn) = connection(Limits::default());
    assert_eq!(poll_read(&mut conn, &mut []), Poll::Ready(0));
    socket.arrives("short");
    assert_eq!(poll_read(&mut conn, &mut [0; 64]), Poll::Ready(5));
    assert_eq!(poll_read(&mut conn, &mut []), Poll::Ready(0));
    assert_eq!(socket.reads(), 1);
}

#[test]
fn the_end_after_a_read_that_did_not_fill_its_buffer_is_seen() {
    let (socket, mut conn) = connection(Limits::default());
    socket.arrives("last");
    assert_eq!(poll_read(&mut conn, &mut [0; 64]), Poll::Ready(4));
    socket.ends();
    assert_eq!(poll_read(&mut conn, &mut [0; 64]), Poll::Ready(0));
    assert_eq!(socket.reads(), 2);
    // Once seen, it is not asked for again.
    assert_eq!(poll_read(&mut conn, &mut [0; 64]), Poll::Ready(0));
    assert_eq!(socket.reads(), 0);
}

#[test]
fn a_drained_connection_takes_what_is_there_before_it_ends() {
    let conn = untold(Limits::default());
    let mut take = pin!(conn.take());
    assert!(poll(take.as_mut()).is_pending());
    conn.shared.link.drain();
    let Poll::Ready(Some(Ok(line))) = poll(take) else {
        panic!("it had arrived before");
    };
    assert_eq!(line, "two");
    assert!(matches!(poll(pin!(conn.take())), Poll::Ready(None)));
}

#[test]
fn what_came_in_time_counts_although_the_reactor_has_not_told_of_it() {
    let limits = Limits {
        idle: Some(Duration::ZERO),
        ..Limits::default()
    };
    let conn = untold(limits);
    let Poll::Ready(Some(Ok(line))) = poll(pin!(conn.take())) else {
        panic!("it was there");
    };
    assert_eq!(line, "two");
    let late = poll(pin!(conn.take()));
    assert!(
        matches!(late, Poll::Ready(Some(Err(Error::Elapsed(Limit::Idle))))),
        "{late:?}"
    );
}

#[test]
fn a_byte_that_comes_as_the_frames_time_is_over_does_not_begin_it_anew() {
    let scheduler = Scheduler::virtual_time();
    let limits = Limits {
        frame: Some(Duration::from_secs(10)),
        ..Limits::default()
    };
    let (socket, conn) = connection(limits);
    let conn = conn.framed(Lines::new());
    socket.arrives("sl");
    let mut late = scheduler.spawn(async move { conn.take().await });
    scheduler.advance(Duration::from_secs(9));
    socket.is_silent(true);
    socket.arrives("ow");
    scheduler.advance(Duration::from_secs(1));
    let late = poll(Pin::new(&mut late));
    assert!(
        matches!(late, Poll::Ready(Some(Err(Error::Elapsed(Limit::Frame))))),
        "{late:?}"
    );
}

#[test]
fn a_choice_that_may_not_wait_asks_the_socket() {
    let conn = untold(Limits::default());
    let mut cx = Context::from_waker(Waker::noop());
    let mut attempt = Attempt::new(&mut cx, Depth::Now, 0);
    let taken = pin!(conn.take()).attempt(&mut attempt);
    assert!(matches!(taken, Attempted::Ready(Some(Ok(line))) if line == "two"));
}
