//! The receiving direction: bytes that were read and not yet taken, and how it ended.

use std::io;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;

use super::alarm::Alarm;
use super::link::Link;
use super::scratch::{self, LARGEST};
use super::{Error, Limit};

/// Bytes read at once: initially, and at most, if the peer keeps filling them.
const CHUNK: usize = 4 << 10;
const MAX_CHUNK: usize = LARGEST;

#[derive(Debug)]
pub(crate) struct Input {
    pub(super) buffer: BytesMut,
    /// Bytes came since the last frame was taken.
    mid_frame: bool,
    /// The peer's end was read, or its connection is broken.
    at_end: bool,
    /// How this direction ended, if it has. Only the first taker gets an error; after that it is the end.
    over: Option<Result<(), Error>>,
    /// The last read did not fill its buffer, so that another is worth a try only once the socket is said to be readable.
    dry: bool,
    chunk: usize,
    /// Which limit the alarm is set for.
    limit: Option<Limit>,
    alarm: Alarm,
    /// The number of puts when the alarm was set.
    puts: u64,
}

impl Input {
    pub(super) fn new(first_byte: Option<Duration>) -> Self {
        let mut alarm = Alarm::default();
        alarm.set(first_byte);
        Self {
            buffer: BytesMut::new(),
            mid_frame: false,
            at_end: false,
            over: None,
            dry: false,
            chunk: CHUNK,
            limit: first_byte.map(|_| Limit::FirstByte),
            alarm,
            puts: 0,
        }
    }

    /// Returns how this direction ended, if it has: an error once, and then the end.
    pub(super) fn take_over(&mut self) -> Option<Result<(), Error>> {
        let over = self.over.as_mut()?;
        Some(std::mem::replace(over, Ok(())))
    }

    /// Whether the peer can send no more.
    pub(super) fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Ends this direction for its takers.
    pub(super) fn end(&mut self, link: &Link, how: Result<(), Error>) {
        if self.over.is_none() {
            if let Err(error) = &how {
                link.count(error);
                self.at_end |= matches!(error, Error::Io(_));
            }
            self.over = Some(how);
        }
        self.buffer = BytesMut::new();
        self.alarm = Alarm::default();
    }

    /// To be called when a frame was taken out of the buffer.
    pub(super) fn frame_taken(&mut self) {
        self.mid_frame = !self.buffer.is_empty();
        self.limit = None;
        self.alarm.clear();
    }

    /// Has the next read ask the socket itself, for an attempt that does not wait for the reactor's word.
    pub(super) fn ask(&mut self) {
        self.dry = false;
    }

    /// Ready once more bytes, or the peer's end, were read into the buffer. `framed` means that the framing can tell an
    /// end between two frames from one within a frame.
    pub(super) fn poll_more(
        &mut self,
        link: &Link,
        framed: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        // Through memory that is written once for all reads of a thread: the buffer grows by what came, and no more of it
        // is ever filled with zeros.
        scratch::with(self.chunk, |bytes| {
            let read = ready!(self.poll_once(link, framed, bytes, cx))?;
            self.buffer.extend_from_slice(&bytes[..read]);
            self.count(read);
            Poll::Ready(Ok(()))
        })
    }

    /// As [`poll_more`](Self::poll_more), but straight into the caller's buffer.
    pub(super) fn poll_read(
        &mut self,
        link: &Link,
        buffer: &mut [u8],
        cx: &mut Context<'_>,
    ) -> Poll<Result<usize, Error>> {
        if buffer.is_empty() {
            // It waits for nothing, and learns nothing about the socket.
            return Poll::Ready(Ok(0));
        }
        let read = ready!(self.poll_once(link, false, buffer, cx))?;
        self.at_end |= read == 0;
        self.frame_taken();
        Poll::Ready(Ok(read))
    }

    /// Reads once, after the socket was said to be readable if the last read left nothing there.
    fn poll_once(
        &mut self,
        link: &Link,
        framed: bool,
        buffer: &mut [u8],
        cx: &mut Context<'_>,
    ) -> Poll<Result<usize, Error>> {
        let ending = framed && !self.mid_frame && link.is_draining();
        let mut late = None;
        // Before a direction ends that is to be drained, the socket itself is asked: a frame may be in it that the reactor
        // has not told of.
        if self.dry && !ending {
            match ready!(self.poll_readable(link, cx)) {
                // Nor has it told of what came just in time.
                Err(error @ Error::Elapsed(_)) => late = Some(error),
                said => said?,
            }
        }
        loop {
            match link.transport.try_read(buffer) {
                Ok(read) => {
                    self.dry = read < buffer.len();
                    return Poll::Ready(Ok(read));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.dry = true;
                    if let Some(error) = late {
                        return Poll::Ready(Err(error));
                    }
                    if ending {
                        return Poll::Ready(Ok(0));
                    }
                    ready!(self.poll_readable(link, cx))?;
                }
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    /// Reads and discards. `false` is the peer's end, or an error.
    pub(super) fn poll_forget(&mut self, link: &Link, cx: &mut Context<'_>) -> Poll<bool> {
        self.buffer = BytesMut::new();
        if self.dry {
            let said = ready!(link.transport.poll_readable(cx));
            self.dry = false;
            if said.is_err() {
                return Poll::Ready(false);
            }
        }
        scratch::with(2 * CHUNK, |bytes| match link.transport.try_read(bytes) {
            Ok(read) => {
                self.dry = read < bytes.len();
                Poll::Ready(read > 0)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Poll::Ready(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.dry = true;
                Poll::Ready(true)
            }
            Err(_) => Poll::Ready(false),
        })
    }

    fn count(&mut self, read: usize) {
        self.at_end = read == 0;
        self.mid_frame |= read > 0;
        if read == self.chunk {
            self.chunk = (self.chunk * 2).min(MAX_CHUNK);
        } else if read < self.chunk / 4 {
            self.chunk = (self.chunk / 2).max(CHUNK);
        }
    }

    /// Ready when another read is worth trying; an error if a time limit elapses first.
    fn poll_readable(&mut self, link: &Link, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if let Poll::Ready(ready) = link.transport.poll_readable(cx) {
            return Poll::Ready(ready.map_err(Error::from));
        }
        self.set_alarm(link);
        while self.alarm.poll(cx).is_ready() {
            let limit = self.limit.take().unwrap_or(Limit::Idle);
            if limit != Limit::Idle || self.puts == link.puts.load(Ordering::Relaxed) {
                // Still over: a byte that comes with it does not begin the frame's time anew.
                self.limit = Some(limit);
                return Poll::Ready(Err(Error::Elapsed(limit)));
            }
            // Something was put meanwhile, so the connection is not idle.
            self.set_alarm(link);
        }
        Poll::Pending
    }

    /// Sets the alarm when the wait is for something new. Another byte of the same frame does not move it.
    fn set_alarm(&mut self, link: &Link) {
        let (wanted, time) = match self.limit {
            _ if self.mid_frame => (Limit::Frame, link.limits.frame),
            Some(Limit::FirstByte) => return,
            _ => (Limit::Idle, link.limits.idle),
        };
        if self.limit != Some(wanted) {
            self.limit = Some(wanted);
            self.puts = link.puts.load(Ordering::Relaxed);
            self.alarm.set(time);
        }
    }
}
