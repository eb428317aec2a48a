//! The server's answers.

use std::convert::Infallible;
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::time;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

/// A larger body is refused.
const BODY: usize = 1 << 20;
/// The time limit for a body to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

const PAGE: &str = "\
GET  /              this page
POST /echo          the body back, up to 1 MiB
GET  /sleep?ms=100  after so many milliseconds
GET  /count         how often this was asked for
";

type Answer = Response<Full<Bytes>>;

/// Shared by all requests: an agent that counts, and a channel to the task that writes the log.
#[derive(Clone)]
pub(crate) struct App {
    count: Agent<u64>,
    log: Option<Putter<String>>,
}

impl App {
    pub(crate) fn new(log: Option<Putter<String>>) -> Self {
        Self {
            count: agent(0),
            log,
        }
    }

    /// Answers one request. An error of the request is an answer too.
    #[linear]
    pub(crate) async fn answer(self, request: Request<Incoming>) -> Result<Answer, Infallible> {
        let Some(log) = &self.log else {
            return Ok(self.route(request).await);
        };
        let asked = format!("{} {}", request.method(), request.uri());
        let start = time::now();
        let answer = self.route(request).await;
        let (status, took) = (answer.status().as_u16(), start.elapsed());
        // The channel drops lines that are not read in time, so that a slow terminal delays no request.
        put!(log, format!("{status} {asked} {took:.1?}")).ok();
        Ok(answer)
    }

    #[linear]
    async fn route(&self, request: Request<Incoming>) -> Answer {
        let get = matches!(*request.method(), Method::GET | Method::HEAD);
        match request.uri().path() {
            "/" if get => text(PAGE),
            "/echo" if request.method() == Method::POST => echo(request).await,
            "/sleep" if get => match milliseconds(request.uri().query()) {
                Some(ms) => {
                    sleep!(Duration::from_millis(ms));
                    text(format!("slept {ms} ms\n"))
                }
                None => failed(StatusCode::BAD_REQUEST, "ms is a number up to 60000"),
            },
            "/count" if get => {
                // Actions run one at a time, so no two requests get the same number.
                let (resolver, number) = promise();
                let sent = send!(self.count, |n| {
                    resolver.deliver(n + 1);
                    n + 1
                });
                sent.expect("counting does not fail");
                text(format!(
                    "{}\n",
                    number.await.expect("counting does not fail")
                ))
            }
            "/" | "/sleep" | "/count" => not_allowed("GET, HEAD"),
            "/echo" => not_allowed("POST"),
            _ => failed(StatusCode::NOT_FOUND, "no such page; / lists them"),
        }
    }
}

#[linear]
async fn echo(request: Request<Incoming>) -> Answer {
    let kind = request.headers().get(CONTENT_TYPE).cloned();
    let body = Limited::new(request.into_body(), BODY);
    match timeout!(BODY_TIME, { body.collect().await }) {
        Ok(Ok(body)) => {
            let mut answer = Response::new(Full::new(body.to_bytes()));
            answer
                .headers_mut()
                .extend(kind.map(|kind| (CONTENT_TYPE, kind)));
            answer
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => failed(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than 1 MiB",
        ),
        Ok(Err(_)) => failed(StatusCode::BAD_REQUEST, "the body is broken"),
        Err(_) => failed(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
    }
}

fn milliseconds(query: Option<&str>) -> Option<u64> {
    let pairs = url::form_urlencoded::parse(query?.as_bytes());
    let (_, ms) = pairs.into_iter().find(|(name, _)| name == "ms")?;
    ms.parse().ok().filter(|ms| *ms <= 60_000)
}

fn text(body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, plain);
    answer
}

fn failed(status: StatusCode, why: &str) -> Answer {
    let mut answer = text(format!("{why}\n"));
    *answer.status_mut() = status;
    answer
}

fn not_allowed(allowed: &'static str) -> Answer {
    let mut answer = failed(
        StatusCode::METHOD_NOT_ALLOWED,
        "this is not for that method",
    );
    answer
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    answer
}
