//! No framing: bytes as they come.

use bytes::{Bytes, BytesMut};

use super::{Decode, Encode, Framing, sealed};
use crate::net::Error;

/// Bytes as they come: a take returns what has arrived, at least one byte, however the peer wrote it.
///
/// `put!` takes `Vec<u8>`, [`Bytes`], `BytesMut`, `String`, `&[u8]`, arrays and `&str` alike. Anything else than a
/// `Vec<u8>` becomes one, which copies a slice; an error returns it. [`Conn::put`](crate::net::Conn::put) takes `Vec<u8>`.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::net::unix;
///
/// async_dsl::block_on(async_block!({
///     let (one, other) = unix::pair().unwrap();
///     put!(one, "hello").unwrap();
///     assert_eq!(take!(other).unwrap().unwrap(), b"hello");
/// }));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Chunks;

impl sealed::Sealed for Chunks {}

impl Framing for Chunks {
    type Frame = Vec<u8>;
    type Put = Vec<u8>;
    type Decoder = Self;
    type Encoder = Self;

    fn halves(self) -> (Self, Self) {
        (self, self)
    }
}

impl Decode for Chunks {
    type Frame = Vec<u8>;

    const FRAMED: bool = false;

    fn decode(&mut self, buffer: &mut BytesMut, _: bool) -> Result<Option<Vec<u8>>, Error> {
        if buffer.is_empty() {
            return Ok(None);
        }
        let chunk = buffer.to_vec();
        buffer.clear();
        Ok(Some(chunk))
    }
}

/// Chunks from this size on are taken over instead of copied.
const LARGE: usize = 16 << 10;

impl Encode for Chunks {
    type Item = Vec<u8>;

    fn encode(&mut self, chunk: Vec<u8>, out: &mut BytesMut) -> Result<(), Error> {
        if out.is_empty() && chunk.len() >= LARGE {
            *out = BytesMut::from(Bytes::from(chunk));
        } else {
            out.extend_from_slice(&chunk);
        }
        Ok(())
    }
}
