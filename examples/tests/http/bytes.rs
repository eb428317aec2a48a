//! Whatever bytes come, however they are cut: never a panic, the same answer, no more memory than the limits allow.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_dsl_examples::http::Method;
use futures_lite::io::AsyncRead;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::memory::{LIMITS, Pieces, read};

/// Bytes that are nearly a response: pieces of one, in any order, and noise.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "HTTP/1.1 200 OK\r\n", "HTTP/1.0 200\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 204 No\r\n",
            "Content-Length: 7\r\n", "content-length: 0\r\n", "Transfer-Encoding: chunked\r\n", "A: b\r\n",
            "\r\n", "\n", "\r", "5\r\nhello\r\n", "0\r\n\r\n", "0;x\r\n", "64\r\n", "fffffffffffffff\r\n", " ", ":",
            "\t x\r\n", "hello",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..40),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A head that is whole, so that what comes after it is read as a body.
fn bytes_of_a_body() -> impl Strategy<Value = Vec<u8>> {
    let head = prop::sample::select(vec![
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ]);
    (head, bytes()).prop_map(|(head, body)| [head.as_bytes(), &body].concat())
}

/// A body in chunks of these sizes, with extensions, and the bytes that carry it.
fn chunked() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    vec(
        (vec(any::<u8>(), 1..12), "(;[a-z]{0,9}(=[a-z]{0,9})?)?"),
        0..8,
    )
    .prop_map(|chunks| {
        let (mut body, mut wire) = (Vec::new(), Vec::new());
        wire.extend(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (chunk, extension) in chunks {
            wire.extend(format!("{:X}{extension}\r\n", chunk.len()).bytes());
            wire.extend(&chunk);
            wire.extend(b"\r\n");
            body.extend(chunk);
        }
        wire.extend(b"0\r\n\r\n");
        (body, wire)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_answer_does_not_depend_on_the_cuts(
        bytes in prop_oneof![bytes(), bytes_of_a_body()],
        cuts in vec(0..600_usize, 0..40),
        method in prop::sample::select(vec![Method::Get, Method::Head]),
    ) {
        let whole = format!("{:?}", read(&bytes[..], method));
        let cut = format!("{:?}", read(Pieces::cut(&bytes, cuts), method));
        prop_assert_eq!(&whole, &cut);
        let single = format!("{:?}", read(Pieces::single_bytes(&bytes), method));
        prop_assert_eq!(&whole, &single);
    }

    #[test]
    fn chunks_carry_any_body_whole((body, wire) in chunked(), cuts in vec(0..600_usize, 0..40)) {
        let read = read(Pieces::cut(&wire, cuts), Method::Get);
        prop_assert_eq!(read.expect("this is a response").1, body);
    }

    #[test]
    fn an_endless_response_ends_at_the_limits(
        start in prop_oneof![bytes(), bytes_of_a_body()],
        again in prop_oneof![bytes(), Just(b"1;x\r\nx\r\n".to_vec()), Just(b"a: b\r\n".to_vec())],
    ) {
        prop_assume!(!again.is_empty());
        let taken = Cell::new(0);
        let read = read(Endless(&start, &again, &taken), Method::Get);
        // A byte of a body may cost a whole line of a chunk, and no more.
        let most = LIMITS.head + LIMITS.body * (256 + 3) + LIMITS.head + 8192;
        prop_assert!(taken.get() <= most, "{} bytes", taken.get());
        if let Ok((_, body, _)) = read {
            prop_assert!(body.len() <= LIMITS.body && body.capacity() <= 2 * LIMITS.body);
        }
    }
}

/// The first bytes once, the second for ever; counts what is taken.
struct Endless<'a>(&'a [u8], &'a [u8], &'a Cell<usize>);

impl AsyncRead for Endless<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.0.is_empty() {
            self.0 = self.1;
        }
        let n = self.0.len().min(into.len());
        into[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        self.2.set(self.2.get() + n);
        Poll::Ready(Ok(n))
    }
}
