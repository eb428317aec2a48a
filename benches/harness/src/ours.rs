//! The library itself, in the words that its users have.
//!
//! Two things are not as a user writes them, because the traits are generic: tasks are started by `Scheduler::spawn`, as
//! `go!(task.await)` would store the future twice; and `take!` and `put!` stand in an `async fn` of their own, one more
//! future around each.

use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::time::Instant;

use async_dsl::alt::TakerSet;
use async_dsl::net::{Conn, Listener, tcp};
use async_dsl::prelude::*;
use async_dsl::scheduler::{self, Scheduler};
use async_dsl::time;
use futures_lite::{AsyncReadExt, AsyncWriteExt};

use crate::channels::{Channels, Rx, Select, Tx};
use crate::runtimes::{LOOPBACK, Runtime, THREADS};

thread_local! {
    static MANUAL: Scheduler = Scheduler::manual();
}

/// `MT` says whether tasks run on the global scheduler, or on one that this thread drives by hand.
pub(crate) struct Dsl<const MT: bool>;

impl<const MT: bool> Dsl<MT> {
    fn start<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Task<T> {
        if MT {
            Scheduler::global().spawn(task)
        } else {
            MANUAL.with(|manual| manual.spawn(task))
        }
    }
}

impl<const MT: bool> Runtime for Dsl<MT> {
    type Listener = Listener;
    type Stream = Conn;

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        if MT {
            scheduler::set_workers(THREADS);
            async_dsl::block_on(body)
        } else {
            MANUAL.with(Scheduler::clone).block_on(body)
        }
    }

    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static {
        Self::start(task)
    }

    fn go(task: impl Future<Output = ()> + Send + 'static) {
        drop(Self::start(task));
    }

    fn sleep_until(at: Instant) -> impl Future<Output = ()> + Send {
        time::sleep_until(at)
    }

    async fn listen() -> io::Result<(Listener, SocketAddr)> {
        let listener = tcp::listen(LOOPBACK).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    }

    /// It sets `TCP_NODELAY` by itself.
    async fn accept(listener: &Listener) -> io::Result<Conn> {
        listener.accept().await
    }

    async fn connect(to: SocketAddr) -> io::Result<Conn> {
        Ok(tcp::connect(to).await?)
    }

    async fn read_exact(conn: &mut Conn, buffer: &mut [u8]) -> io::Result<()> {
        conn.read_exact(buffer).await
    }

    async fn write_all(conn: &mut Conn, bytes: &[u8]) -> io::Result<()> {
        conn.write_all(bytes).await
    }
}

impl Tx for Putter<u64> {
    #[linear]
    async fn is_sent(&mut self, value: u64) -> bool {
        put!(self, value).is_ok()
    }
}

impl Rx for Taker<u64> {
    #[linear]
    async fn recv(&mut self) -> Option<u64> {
        take!(self)
    }
    fn share(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A choice that is made anew each time.
pub(crate) struct Fresh(Vec<Taker<u64>>);

impl FromIterator<Taker<u64>> for Fresh {
    fn from_iter<I: IntoIterator<Item = Taker<u64>>>(takers: I) -> Self {
        Self(takers.into_iter().collect())
    }
}

impl Select for Fresh {
    async fn next(&mut self) -> u64 {
        let (_, value) = alts(self.0.iter().map(Taker::take))
            .await
            .expect("there are takers");
        value.expect("the channels are open")
    }
}

impl Select for Kept {
    async fn next(&mut self) -> u64 {
        let (_, value) = self.take().await.expect("there are takers");
        value.expect("the channels are open")
    }
}

/// A choice that is made once, over a set of takers.
pub(crate) type Kept = TakerSet<u64>;

/// The channels, with a choice of this kind.
pub(crate) struct DslChannels<S>(PhantomData<S>);

impl<S: Select + FromIterator<Taker<u64>>> Channels for DslChannels<S> {
    type Tx = Putter<u64>;
    type Rx = Taker<u64>;
    type UnboundedTx = Putter<u64>;
    type UnboundedRx = Taker<u64>;
    type Select = S;

    fn bounded(capacity: usize) -> (Putter<u64>, Taker<u64>) {
        chan::fixed(capacity).split()
    }
    fn unbounded() -> (Putter<u64>, Taker<u64>) {
        chan().split()
    }
    fn select(receivers: Vec<Taker<u64>>) -> S {
        receivers.into_iter().collect()
    }
}
