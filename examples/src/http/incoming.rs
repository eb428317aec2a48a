//! Reading from a connection, with limits.

use std::fmt;
use std::io;

use futures_lite::AsyncReadExt;
use futures_lite::io::AsyncRead;

use super::{Doing, Error};

/// A connection, and the bytes that have arrived on it and are not yet read.
///
/// It is not a `futures_lite::io::BufReader` because the future of `fill_buf` polls a ready reader twice, and panics if
/// the second answer differs: a connection at its end may be reset in between.
pub struct Incoming<R> {
    conn: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    ended: bool,
}

impl<R: AsyncRead + Unpin> Incoming<R> {
    /// Returns a reader of this connection.
    pub fn new(conn: R) -> Self {
        Self {
            conn,
            buffer: vec![0; 8 << 10].into(),
            start: 0,
            end: 0,
            ended: false,
        }
    }

    /// Returns the connection, to write to it.
    pub(super) fn conn(&mut self) -> &mut R {
        &mut self.conn
    }

    /// Returns the bytes that have arrived, at least one; none only at the end of the connection.
    pub(super) async fn arrived(&mut self, doing: Doing) -> Result<&[u8], Error> {
        if self.start == self.end && !self.ended {
            let read = self.conn.read(&mut self.buffer).await;
            let n = read.map_err(|error| Error::Broken(doing, error))?;
            (self.start, self.end, self.ended) = (0, n, n == 0);
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Marks `n` bytes as read.
    pub(super) fn consume(&mut self, n: usize) {
        self.start += n;
    }

    /// Returns the bytes that have arrived; the end of the connection is an error here.
    async fn expected(&mut self, doing: Doing) -> Result<&[u8], Error> {
        match self.arrived(doing).await? {
            [] => Err(Error::Broken(doing, io::ErrorKind::UnexpectedEof.into())),
            bytes => Ok(bytes),
        }
    }

    /// Appends the next line, with its end, to `into`, which may not grow beyond `limit`.
    pub(super) async fn line(
        &mut self,
        into: &mut Vec<u8>,
        limit: usize,
        (doing, part): (Doing, &'static str),
    ) -> Result<(), Error> {
        loop {
            let bytes = self.expected(doing).await?;
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let n = end.map_or(bytes.len(), |end| end + 1);
            if n > limit - into.len() {
                return Err(Error::TooLarge { part, limit });
            }
            into.extend_from_slice(&bytes[..n]);
            self.consume(n);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// Appends the next `n` bytes. Memory grows with what arrives, not with what was promised.
    pub(super) async fn exactly(&mut self, mut n: usize, into: &mut Vec<u8>) -> Result<(), Error> {
        while n > 0 {
            let bytes = self.expected(Doing::Body).await?;
            let now = n.min(bytes.len());
            into.extend_from_slice(&bytes[..now]);
            self.consume(now);
            n -= now;
        }
        Ok(())
    }
}

impl<R> fmt::Debug for Incoming<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("waiting", &(self.end - self.start))
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
