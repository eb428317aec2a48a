//! The sending direction: the one frame that was accepted and is not yet written.

use std::io;
use std::net::Shutdown;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};

use super::alarm::Alarm;
use super::link::Link;
use super::{Error, Limit};

/// A buffer larger than this is not kept for the next frame.
const KEEP: usize = 64 << 10;

#[derive(Debug)]
pub(crate) struct Output {
    /// Accepted, and not yet written: one frame at most, since the next is accepted only when it is empty.
    bytes: BytesMut,
    /// The socket is assumed to take more, since the last write was complete.
    hot: bool,
    failed: Option<Error>,
    /// The peer has been sent the end.
    shut: bool,
    /// A task was started that writes the rest.
    pub(super) winding_up: bool,
    alarm: Alarm,
}

impl Output {
    pub(super) fn new() -> Self {
        Self {
            bytes: BytesMut::new(),
            hot: true,
            failed: None,
            shut: false,
            winding_up: false,
            alarm: Alarm::default(),
        }
    }

    pub(super) fn is_flushed(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Returns why nothing can be put any more.
    pub(super) fn refusal(&self, link: &Link) -> Option<Error> {
        self.failed.clone().or_else(|| link.refusal())
    }

    /// Sends the end; to be called once everything is written.
    pub(super) fn shut(&mut self, link: &Link) {
        if !std::mem::replace(&mut self.shut, true) {
            // On an error the connection is gone anyway.
            let _ = link.transport.shutdown(Shutdown::Write);
        }
    }

    fn fail(&mut self, link: &Link, error: Error) {
        if self.failed.is_none() {
            link.count(&error);
            self.failed = Some(error);
        }
        self.bytes = BytesMut::new();
    }

    /// Ready when earlier frames are written and the socket takes bytes. `surely` asks the socket; without it, a
    /// complete last write is evidence enough.
    pub(super) fn poll_room(
        &mut self,
        link: &Link,
        surely: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        if let Some(error) = self.refusal(link) {
            return Poll::Ready(Err(error));
        }
        ready!(self.poll_flush(link, cx))?;
        if surely || !self.hot {
            self.hot = false;
            if let Err(error) = ready!(link.transport.poll_writable(cx)) {
                let error = Error::from(error);
                self.fail(link, error.clone());
                return Poll::Ready(Err(error));
            }
            self.hot = true;
        }
        Poll::Ready(Ok(()))
    }

    /// Accepts the frame that `encode` writes: all of it, or nothing if it fails or panics.
    pub(super) fn accept<E>(
        &mut self,
        link: &Link,
        encode: impl FnOnce(&mut BytesMut) -> Result<(), E>,
    ) -> Result<(), E> {
        // Out of the field until the frame is whole: half a frame must not be written with the next one.
        let mut bytes = std::mem::take(&mut self.bytes);
        encode(&mut bytes)?;
        self.bytes = bytes;
        // An empty frame is already written.
        if !self.bytes.is_empty() {
            self.alarm.set(link.limits.write);
        }
        Ok(())
    }

    /// Writes what the socket takes at once. Returns `Ok(true)` if everything is written.
    pub(super) fn try_flush(&mut self, link: &Link) -> Result<bool, Error> {
        if self.bytes.is_empty() {
            return Ok(true);
        }
        while !self.bytes.is_empty() {
            match link.transport.try_write(&self.bytes) {
                Ok(0) => return Err(self.failed_with(link, io::ErrorKind::WriteZero.into())),
                Ok(written) => self.bytes.advance(written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.hot = false;
                    return Ok(false);
                }
                Err(error) => return Err(self.failed_with(link, error)),
            }
        }
        if self.bytes.capacity() > KEEP {
            self.bytes = BytesMut::new();
        } else {
            self.bytes.clear();
        }
        self.alarm.clear();
        self.hot = true;
        Ok(true)
    }

    /// Ready when everything that was accepted is written.
    pub(super) fn poll_flush(
        &mut self,
        link: &Link,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        loop {
            if let Some(error) = link.fate().or_else(|| self.failed.clone()) {
                self.fail(link, error.clone());
                return Poll::Ready(Err(error));
            }
            if self.try_flush(link)? {
                return Poll::Ready(Ok(()));
            }
            match link.transport.poll_writable(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(self.failed_with(link, error))),
                Poll::Pending => {
                    ready!(self.alarm.poll(cx));
                    return Poll::Ready(Err(self.too_late(link)));
                }
            }
        }
    }

    /// Writes as many of the bytes as the socket takes at once, after what was accepted before.
    pub(super) fn poll_write(
        &mut self,
        link: &Link,
        bytes: &[u8],
        cx: &mut Context<'_>,
    ) -> Poll<Result<usize, Error>> {
        if let Some(error) = self.refusal(link) {
            return Poll::Ready(Err(error));
        }
        ready!(self.poll_flush(link, cx))?;
        loop {
            match link.transport.try_write(bytes) {
                Ok(written) => {
                    self.alarm.clear();
                    link.puts.fetch_add(1, Ordering::Relaxed);
                    return Poll::Ready(Ok(written));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !self.alarm.is_set() {
                        self.alarm.set(link.limits.write);
                    }
                    match link.transport.poll_writable(cx) {
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(error)) => {
                            return Poll::Ready(Err(self.failed_with(link, error)));
                        }
                        Poll::Pending => {
                            ready!(self.alarm.poll(cx));
                            return Poll::Ready(Err(self.too_late(link)));
                        }
                    }
                }
                Err(error) => return Poll::Ready(Err(self.failed_with(link, error))),
            }
        }
    }

    fn too_late(&mut self, link: &Link) -> Error {
        let error = Error::Elapsed(Limit::Write);
        // Half a frame may be out: nothing can follow it.
        link.abort(error.clone());
        self.fail(link, error.clone());
        error
    }

    fn failed_with(&mut self, link: &Link, error: io::Error) -> Error {
        let error = Error::from(error);
        self.fail(link, error.clone());
        error
    }
}
