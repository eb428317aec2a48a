//! Time, and the network.

use std::time::{Duration, Instant};

use crate::meter::Outcome;
use crate::runtimes::Runtime;

/// `n` tasks sleep at once. Their deadlines are in no order, ten microseconds apart. An operation is a sleep; what it costs is
/// processor time.
pub(super) async fn timers<R: Runtime>(n: u32) -> Outcome {
    let first = Instant::now() + Duration::from_micros(5) * n;
    let tasks: Vec<_> = (0..n)
        .map(|i| {
            let nth = u64::from(i) * 7919 % u64::from(n);
            let deadline = first + Duration::from_micros(10 * nth);
            R::spawn(async move {
                R::sleep_until(deadline).await;
                let late = Instant::now().checked_duration_since(deadline);
                late.expect("no sleep ends early").as_secs_f64() * 1e6
            })
        })
        .collect();
    let mut late = Vec::with_capacity(n as usize);
    for task in tasks {
        late.push(task.await);
    }
    late.sort_by(f64::total_cmp);
    let percentile = |p: usize| late[(late.len() - 1) * p / 100];
    Outcome {
        operations: n,
        figures: vec![
            ("late_p50_us", percentile(50)),
            ("late_p99_us", percentile(99)),
            ("late_max_us", percentile(100)),
        ],
    }
}

/// 64 connections over loopback, both ends in this process. An operation is 128 bytes there and back.
pub(super) async fn tcp_echo<R: Runtime>(n: u32) -> u32 {
    const CONNECTIONS: u32 = 64;
    const BYTES: usize = 128;
    let (listener, address) = R::listen().await.expect("a port is free");
    R::go(async move {
        for _ in 0..CONNECTIONS {
            let mut stream = R::accept(&listener).await.expect("a client connects");
            R::go(async move {
                let mut buffer = [0; BYTES];
                while R::read_exact(&mut stream, &mut buffer).await.is_ok() {
                    R::write_all(&mut stream, &buffer)
                        .await
                        .expect("the client reads");
                }
            });
        }
    });
    let clients: Vec<_> = (0_u8..)
        .take(CONNECTIONS as usize)
        .map(|client| {
            R::spawn(async move {
                let mut stream = R::connect(address).await.expect("the server accepts");
                for message in 0..n / CONNECTIONS {
                    let mut bytes = [client; BYTES];
                    bytes[..4].copy_from_slice(&message.to_le_bytes());
                    let mut answer = [0; BYTES];
                    let written = R::write_all(&mut stream, &bytes).await;
                    written.expect("the server reads");
                    let read = R::read_exact(&mut stream, &mut answer).await;
                    read.expect("the server answers");
                    assert_eq!(bytes, answer);
                }
            })
        })
        .collect();
    for client in clients {
        client.await;
    }
    n / CONNECTIONS * CONNECTIONS
}
