//! How a stream of bytes is cut into frames.

mod chunks;
#[cfg(feature = "codec")]
mod codec;
mod lines;

pub use chunks::Chunks;
#[cfg(feature = "codec")]
pub use codec::Codec;
pub use lines::Lines;

use bytes::BytesMut;

use super::Error;

/// The longest frame, in bytes, unless a framing sets its own.
pub(super) const MAX_FRAME: usize = 64 << 10;

/// How the bytes of a [`Conn`](super::Conn) are cut into frames: [`Chunks`], [`Lines`], or a codec.
///
/// It cannot be implemented outside this crate: your own framing is a codec (feature `codec`).
///
/// # Examples
///
/// ```
/// use async_dsl::net::{Conn, Error, Framing, Lines, unix};
///
/// /// The first frame, however frames are made.
/// async fn first<C: Framing>(conn: &Conn<C>) -> Option<Result<C::Frame, Error>> {
///     conn.take().await
/// }
///
/// async_dsl::block_on(async {
///     let (one, other) = unix::pair().unwrap();
///     one.put(b"a line\n".to_vec()).await.unwrap();
///     let line = first(&other.framed(Lines::new())).await;
///     assert_eq!(line.unwrap().unwrap(), "a line");
/// });
/// ```
pub trait Framing: sealed::Sealed {
    /// The type of a taken frame.
    type Frame;
    /// The type of a value to put.
    type Put;

    #[doc(hidden)]
    type Decoder: Decode<Frame = Self::Frame>;
    #[doc(hidden)]
    type Encoder: Encode<Item = Self::Put>;

    #[doc(hidden)]
    fn halves(self) -> (Self::Decoder, Self::Encoder);
}

mod sealed {
    pub trait Sealed {}
}

#[doc(hidden)]
pub trait Decode {
    type Frame;

    /// Whether the end of a frame can be recognised without the next one.
    const FRAMED: bool;

    /// Takes the next frame out of the buffer, if it is complete. Called again after more bytes were appended, or when
    /// the peer has ended: then `None` is the end, a clean one only if nothing is left in the buffer.
    fn decode(&mut self, buffer: &mut BytesMut, at_end: bool)
    -> Result<Option<Self::Frame>, Error>;
}

#[doc(hidden)]
pub trait Encode {
    type Item;

    /// Appends the frame of `item`.
    fn encode(&mut self, item: Self::Item, out: &mut BytesMut) -> Result<(), Error>;
}
