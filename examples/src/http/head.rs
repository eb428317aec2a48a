//! The head of a response: its status line and its headers.

use futures_lite::io::AsyncRead;

use super::{Doing, Error, Incoming};

/// The most headers.
const MAX_HEADERS: usize = 100;

/// The status line and the headers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The digit after `HTTP/1.`.
    pub version: u8,
    /// For example 200.
    pub status: u16,
    /// What the server calls the status; may be empty.
    pub reason: String,
    /// Names and values in the order sent. Bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// Returns the values of a header, whose name is compared without regard to case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns the head, if `text` contains all of it.
    fn parse(text: &[u8]) -> Result<Option<Self>, Error> {
        // httparse skips empty lines before the status line, which a client has no reason to do.
        const START: &[u8] = b"HTTP/1.";
        if !text.starts_with(&START[..START.len().min(text.len())]) {
            return Err(Error::Malformed("not HTTP/1.x".to_owned()));
        }
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        let parsed = head.parse(text);
        if parsed
            .map_err(|error| Error::Malformed(error.to_string()))?
            .is_partial()
        {
            return Ok(None);
        }
        let status = head.code.unwrap_or_default();
        if status < 100 {
            return Err(Error::Malformed(format!("status {status:03}")));
        }
        Ok(Some(Self {
            version: head.version.unwrap_or_default(),
            status,
            reason: head.reason.unwrap_or_default().to_owned(),
            headers: owned(head.headers),
        }))
    }
}

pub(super) fn owned(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    let text = |value| String::from_utf8_lossy(value).into_owned();
    headers
        .iter()
        .map(|header| (header.name.to_owned(), text(header.value)))
        .collect()
}

/// Returns the head of the final response, past the interim ones (`100 Continue`). All heads together may have `limit`
/// bytes.
///
/// Parks until the head has arrived; if it is dropped while it waits, what it has read is lost.
///
/// # Errors
///
/// [`Error::Malformed`] as soon as a line cannot be one of a response, [`Error::TooLarge`], [`Error::Broken`].
pub async fn read_head<R>(from: &mut Incoming<R>, limit: usize) -> Result<Head, Error>
where
    R: AsyncRead + Unpin,
{
    let (mut text, mut before) = (Vec::new(), 0);
    loop {
        let part = "head of the response";
        from.line(&mut text, limit, (Doing::Head, part)).await?;
        match Head::parse(&text[before..])? {
            Some(head) if head.status == 101 => {
                return Err(Error::Malformed(
                    "a switch of protocols nobody asked for".to_owned(),
                ));
            }
            Some(head) if head.status < 200 => before = text.len(),
            Some(head) => return Ok(head),
            None => {} // the next line
        }
    }
}
