//! What the reactor has said about a socket that is read.
//!
//! The reactor has a socket watched for one event at a time. After it, a [`poll_readable`](Async::poll_readable) is ready once
//! without another event, and a registration that meets a round of the reactor under way is not told of that round's event
//! although its waker is woken. Whoever goes by its answer alone therefore reads in vain, or registers twice. A gate goes by
//! the wake-up: one registration, one event, one wake-up.

use std::io;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use async_io::Async;

use crate::runtime::sync::lock;
use crate::runtime::wake::wake_all;

/// A socket in the reactor, and the gate of whoever reads from it or accepts.
#[derive(Debug)]
pub(crate) struct Gated<S> {
    socket: Async<S>,
    gate: Arc<Gate>,
}

/// The reactor's waker for the receiving direction of one socket.
#[derive(Debug, Default)]
struct Gate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The reactor watches, and has not woken the gate since.
    watched: bool,
    /// It has woken the gate, and nobody has passed since.
    open: bool,
    waiting: Option<Waker>,
}

impl<S> From<Async<S>> for Gated<S> {
    fn from(socket: Async<S>) -> Self {
        Self {
            socket,
            gate: Arc::default(),
        }
    }
}

impl<S> Gated<S> {
    pub(crate) fn get_ref(&self) -> &S {
        self.socket.get_ref()
    }

    pub(crate) fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_writable(cx)
    }

    /// Ready once for each time that the reactor has found the socket readable, or its end or a fault. It looks at the socket
    /// as it begins to watch, so that what has come before, or was not read to its end, is found too.
    pub(crate) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Cloned and dropped outside the lock: a waker may run foreign code.
        let mut waker = Some(cx.waker().clone());
        let watched = {
            let mut state = lock(&self.gate.0);
            if std::mem::take(&mut state.open) {
                return Poll::Ready(Ok(()));
            }
            std::mem::swap(&mut state.waiting, &mut waker);
            std::mem::replace(&mut state.watched, true)
        };
        drop(waker);
        if watched {
            return Poll::Pending;
        }
        self.watch()
    }

    fn watch(&self) -> Poll<io::Result<()>> {
        let waker = Waker::from(Arc::clone(&self.gate));
        let mut cx = Context::from_waker(&waker);
        // The first answer may be about the event before.
        for _ in 0..2 {
            match self.socket.poll_readable(&mut cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    lock(&self.gate.0).watched = false;
                    return Poll::Ready(Err(error));
                }
                Poll::Pending => break,
            }
        }
        Poll::Pending
    }
}

impl Wake for Gate {
    fn wake(self: Arc<Self>) {
        let waiting = {
            let mut state = lock(&self.0);
            state.watched = false;
            state.open = true;
            state.waiting.take()
        };
        wake_all(waiting);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::future::poll_fn;
    use std::io::{Read, Write};
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_was_left_unread_and_the_end_after_it_are_said_again() {
        let (mut here, there) = UnixStream::pair().unwrap();
        let there = Gated::from(Async::new(there).unwrap());
        here.write_all(b"four").unwrap();
        let read = |room: usize| {
            async_io::block_on(poll_fn(|cx| there.poll_readable(cx))).unwrap();
            there.get_ref().read(&mut [0; 64][..room]).unwrap()
        };
        assert_eq!(read(3), 3);
        assert_eq!(read(64), 1);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(there.poll_readable(&mut cx).is_pending());
        here.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read(64), 0);
    }
}
