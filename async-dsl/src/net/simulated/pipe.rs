//! One connection of the simulated network: two pipes, one for each direction.

use std::collections::VecDeque;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::network::Network;
use crate::net::Transport;
use crate::runtime::running::random_below;
use crate::runtime::sync::lock_std;
use crate::runtime::time::{self, Sleep};
use crate::runtime::wake::wake_all;

/// The most bytes that can be on their way.
const CAPACITY: usize = 64 * 1024;

/// One direction.
#[derive(Debug, Default)]
struct Pipe(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The bytes written, with the time at which they arrive.
    parts: VecDeque<(Instant, VecDeque<u8>)>,
    /// Nothing more will be written.
    finished: bool,
    /// Nothing more will be read.
    ignored: bool,
    lost: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// Fires when the next part arrives.
    arrival: Option<Sleep>,
}

impl State {
    fn len(&self) -> usize {
        self.parts.iter().map(|(_, part)| part.len()).sum()
    }
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock_std(&self.0)
    }

    /// Ends the pipe by `end`, and then wakes both sides, outside the lock.
    fn end(&self, end: impl FnOnce(&mut State)) {
        let wakers = {
            let mut state = self.lock();
            end(&mut state);
            [state.reader.take(), state.writer.take()]
        };
        wake_all(wakers.into_iter().flatten());
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let now = time::now();
        let mut guard = self.lock();
        let state = &mut *guard;
        if state.lost {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let Some((arrives, part)) = state.parts.front_mut() else {
            let end = state.finished || state.ignored;
            return if end {
                Ok(0)
            } else {
                Err(io::ErrorKind::WouldBlock.into())
            };
        };
        if *arrives > now {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let most = part.len().min(buffer.len());
        // Often only a part of it: a choice of 0 is all.
        let count = most - random_below(most);
        for (place, byte) in buffer.iter_mut().zip(part.drain(..count)) {
            *place = byte;
        }
        if part.is_empty() {
            state.parts.pop_front();
        }
        let writer = state.writer.take();
        drop(guard);
        wake_all(writer);
        Ok(count)
    }

    fn write(&self, bytes: &[u8], delay: Duration) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let now = time::now();
        let mut state = self.lock();
        if state.lost {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        if state.ignored || state.finished {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let most = bytes.len().min(CAPACITY - state.len().min(CAPACITY));
        if most == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = most - random_below(most);
        let before = state.parts.back().map_or(now, |(arrives, _)| *arrives);
        let arrives = before.max(now + delay);
        let part = bytes[..count].iter().copied().collect();
        state.parts.push_back((arrives, part));
        let reader = state.reader.take();
        drop(state);
        wake_all(reader);
        Ok(count)
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        let over = state.finished || state.ignored;
        if state.lost || over && state.parts.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let next = state.parts.front().map(|(arrives, _)| *arrives);
        let Some(arrives) = next else {
            let old = state.reader.replace(waker);
            drop(state);
            drop(old);
            return Poll::Pending;
        };
        let mut arrival = match state.arrival.take() {
            Some(sleep) if sleep.deadline() == Some(arrives) => sleep,
            _ => time::sleep_until(arrives),
        };
        drop(state);
        if arrival.poll_elapsed(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut state = self.lock();
        state.arrival = Some(arrival);
        let old = state.reader.replace(waker);
        drop(state);
        drop(old);
        Poll::Pending
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        if state.lost || state.ignored || state.finished || state.len() < CAPACITY {
            return Poll::Ready(Ok(()));
        }
        let old = state.writer.replace(waker);
        drop(state);
        drop(old);
        Poll::Pending
    }
}

/// One side of a connection.
#[derive(Debug)]
pub(super) struct End {
    network: Arc<Network>,
    incoming: Arc<Pipe>,
    outgoing: Arc<Pipe>,
    here: SocketAddr,
    there: SocketAddr,
}

/// Returns the two sides of a connection between the two addresses.
pub(super) fn connection(network: &Arc<Network>, one: SocketAddr, two: SocketAddr) -> (End, End) {
    let (there, back) = (Arc::new(Pipe::default()), Arc::new(Pipe::default()));
    let end = |incoming: &Arc<Pipe>, outgoing: &Arc<Pipe>, here, there| End {
        network: Arc::clone(network),
        incoming: Arc::clone(incoming),
        outgoing: Arc::clone(outgoing),
        here,
        there,
    };
    (end(&back, &there, one, two), end(&there, &back, two, one))
}

impl Transport for End {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.incoming.read(buffer)
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        if self.network.loses_now() {
            for pipe in [&self.incoming, &self.outgoing] {
                pipe.end(|state| state.lost = true);
            }
        }
        self.outgoing.write(bytes, self.network.delay())
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.incoming.poll_readable(cx)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.poll_writable(cx)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        if matches!(how, Shutdown::Read | Shutdown::Both) {
            self.incoming.end(|state| state.ignored = true);
        }
        if matches!(how, Shutdown::Write | Shutdown::Both) {
            self.outgoing.end(|state| state.finished = true);
        }
        Ok(())
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.there)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.here)
    }

    fn is_outside(&self) -> bool {
        false
    }

    #[cfg(feature = "console")]
    fn is_hung_up(&self) -> bool {
        let state = self.outgoing.lock();
        state.lost || state.ignored
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.incoming.end(|state| state.ignored = true);
        self.outgoing.end(|state| state.finished = true);
    }
}
