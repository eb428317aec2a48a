//! Beside tokio, both ways: our channels and tasks in a tokio program, and what needs tokio in our tasks.
//!
//! Channel operations are plain futures: tokio polls them like any other. `go!` starts its tasks on async-dsl's own scheduler,
//! beside tokio's; its workers enter the tokio runtime that `set_tokio` was given, so that `hyper-util`, `reqwest`, `sqlx` or
//! `tokio::time` work in them. In a program without `#[tokio::main]` write `#[async_dsl::main(tokio)]`.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_dsl::net::{Conn, Lines, Options, tcp};
use async_dsl::prelude::*;
use async_dsl::scheduler;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// Tasks of tokio use our channels.
async fn ours_from_tokio() {
    let (requests, inbox) = chan::fixed::<u32>(8).split();
    let (replies, answers) = chan::fixed::<String>(8).split();

    // A task of async-dsl…
    go!({
        while let Some(n) = take!(inbox) {
            put!(replies, format!("{n} squared is {}", n * n)).ok();
        }
    });

    // …fed by a task of tokio…
    let feeder = tokio::spawn(async move {
        for n in 1..=3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            requests.put(n).await.expect("the inbox is open");
        }
    });

    // …and read by tokio's main task. Losing this `select!` loses no value.
    let mut received = 0;
    while received < 3 {
        tokio::select! {
            answer = answers.take() => {
                println!("{}", answer.expect("the replier goes on"));
                received += 1;
            }
            () = tokio::time::sleep(Duration::from_micros(100)) => {}
        }
    }
    feeder.await.expect("the feeder does not panic");
}

/// Our tasks use a client that needs tokio.
async fn tokio_from_ours(address: SocketAddr) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let pages = ["one", "two", "three"].map(|page| {
        go!(|client| {
            let uri = format!("http://{address}/{page}");
            let response = client.get(uri.parse().expect("a URI")).await;
            let body = response.expect("a response").into_body();
            let body = body.collect().await.expect("a body").to_bytes();
            String::from_utf8_lossy(&body).into_owned()
        })
    });
    for page in pages {
        print!("{}", page.await);
    }
}

/// Answers one request with its path, as a line.
#[linear]
async fn path(conn: Conn) -> io::Result<()> {
    let conn = conn.framed(Lines::new());
    let request = take!(conn).transpose()?.unwrap_or_default();
    // The head ends with an empty line.
    while take!(conn)
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let path = request.split(' ').nth(1).unwrap_or_default();
    let length = path.len() + 1;
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r");
    put!(conn, head)?;
    put!(conn, path.to_owned())?;
    Ok(())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    scheduler::set_tokio(tokio::runtime::Handle::current());
    ours_from_tokio().await;
    let server = tcp::serve(0, Options::new(), path).await?;
    tokio_from_ours(server.local_addr()?).await;
    server.shutdown(Duration::from_secs(1)).await;
    Ok(())
}
