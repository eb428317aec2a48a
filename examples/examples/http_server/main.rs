//! An HTTP server: hyper on go blocks.
mod connection;
mod options;
mod routes;

use std::io::Write;
use std::process::ExitCode;

use async_dsl::prelude::*;
use async_signal::{Signal, Signals};
use futures_lite::StreamExt;

#[async_dsl::main]
async fn main() -> ExitCode {
    let options = options::options();
    let (log, lines) = chan::dropping::<String>(1000).split();
    let app = routes::App::new(log);
    let (stop, stopped) = promise::<()>();
    let listener = async_io::Async::<std::net::TcpListener>::bind(
        options.listen.parse::<std::net::SocketAddr>().unwrap(),
    );
    let listener = match listener {
        Ok(l) => l,
        Err(error) => {
            eprintln!("http_server: {}: {error}", options.listen);
            return ExitCode::FAILURE;
        }
    };
    println!(
        "listening on http://{}/",
        listener.get_ref().local_addr().unwrap()
    );
    let mut signals = Signals::new([Signal::Int, Signal::Term]).expect("signals can be heard");
    let head_time = options.head_time;
    let accept = go!({
        let mut tasks = vec![];
        loop {
            let next = futures_lite::future::or(async { Some(listener.accept().await.unwrap().0) }, async { stopped.clone().await.ok(); None }).await;
            let Some(conn) = next else { drop(listener); break };
            conn.get_ref().set_nodelay(true).unwrap();
            tasks.push(go!(|app, stopped| connection::serve(conn, app, stopped, head_time).await));
        }
        await!(each tasks);
    });
    if options.log {
        thread!({
            while let Some(line) = lines.take_blocking() {
                writeln!(std::io::stderr(), "{line}").ok();
            }
        });
    }
    signals.next().await;
    stop.deliver(());
    go!({
        signals.next().await;
        std::process::exit(130)
    });
    accept.await;
    ExitCode::SUCCESS
}
