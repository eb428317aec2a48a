//! The body of a response: where it ends, and reading it.

use futures_lite::io::AsyncRead;

use super::{Doing, Error, Head, Incoming, Limits, Method, read_chunked};

/// How the end of a body is found (RFC 9112, section 6.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framing {
    /// There is no body.
    None,
    /// After this many bytes.
    Length(usize),
    /// Each chunk has its length; an empty one is the last.
    Chunked,
    /// At the end of the connection.
    UntilClose,
}

impl Framing {
    /// Returns the framing that a head announces.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if it announces none that is certain: two lengths, a length and chunks, another coding. Two
    /// readers may take such a response for two different ones, and that is how responses are smuggled.
    pub fn of(method: Method, head: &Head) -> Result<Self, Error> {
        let malformed = |what: String| Err(Error::Malformed(what));
        if method == Method::Head || head.status < 200 || matches!(head.status, 204 | 304) {
            return Ok(Self::None);
        }
        let mut codings = head.values("transfer-encoding");
        let mut lengths = head.values("content-length");
        match (
            codings.next(),
            codings.next(),
            lengths.next(),
            lengths.next(),
        ) {
            (None, _, None, _) => Ok(Self::UntilClose),
            (None, _, Some(length), None) => match length.parse() {
                // `parse` would take a sign.
                Ok(n) if length.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Self::Length(n)),
                _ => malformed(format!("content-length {length:?}")),
            },
            (None, _, Some(_), Some(_)) => malformed("more than one content-length".to_owned()),
            (Some(_), _, Some(_), _) => {
                malformed("both content-length and transfer-encoding".to_owned())
            }
            (Some(coding), None, ..) if coding.eq_ignore_ascii_case("chunked") => {
                if head.version == 0 {
                    return malformed("chunks in HTTP/1.0".to_owned());
                }
                Ok(Self::Chunked)
            }
            (Some(coding), ..) => malformed(format!("transfer-encoding {coding:?}")),
        }
    }

    /// Reads the body, and the trailers that may come after chunks.
    ///
    /// Parks until the end of the body; if it is dropped while it waits, what it has read is lost.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] as soon as that is known, [`Error::Malformed`], [`Error::Broken`].
    pub async fn read<R>(self, from: &mut Incoming<R>, limits: &Limits) -> Result<Body, Error>
    where
        R: AsyncRead + Unpin,
    {
        let limit = limits.body;
        let too_large = Error::TooLarge {
            part: "body",
            limit,
        };
        let mut body = Vec::new();
        match self {
            Self::None => {}
            Self::Length(n) if n > limit => return Err(too_large),
            Self::Length(n) => from.exactly(n, &mut body).await?,
            Self::Chunked => return read_chunked(from, limits).await,
            Self::UntilClose => loop {
                let bytes = from.arrived(Doing::Body).await?;
                let n = bytes.len();
                if n == 0 {
                    break;
                }
                if n > limit - body.len() {
                    return Err(too_large);
                }
                body.extend_from_slice(bytes);
                from.consume(n);
            },
        }
        Ok((body, Vec::new()))
    }
}

/// The bytes of a body, and its trailers.
pub(super) type Body = (Vec<u8>, Vec<(String, String)>);
