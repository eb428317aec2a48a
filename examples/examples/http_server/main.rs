//! An HTTP/1.1 server: hyper on go blocks. `--help` lists the options, and `/` the pages.
mod connection;
mod options;
mod routes;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use async_dsl::net::tcp;
use async_dsl::prelude::*;
use async_signal::{Signal, Signals};
use futures_lite::StreamExt;

/// What has begun is answered for so long after Ctrl-C.
const GRACE: Duration = Duration::from_secs(10);

#[async_dsl::main]
async fn main() -> ExitCode {
    let options = options::options();
    match serve(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http_server: {}: {error}", options.listen);
            ExitCode::FAILURE
        }
    }
}

#[linear]
async fn serve(options: &options::Options) -> io::Result<()> {
    let mut signals = Signals::new([Signal::Int, Signal::Term])?;
    let (log, lines) = chan::dropping::<String>(1000).split();
    let app = routes::App::new(options.log.then_some(log));
    // Writing may block, so it has a thread.
    thread!({
        while let Some(line) = lines.take_blocking() {
            writeln!(io::stderr(), "{line}").ok();
        }
    });

    let (stop, stopped) = promise::<()>();
    let head_time = options.head_time;
    let listener = tcp::listen(&options.listen).await?;
    println!("listening on http://{}/", listener.local_addr()?);
    let server = go!(|| -> io::Result<()> {
        let mut connections = Vec::new();
        loop {
            let conn = alt! {
                conn = await!(listener.accept()) => conn?,
                _ = await!(&stopped) => break,
            };
            connections.retain(|task: &Task<()>| !task.is_finished());
            connections.push(go!(|app, stopped| {
                connection::serve(conn, app, stopped, head_time).await;
            }));
        }
        drop(listener);
        timeout!(GRACE, { await!(each connections) }).ok();
        Ok(())
    });

    signals.next().await;
    stop.deliver(());
    go!({
        signals.next().await;
        std::process::exit(130)
    });
    server.await
}
