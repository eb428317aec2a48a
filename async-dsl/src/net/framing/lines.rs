//! Lines of text.

use bytes::{Buf, BytesMut};

use super::{Decode, Encode, Framing, MAX_FRAME, sealed};
use crate::net::Error;

/// Lines of UTF-8 text. A take returns a line without its end, which is LF or CRLF; a last line without an end is
/// returned too. A put writes its text and an LF; text that contains newlines itself arrives as several lines.
///
/// A line longer than the limit, 64 KiB unless [`max`](Self::max) says otherwise, is [`Error::TooLong`]; one that is not
/// UTF-8 is [`Error::InvalidUtf8`]. Both end the receiving direction.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::net::{Lines, unix};
///
/// async_dsl::block_on(async_block!({
///     let (one, other) = unix::pair().unwrap();
///     let other = other.framed(Lines::new());
///     put!(one, b"a line\r\nand the rest".to_vec()).unwrap();
///     drop(one);
///     assert_eq!(take!(other).unwrap().unwrap(), "a line");
///     assert_eq!(take!(other).unwrap().unwrap(), "and the rest");
///     assert!(take!(other).is_none());
/// }));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    max: usize,
}

impl Lines {
    /// Returns lines of up to 64 KiB.
    pub const fn new() -> Self {
        Self { max: MAX_FRAME }
    }

    /// Sets the longest line, in bytes without its end.
    #[must_use]
    pub const fn max(self, max: usize) -> Self {
        Self { max }
    }
}

impl Default for Lines {
    fn default() -> Self {
        Self::new()
    }
}

impl sealed::Sealed for Lines {}

impl Framing for Lines {
    type Frame = String;
    type Put = String;
    type Decoder = LinesDecoder;
    type Encoder = Self;

    fn halves(self) -> (LinesDecoder, Self) {
        let decoder = LinesDecoder {
            max: self.max,
            searched: 0,
        };
        (decoder, self)
    }
}

#[doc(hidden)]
#[derive(Debug)]
pub struct LinesDecoder {
    max: usize,
    /// The number of bytes at the front of the buffer that hold no newline.
    searched: usize,
}

impl Decode for LinesDecoder {
    type Frame = String;

    const FRAMED: bool = true;

    fn decode(&mut self, buffer: &mut BytesMut, at_end: bool) -> Result<Option<String>, Error> {
        let rest = buffer.get(self.searched..).unwrap_or_default();
        let newline = rest.iter().position(|byte| *byte == b'\n');
        let (end, skip) = match newline {
            Some(at) => (self.searched + at, 1),
            None if at_end && !buffer.is_empty() => (buffer.len(), 0),
            None => {
                self.searched = buffer.len();
                // One more than allowed may still be the CR of its end.
                let longest = self.max.saturating_add(1);
                return if buffer.len() > longest {
                    Err(Error::TooLong { max: self.max })
                } else {
                    Ok(None)
                };
            }
        };
        self.searched = 0;
        let mut line = buffer.split_to(end);
        buffer.advance(skip);
        if skip == 1 && line.last() == Some(&b'\r') {
            line.truncate(line.len() - 1);
        }
        if line.len() > self.max {
            return Err(Error::TooLong { max: self.max });
        }
        match std::str::from_utf8(&line) {
            Ok(line) => Ok(Some(line.to_owned())),
            Err(_) => Err(Error::InvalidUtf8),
        }
    }
}

impl Encode for Lines {
    type Item = String;

    fn encode(&mut self, line: String, out: &mut BytesMut) -> Result<(), Error> {
        out.reserve(line.len() + 1);
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(b"\n");
        Ok(())
    }
}
