//! The request itself, from the URL to the response.

use std::time::{Duration, Instant};

use async_dsl::prelude::*;
use async_dsl::time;
use futures_lite::AsyncWriteExt;
use futures_lite::io::AsyncWrite;

use super::connect::{Trust, connect};
use super::{Doing, Error, Framing, Head, Incoming, Target, read_head};

/// The limits of a request.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For everything, redirects included.
    pub time: Duration,
    /// Bytes of a head, and of the trailers.
    pub head: usize,
    /// Bytes of a body.
    pub body: usize,
    /// How many redirects are followed.
    pub redirects: usize,
}

impl Default for Limits {
    /// Returns 10 seconds, 64 KiB of head, 16 MiB of body, 5 redirects.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            head: 64 << 10,
            body: 16 << 20,
            redirects: 5,
        }
    }
}

/// The method of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Head and body.
    Get,
    /// The head alone.
    Head,
}

/// A complete response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The URL that it came from in the end.
    pub target: Target,
    /// The URLs that redirected, in order, with their status.
    pub redirects: Vec<(u16, Target)>,
    /// Status and headers.
    pub head: Head,
    /// The body, free of its framing.
    pub body: Vec<u8>,
    /// The headers that came after a body in chunks.
    pub trailers: Vec<(String, String)>,
}

/// Makes requests, each on a connection of its own.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The limits of each request.
    pub limits: Limits,
    /// The certificates that may vouch for a server.
    pub trust: Trust,
}

impl Client {
    /// Requests a URL and returns the whole response, following redirects.
    ///
    /// Parks until all of that is done; dropping it closes the connection.
    ///
    /// # Errors
    ///
    /// An [`Error`] for everything that is not a complete response within the limits. A status like 404 is no error.
    #[linear]
    pub async fn request(&self, method: Method, url: &str) -> Result<Response, Error> {
        let limits = &self.limits;
        let deadline = Deadline::after(limits.time);
        let (mut target, mut redirects) = (Target::parse(url)?, Vec::new());
        loop {
            let connected = deadline.within(Doing::Connecting, connect(&target, &self.trust));
            let mut conn = Incoming::new(connected.await?);
            let sent = deadline.within(Doing::Sending, send(conn.conn(), method, &target));
            sent.await?;
            let read = deadline.within(Doing::Head, read_head(&mut conn, limits.head));
            let head = read.await?;
            if let Some(location) = redirect(&head) {
                let next = target.follow(location)?;
                if redirects.len() == limits.redirects {
                    let why = format!("it comes after {} others", limits.redirects);
                    return Err(Error::Redirect(next.to_string(), why));
                }
                redirects.push((head.status, std::mem::replace(&mut target, next)));
                continue;
            }
            let read = Framing::of(method, &head)?.read(&mut conn, limits);
            let (body, trailers) = deadline.within(Doing::Body, read).await?;
            return Ok(Response {
                target,
                redirects,
                head,
                body,
                trailers,
            });
        }
    }
}

async fn send<W>(conn: &mut W, method: Method, target: &Target) -> Result<(), Error>
where
    W: AsyncWrite + Unpin,
{
    let request = format!(
        "{} {} HTTP/1.1\r\n\
         Host: {}\r\n\
         User-Agent: async-dsl-examples\r\n\
         Accept: */*\r\n\
         Accept-Encoding: identity\r\n\
         Connection: close\r\n\r\n",
        match method {
            Method::Get => "GET",
            Method::Head => "HEAD",
        },
        target.path_and_query(),
        target.authority(),
    );
    let sent = async {
        conn.write_all(request.as_bytes()).await?;
        conn.flush().await
    };
    sent.await
        .map_err(|error| Error::Broken(Doing::Sending, error))
}

/// Returns where a response redirects to, if it does.
fn redirect(head: &Head) -> Option<&str> {
    match head.status {
        301 | 302 | 303 | 307 | 308 => head.values("location").next(),
        _ => None,
    }
}

/// One time limit for several steps.
struct Deadline {
    at: Instant,
    limit: Duration,
}

impl Deadline {
    fn after(limit: Duration) -> Self {
        let at = time::now() + limit;
        Self { at, limit }
    }

    #[linear]
    async fn within<T, F>(&self, doing: Doing, step: F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let left = self.at.saturating_duration_since(time::now());
        let done = timeout!(left, { step.await });
        done.unwrap_or(Err(Error::Elapsed(self.limit, doing)))
    }
}
