//! One connection: hyper over a `Conn`, timed by the scheduler's clock.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use async_dsl::net::Conn;
use async_dsl::prelude::*;
use async_dsl::time;
use futures_lite::future;
use hyper::rt::{Sleep, Timer};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use smol_hyper::rt::FuturesIo;

use super::routes::App;

/// Answers the requests of a connection, one after another, until the client has enough of it or `stop` is delivered.
pub(crate) async fn serve(conn: Conn, app: App, stop: Promise<()>, head_time: Duration) {
    let service = service_fn(|request| app.clone().answer(request));
    let http = http1::Builder::new()
        .timer(Clock)
        .header_read_timeout(head_time)
        .half_close(true)
        .max_header_size(16 << 10)
        .serve_connection(FuturesIo::new(conn), service);
    let mut http = pin!(http);
    let stopped = async {
        stop.await.ok();
        true
    };
    let ended = async {
        // Clients break connections all the time; every request that could be answered was.
        http.as_mut().await.ok();
        false
    };
    if future::or(ended, stopped).await {
        // A request that has begun is still answered.
        http.as_mut().graceful_shutdown();
        http.await.ok();
    }
}

/// The scheduler's clock, for hyper.
struct Clock;

impl Timer for Clock {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(Pause(time::sleep(duration)))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Pause(time::sleep_until(deadline)))
    }

    fn now(&self) -> Instant {
        time::now()
    }
}

struct Pause(time::Sleep);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl Sleep for Pause {}
