//! Fetches pages one after another, and then all at once: n times the delay, against once.
//!
//! `fetch_all URL…` fetches these. Without a URL it asks a little server of its own, whose every answer takes 200 ms
//! (`--delay MS` for another time): three times one after another, ten times at once.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use async_dsl::net::{Conn, Lines, Options, tcp};
use async_dsl::prelude::*;
use async_dsl::time::now;
use async_dsl_examples::http::{Client, Error, Method, Response};
use lexopt::prelude::*;

#[async_dsl::main]
async fn main() -> ExitCode {
    let (mut urls, delay) = arguments().unwrap_or_else(|problem| {
        eprintln!("fetch_all: {problem}\nusage: fetch_all [--delay MS] [URL…]");
        std::process::exit(2)
    });
    let mut first = urls.len();
    if urls.is_empty() {
        let address = start_server(delay).await.expect("there is a free port");
        urls = (1..=10).map(|n| format!("http://{address}/{n}")).collect();
        first = 3;
    }
    let client = Client::default();
    let mut all_fetched = true;

    println!("one after another:");
    let start = now();
    for url in &urls[..first] {
        all_fetched &= report(url, &client.request(Method::Get, url).await);
    }
    println!("{first} requests took {} ms\n", start.elapsed().as_millis());

    println!("all at once:");
    let start = now();
    let mut tasks = Vec::new();
    for url in &urls {
        let url = url.clone();
        tasks.push(go!(|client| client.request(Method::Get, &url).await));
    }
    for (url, task) in urls.iter().zip(tasks) {
        all_fetched &= report(url, &task.await);
    }
    println!(
        "{} requests took {} ms",
        urls.len(),
        start.elapsed().as_millis()
    );
    ExitCode::from(u8::from(!all_fetched))
}

/// Prints the result. Returns whether it is a response.
fn report(url: &str, fetched: &Result<Response, Error>) -> bool {
    match fetched {
        Ok(Response { head, body, .. }) => {
            println!("  {url}  {}, {} bytes", head.status, body.len());
        }
        Err(error) => eprintln!("  {url}  {error}"),
    }
    fetched.is_ok()
}

/// Starts a server on a free port that answers every request after this time.
async fn start_server(delay: Duration) -> io::Result<SocketAddr> {
    let server = tcp::serve(0, Options::new(), move |conn| answer(conn, delay)).await?;
    let address = server.local_addr()?;
    server.detach();
    Ok(address)
}

#[linear]
async fn answer(conn: Conn, delay: Duration) {
    let conn = conn.framed(Lines::new());
    // The head of the request ends with an empty line.
    while let Some(Ok(line)) = take!(conn) {
        if line.is_empty() {
            sleep!(delay);
            let response = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello";
            put!(conn, response.to_owned()).ok();
            break;
        }
    }
}

fn arguments() -> Result<(Vec<String>, Duration), lexopt::Error> {
    let (mut urls, mut delay) = (Vec::new(), 200);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("delay") => delay = parser.value()?.parse()?,
            Value(url) => urls.push(url.string()?),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok((urls, Duration::from_millis(delay)))
}
