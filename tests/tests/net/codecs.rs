//! Codecs of the ecosystem as framings.

use async_dsl::net::{Codec, Error, unix};
use async_dsl::prelude::*;
use bytes::Bytes;
use tokio_util::codec::LengthDelimitedCodec;

#[async_dsl::test(threads = 2)]
async fn an_end_within_a_frame_is_an_error() {
    let (one, other) = unix::pair().unwrap();
    let one = one.framed(Codec::<_, _, Bytes>::new(LengthDelimitedCodec::new()));
    put!(other, b"\0\0\0\x09only".to_vec()).unwrap();
    drop(other);
    assert!(matches!(take!(one), Some(Err(_))));
    assert!(take!(one).is_none());
}

#[async_dsl::test(threads = 2)]
async fn a_codec_cannot_make_the_buffer_grow_without_bound() {
    let (one, other) = unix::pair().unwrap();
    let framing = Codec::<_, _, Bytes>::new(LengthDelimitedCodec::new()).max(1000);
    let one = one.framed(framing);
    put!(other, b"\0\0\x20\0".to_vec()).unwrap();
    put!(other, vec![0; 5000]).unwrap();
    assert!(matches!(
        take!(one),
        Some(Err(Error::TooLong { max: 1000 }))
    ));
    assert!(take!(one).is_none());
}

/// A codec that panics on `!`.
#[derive(Clone, Debug)]
struct Touchy;

impl tokio_util::codec::Decoder for Touchy {
    type Item = u8;
    type Error = std::io::Error;

    fn decode(&mut self, buffer: &mut bytes::BytesMut) -> std::io::Result<Option<u8>> {
        if buffer.is_empty() {
            return Ok(None);
        }
        let byte = buffer.split_to(1)[0];
        assert_ne!(byte, b'!', "touched");
        Ok(Some(byte))
    }
}

impl tokio_util::codec::Encoder<u8> for Touchy {
    type Error = std::io::Error;

    fn encode(&mut self, byte: u8, out: &mut bytes::BytesMut) -> std::io::Result<()> {
        out.extend_from_slice(&[byte]);
        assert_ne!(byte, b'!', "touched");
        Ok(())
    }
}

#[async_dsl::test(threads = 2)]
async fn a_codec_that_panics_leaves_an_error_behind() {
    let (one, other) = unix::pair().unwrap();
    let one = one.framed(Codec::<_, _, u8>::new(Touchy));
    put!(other, b"a!b".to_vec()).unwrap();
    assert_eq!(take!(one).unwrap().unwrap(), b'a');
    let panicked = go!(|one| { take!(one) }).outcome().await;
    assert!(panicked.is_err());
    assert!(matches!(take!(one), Some(Err(Error::Codec(_)))));
    assert!(take!(one).is_none());
    put!(one, b'c').unwrap();
    let panicked = go!(|one| { put!(one, b'!') }).outcome().await;
    assert!(panicked.is_err());
    assert!(matches!(
        put!(one, b'd').unwrap_err().error(),
        Error::Codec(_)
    ));
    drop(one);
    // No part of what panicked is written.
    assert_eq!(take!(other).unwrap().unwrap(), b"c");
    assert!(take!(other).is_none());
}

/// A codec that numbers its frames, and cannot be cloned.
struct Counting(Box<dyn FnMut() -> u8 + Send>);

impl Counting {
    fn new() -> Self {
        let mut numbers = 0..;
        Self(Box::new(move || numbers.next().unwrap()))
    }
}

impl tokio_util::codec::Decoder for Counting {
    type Item = (u8, u8);
    type Error = std::io::Error;

    fn decode(&mut self, buffer: &mut bytes::BytesMut) -> std::io::Result<Option<(u8, u8)>> {
        Ok((!buffer.is_empty()).then(|| ((self.0)(), buffer.split_to(1)[0])))
    }
}

impl tokio_util::codec::Encoder<u8> for Counting {
    type Error = std::io::Error;

    fn encode(&mut self, byte: u8, out: &mut bytes::BytesMut) -> std::io::Result<()> {
        (self.0)();
        out.extend_from_slice(&[byte]);
        Ok(())
    }
}

#[async_dsl::test(threads = 2)]
async fn a_codec_that_cannot_be_cloned_is_given_for_each_direction() {
    let framing = || Codec::<_, _, u8>::of(Counting::new(), Counting::new());
    let (one, other) = unix::pair().unwrap();
    let (one, other) = (one.framed(framing()), other.framed(framing()));
    for n in 0..3 {
        put!(one, 10 * n).unwrap();
        assert_eq!(take!(other).unwrap().unwrap(), (n, 10 * n));
    }
}
