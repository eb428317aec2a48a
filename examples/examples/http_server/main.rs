//! An HTTP/1.1 server: hyper on go blocks. `--help` lists the options, and `/` the pages.
mod connection;
mod options;
mod routes;

use std::io::{self, Write};
use std::process::ExitCode;

use async_dsl::net::{self, tcp};
use async_dsl::prelude::*;
use async_signal::{Signal, Signals};
use futures_lite::StreamExt;

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
    // Writing may block, so it has a thread; it ends with the channel.
    thread!({
        while let Some(line) = lines.take_blocking() {
            writeln!(io::stderr(), "{line}").ok();
        }
    });
    let app = routes::App::new(options.log.then_some(log));

    let (stop, stopped) = promise::<()>();
    let (head_time, grace) = (options.head_time, options.grace);
    // Each connection is a task. hyper ends those that are idle between two requests, by `head_time`.
    let limits = net::Options::new().idle(None);
    let server = tcp::serve(&options.listen, limits, move |conn| {
        connection::serve(conn, app, stopped, head_time)
    });
    let server = server.await?;
    writeln!(
        io::stdout(),
        "listening on http://{}/",
        server.local_addr()?
    )?;

    signals.next().await;
    stop.deliver(()); // to every connection
    alt! {
        ended = await!(go!(server.shutdown(grace).await)) => {
            if ended.cut > 0 {
                eprintln!("http_server: connections cut off: {}", ended.cut);
            }
        }
        _ = await!(go!(signals.next().await)) => std::process::exit(130)
    }
    Ok(())
}
