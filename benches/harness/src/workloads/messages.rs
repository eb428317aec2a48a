//! Messages between few tasks, and along chains of them.

use std::future::pending;

use super::sum_below;
use crate::channels::{Channels, Rx, Select, Tx};
use crate::meter::Outcome;
use crate::runtimes::Runtime;

/// Two tasks hand a number to and fro. An operation is a message, half of a round trip.
pub(super) async fn pingpong<R: Runtime, C: Channels>(n: u32) -> u32 {
    let (mut ping_tx, mut ping_rx) = C::bounded(0);
    let (mut pong_tx, mut pong_rx) = C::bounded(0);
    R::go(async move {
        while let Some(value) = ping_rx.recv().await {
            pong_tx.send(value).await;
        }
    });
    for i in 0..u64::from(n / 2) {
        ping_tx.send(i).await;
        assert_eq!(pong_rx.recv().await, Some(i));
    }
    n / 2 * 2
}

/// One producer, one consumer. An operation is a message.
pub(super) async fn spsc<R: Runtime, S: Tx, T: Rx>(n: u32, (mut tx, mut rx): (S, T)) -> u32 {
    R::go(async move {
        for i in 0..u64::from(n) {
            tx.send(i).await;
        }
    });
    let mut expected = 0;
    while let Some(value) = rx.recv().await {
        assert_eq!(value, expected);
        expected += 1;
    }
    assert_eq!(expected, u64::from(n));
    n
}

/// Four producers and four consumers of one channel of 100 values; one consumer where the library has no more. An
/// operation is a message.
pub(super) async fn mpmc<R: Runtime, C: Channels>(n: u32) -> Outcome {
    let (tx, rx) = C::bounded(100);
    for producer in 0..4 {
        let mut tx = tx.clone();
        R::go(async move {
            for i in (producer..n).step_by(4) {
                tx.send(u64::from(i)).await;
            }
        });
    }
    drop(tx);
    let mut receivers = vec![rx];
    while receivers.len() < 4 {
        let Some(another) = receivers[0].share() else {
            break;
        };
        receivers.push(another);
    }
    let consumers: Vec<_> = receivers
        .into_iter()
        .map(|mut rx| {
            R::spawn(async move {
                let mut sum = 0;
                while let Some(value) = rx.recv().await {
                    sum += value;
                }
                sum
            })
        })
        .collect();
    let (mut sum, mut count) = (0, 0.0);
    for consumer in consumers {
        sum += consumer.await;
        count += 1.0;
    }
    assert_eq!(sum, sum_below(n));
    Outcome {
        operations: n,
        figures: vec![("consumers", count)],
    }
}

/// A token goes round 503 tasks. An operation is a hop.
pub(super) async fn ring<R: Runtime, C: Channels>(n: u32) -> u32 {
    let (done_tx, mut done_rx) = C::bounded(0);
    let (mut senders, receivers): (Vec<_>, Vec<_>) = (0..503).map(|_| C::bounded(0)).unzip();
    let mut first = senders[0].clone();
    senders.rotate_left(1);
    for (mut tx, mut rx) in senders.into_iter().zip(receivers) {
        let mut done_tx = done_tx.clone();
        R::go(async move {
            while let Some(left) = rx.recv().await {
                match left {
                    0 => done_tx.send(0).await,
                    _ => tx.send(left - 1).await,
                }
            }
        });
    }
    first.send(u64::from(n)).await;
    assert_eq!(done_rx.recv().await, Some(0));
    n
}

/// One task takes from whichever of `width` channels is ready. An operation is a message.
pub(super) async fn select<R: Runtime, C: Channels>(n: u32, width: u32) -> u32 {
    let receivers = (0..width)
        .map(|producer| {
            let (mut tx, rx) = C::bounded(0);
            R::go(async move {
                for i in (producer..n).step_by(width as usize) {
                    tx.send(u64::from(i)).await;
                }
                pending::<()>().await;
            });
            rx
        })
        .collect();
    let mut select = C::select(receivers);
    let mut sum = 0;
    for _ in 0..n {
        sum += select.next().await;
    }
    assert_eq!(sum, sum_below(n));
    n
}

pub(super) struct Primes {
    primes: Vec<u64>,
    /// How many messages a sieve sends to find them.
    messages: u32,
}

impl Primes {
    pub(super) fn first(n: u32) -> Self {
        let (mut primes, mut messages) = (Vec::new(), 0);
        for i in 2_u64.. {
            if primes.len() == n as usize {
                break;
            }
            messages += 1;
            let mut is_prime = true;
            for prime in &primes {
                if i % prime == 0 {
                    is_prime = false;
                    break;
                }
                messages += 1;
            }
            if is_prime {
                primes.push(i);
            }
        }
        Self { primes, messages }
    }
}

/// The first primes, through a chain of tasks that each filter. Nobody takes from the last one in the end, and a runtime that
/// ends drops them in any order: each ends when the next one is gone. An operation is a message.
pub(super) async fn prime_sieve<R: Runtime, C: Channels>(expected: Primes) -> u32 {
    let (mut tx, mut rx) = C::bounded(0);
    R::go(async move {
        for i in 2.. {
            if !tx.is_sent(i).await {
                break;
            }
        }
    });
    for prime in expected.primes {
        assert_eq!(rx.recv().await, Some(prime));
        let (mut tx, filtered) = C::bounded(0);
        let mut unfiltered = std::mem::replace(&mut rx, filtered);
        R::go(async move {
            while let Some(i) = unfiltered.recv().await {
                if i % prime != 0 && !tx.is_sent(i).await {
                    break;
                }
            }
        });
    }
    expected.messages
}
