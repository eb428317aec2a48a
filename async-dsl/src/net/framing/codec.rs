//! Codecs of the ecosystem as framings.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::BytesMut;
use tokio_util::codec::{Decoder, Encoder};

use super::{Decode, Encode, Framing, MAX_FRAME, sealed};
use crate::net::Error;

/// Any codec of [`tokio_util::codec`] as a framing; `I` is the type that is put.
///
/// The trade-off: that trait is the one for which codecs exist, and it is well maintained and tied to no runtime; but
/// its crate compiles a part of tokio (none of its runtime, io or timers), so this is behind the feature `codec`.
///
/// Each direction has its own copy of the codec. A frame may have up to 64 KiB, unless [`max`](Self::max) says
/// otherwise; that bounds the buffer of an incomplete frame, whatever the codec itself allows.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::net::{Codec, unix};
/// use bytes::Bytes;
/// use tokio_util::codec::LengthDelimitedCodec;
///
/// async_dsl::block_on(async_block!({
///     let (one, other) = unix::pair().unwrap();
///     let framing = || Codec::<_, _, Bytes>::new(LengthDelimitedCodec::new());
///     let (one, other) = (one.framed(framing()), other.framed(framing()));
///     put!(one, Bytes::from("two words")).unwrap();
///     assert_eq!(take!(other).unwrap().unwrap(), "two words");
/// }));
/// ```
pub struct Codec<D, E, I> {
    decoder: D,
    encoder: E,
    max: usize,
    item: PhantomData<fn(I)>,
}

impl<C, I> Codec<C, C, I> {
    /// The same codec in both directions. Each has its own copy, so it must be `Clone`; [`of`](Self::of) is for those
    /// that are not.
    pub fn new(codec: C) -> Self
    where
        C: BothDirections,
    {
        Self::of(codec.clone(), codec)
    }
}

/// Every codec that is `Clone`; a trait of its own, so that it can have its own error message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `Clone`, so one of it cannot be the codec of both directions",
    label = "not `Clone`",
    note = "give each direction its own: `Codec::of(decoder, encoder)`"
)]
pub trait BothDirections: Clone {}

#[diagnostic::do_not_recommend]
impl<C: Clone> BothDirections for C {}

impl<D, E, I> Codec<D, E, I> {
    /// Returns a framing with one codec for takes and one for puts.
    pub fn of(decoder: D, encoder: E) -> Self {
        Self {
            decoder,
            encoder,
            max: MAX_FRAME,
            item: PhantomData,
        }
    }

    /// Sets the longest incomplete frame that is buffered, in bytes.
    #[must_use]
    pub fn max(mut self, max: usize) -> Self {
        self.max = max;
        self
    }
}

impl<D: fmt::Debug, E: fmt::Debug, I> fmt::Debug for Codec<D, E, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec")
            .field("decoder", &self.decoder)
            .field("encoder", &self.encoder)
            .field("max", &self.max)
            .finish()
    }
}

impl<D, E, I> sealed::Sealed for Codec<D, E, I> {}

impl<D, E, I> Framing for Codec<D, E, I>
where
    D: Decoder,
    D::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    E: Encoder<I>,
    E::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Frame = D::Item;
    type Put = I;
    type Decoder = CodecDecoder<D>;
    type Encoder = CodecEncoder<E, I>;

    fn halves(self) -> (CodecDecoder<D>, CodecEncoder<E, I>) {
        let decoder = CodecDecoder {
            decoder: self.decoder,
            max: self.max,
        };
        (decoder, CodecEncoder(self.encoder, PhantomData))
    }
}

#[doc(hidden)]
#[derive(Debug)]
pub struct CodecDecoder<D> {
    decoder: D,
    max: usize,
}

#[doc(hidden)]
#[derive(Debug)]
pub struct CodecEncoder<E, I>(E, PhantomData<fn(I)>);

/// Converts an error of the codec, or an error of the operating system that the codec passes on.
fn error(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    match error.into().downcast::<io::Error>() {
        Ok(error) => Error::Io(Arc::from(error)),
        Err(error) => Error::Codec(Arc::from(error)),
    }
}

impl<D> Decode for CodecDecoder<D>
where
    D: Decoder,
    D::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Frame = D::Item;

    const FRAMED: bool = true;

    fn decode(&mut self, buffer: &mut BytesMut, at_end: bool) -> Result<Option<D::Item>, Error> {
        let frame = if at_end {
            self.decoder.decode_eof(buffer)
        } else {
            self.decoder.decode(buffer)
        };
        match frame.map_err(error)? {
            None if buffer.len() > self.max => Err(Error::TooLong { max: self.max }),
            frame => Ok(frame),
        }
    }
}

impl<E, I> Encode for CodecEncoder<E, I>
where
    E: Encoder<I>,
    E::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Item = I;

    fn encode(&mut self, item: I, out: &mut BytesMut) -> Result<(), Error> {
        self.0.encode(item, out).map_err(error)
    }
}
