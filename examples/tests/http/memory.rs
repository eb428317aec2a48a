//! Connections that exist in memory.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_dsl::block_on;
use async_dsl_examples::http::{Error, Framing, Head, Incoming, Limits, Method, read_head};
use futures_lite::io::AsyncRead;

/// Gives one piece a read, is not ready before each of them, and ends after the last.
pub(crate) struct Pieces(VecDeque<Vec<u8>>, bool);

impl Pieces {
    /// Cuts at these places.
    pub(crate) fn cut(bytes: &[u8], mut at: Vec<usize>) -> Self {
        at.push(bytes.len());
        at.sort_unstable();
        let mut start = 0;
        let mut pieces = VecDeque::new();
        for end in at.into_iter().map(|end| end.min(bytes.len())) {
            if end > start {
                pieces.push_back(bytes[start..end].to_vec());
                start = end;
            }
        }
        Self(pieces, false)
    }

    /// Cuts everywhere.
    pub(crate) fn single_bytes(bytes: &[u8]) -> Self {
        Self::cut(bytes, (0..bytes.len()).collect())
    }
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.1 = !self.1;
        if self.1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Some(mut piece) = self.0.pop_front() else {
            return Poll::Ready(Ok(0));
        };
        let rest = piece.split_off(piece.len().min(into.len()));
        if !rest.is_empty() {
            self.0.push_front(rest);
        }
        into[..piece.len()].copy_from_slice(&piece);
        Poll::Ready(Ok(piece.len()))
    }
}

pub(crate) const LIMITS: Limits = Limits {
    time: std::time::Duration::from_secs(10),
    head: 1000,
    body: 100,
    redirects: 0,
};

/// Head, body and trailers.
pub(crate) type Whole = (Head, Vec<u8>, Vec<(String, String)>);

/// Reads a response as the client does.
pub(crate) fn read<R>(from: R, method: Method) -> Result<Whole, Error>
where
    R: AsyncRead + Unpin,
{
    let mut from = Incoming::new(from);
    block_on(async {
        let head = read_head(&mut from, LIMITS.head).await?;
        let framing = Framing::of(method, &head)?;
        let (body, trailers) = framing.read(&mut from, &LIMITS).await?;
        Ok((head, body, trailers))
    })
}

/// What went wrong with an answer to GET, in words.
pub(crate) fn problem(response: &[u8]) -> String {
    let result = read(response, Method::Get);
    result.expect_err("this is broken").to_string()
}
