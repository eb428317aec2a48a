//! Bodies in chunks.

use futures_lite::io::AsyncRead;

use super::body::Body;
use super::head::owned;
use super::{Doing, Error, Incoming, Limits};

/// The most bytes in a line with the size of a chunk, its extensions included.
const SIZE_LINE: usize = 256;
/// The most trailers.
const MAX_TRAILERS: usize = 100;

/// Reads chunks up to the last one, then the trailers. Extensions are ignored.
///
/// Parks until the end; if it is dropped while it waits, what it has read is lost.
///
/// # Errors
///
/// [`Error::TooLarge`] before a chunk is read that would be too much; [`Error::Malformed`], [`Error::Broken`].
pub async fn read_chunked<R>(from: &mut Incoming<R>, limits: &Limits) -> Result<Body, Error>
where
    R: AsyncRead + Unpin,
{
    let limit = limits.body;
    let (mut body, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        from.line(&mut line, SIZE_LINE, (Doing::Body, "line of a chunk"))
            .await?;
        match size(&line)? {
            0 => break,
            n if n > limit - body.len() => {
                return Err(Error::TooLarge {
                    part: "body",
                    limit,
                });
            }
            n => from.exactly(n, &mut body).await?,
        }
        line.clear();
        from.exactly(2, &mut line).await?;
        if line != b"\r\n" {
            return Err(Error::Malformed(
                "a chunk is longer than it says".to_owned(),
            ));
        }
    }
    line.clear();
    loop {
        let start = line.len();
        from.line(&mut line, limits.head, (Doing::Body, "trailer"))
            .await?;
        if matches!(&line[start..], b"\r\n" | b"\n") {
            break;
        }
    }
    let mut trailers = [httparse::EMPTY_HEADER; MAX_TRAILERS];
    match httparse::parse_headers(&line, &mut trailers) {
        Ok(httparse::Status::Complete((_, trailers))) => Ok((body, owned(trailers))),
        Ok(httparse::Status::Partial) => Err(Error::Malformed("trailers".to_owned())),
        Err(error) => Err(Error::Malformed(format!("trailers: {error}"))),
    }
}

/// A size beyond what memory can hold is parsed as the largest: above every limit.
fn size(line: &[u8]) -> Result<usize, Error> {
    match httparse::parse_chunk_size(line) {
        // To httparse no digit at all is a 0.
        Ok(httparse::Status::Complete((_, size))) if line[0].is_ascii_hexdigit() => {
            Ok(size.try_into().unwrap_or(usize::MAX))
        }
        _ => {
            let line = String::from_utf8_lossy(line);
            Err(Error::Malformed(format!(
                "size of a chunk {:?}",
                line.trim_end()
            )))
        }
    }
}
