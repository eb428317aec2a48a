//! The executors, behind one trait. All of it is dispatched statically, so it costs nothing.

use std::future::pending;
use std::io;
use std::iter::repeat_n;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

use async_executor::{Executor, LocalExecutor, StaticExecutor};
use async_io::{Async, Timer};

/// How many threads a runtime of several threads has.
pub(crate) const THREADS: usize = 2;

/// An executor with its timer and its TCP sockets.
pub(crate) trait Runtime: 'static {
    type Listener: Send + 'static;
    type Stream: Send + 'static;

    /// Starts the runtime, runs `body` on the calling thread, and stops.
    fn block_on<T>(body: impl Future<Output = T>) -> T;

    /// As `block_on`, with the body in a task.
    fn run<T: Send + 'static>(root: impl Future<Output = T> + Send + 'static) -> T {
        Self::block_on(async { Self::spawn(root).await })
    }

    /// Starts a task whose result can be awaited.
    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static;

    /// Starts a task, and detaches it.
    fn go(task: impl Future<Output = ()> + Send + 'static);

    fn sleep_until(at: Instant) -> impl Future<Output = ()> + Send;

    fn listen() -> impl Future<Output = io::Result<(Self::Listener, SocketAddr)>> + Send;
    fn accept(listener: &Self::Listener) -> impl Future<Output = io::Result<Self::Stream>> + Send;
    fn connect(to: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send;
    fn read_exact(
        stream: &mut Self::Stream,
        buffer: &mut [u8],
    ) -> impl Future<Output = io::Result<()>> + Send;
    fn write_all(
        stream: &mut Self::Stream,
        bytes: &[u8],
    ) -> impl Future<Output = io::Result<()>> + Send;
}

pub(crate) const LOOPBACK: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// tokio; `MT` says whether its runtime is the one of several threads.
pub(crate) struct Tokio<const MT: bool>;

impl<const MT: bool> Runtime for Tokio<MT> {
    type Listener = tokio::net::TcpListener;
    type Stream = tokio::net::TcpStream;

    fn block_on<T>(body: impl Future<Output = T>) -> T {
        let mut builder = if MT {
            tokio::runtime::Builder::new_multi_thread()
        } else {
            tokio::runtime::Builder::new_current_thread()
        };
        let runtime = builder
            .worker_threads(THREADS)
            .enable_all()
            .build()
            .expect("threads can be started");
        let result = runtime.block_on(body);
        runtime.shutdown_background();
        result
    }

    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static {
        let handle = tokio::spawn(task);
        async { handle.await.expect("the task has not panicked") }
    }

    fn go(task: impl Future<Output = ()> + Send + 'static) {
        drop(tokio::spawn(task));
    }

    fn sleep_until(at: Instant) -> impl Future<Output = ()> + Send {
        tokio::time::sleep_until(at.into())
    }

    async fn listen() -> io::Result<(Self::Listener, SocketAddr)> {
        let listener = tokio::net::TcpListener::bind(LOOPBACK).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    }

    async fn accept(listener: &Self::Listener) -> io::Result<Self::Stream> {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn connect(to: SocketAddr) -> io::Result<Self::Stream> {
        let stream = tokio::net::TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn read_exact(stream: &mut Self::Stream, buffer: &mut [u8]) -> io::Result<()> {
        tokio::io::AsyncReadExt::read_exact(stream, buffer).await?;
        Ok(())
    }

    async fn write_all(stream: &mut Self::Stream, bytes: &[u8]) -> io::Result<()> {
        tokio::io::AsyncWriteExt::write_all(stream, bytes).await
    }
}

/// What the executors of smol have in common: the reactor (async-io), and the tasks (async-task).
macro_rules! smol {
    ($(#[$doc:meta])* $name:ident, executor: $executor:expr, threads: $threads:expr) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl Runtime for $name {
            type Listener = Async<TcpListener>;
            type Stream = Async<TcpStream>;

            fn block_on<T>(body: impl Future<Output = T>) -> T {
                for () in repeat_n((), $threads - 1) {
                    std::thread::spawn(|| async_io::block_on($executor.run(pending::<()>())));
                }
                async_io::block_on($executor.run(body))
            }

            fn spawn<T: Send + 'static>(
                task: impl Future<Output = T> + Send + 'static,
            ) -> impl Future<Output = T> + Send + 'static {
                $executor.spawn(task)
            }

            fn go(task: impl Future<Output = ()> + Send + 'static) {
                $executor.spawn(task).detach();
            }

            async fn sleep_until(at: Instant) {
                Timer::at(at).await;
            }

            async fn listen() -> io::Result<(Self::Listener, SocketAddr)> {
                let listener = Async::<TcpListener>::bind(LOOPBACK)?;
                let address = listener.get_ref().local_addr()?;
                Ok((listener, address))
            }

            async fn accept(listener: &Self::Listener) -> io::Result<Self::Stream> {
                let (stream, _) = listener.accept().await?;
                stream.get_ref().set_nodelay(true)?;
                Ok(stream)
            }

            async fn connect(to: SocketAddr) -> io::Result<Self::Stream> {
                let stream = Async::<TcpStream>::connect(to).await?;
                stream.get_ref().set_nodelay(true)?;
                Ok(stream)
            }

            async fn read_exact(stream: &mut Self::Stream, buffer: &mut [u8]) -> io::Result<()> {
                futures_lite::AsyncReadExt::read_exact(stream, buffer).await
            }

            async fn write_all(stream: &mut Self::Stream, bytes: &[u8]) -> io::Result<()> {
                futures_lite::AsyncWriteExt::write_all(stream, bytes).await
            }
        }
    };
}

static EXECUTOR: Executor<'static> = Executor::new();
static STATIC_EXECUTOR: StaticExecutor = StaticExecutor::new();
thread_local! {
    static LOCAL_EXECUTOR: &'static LocalExecutor<'static> = Box::leak(Box::default());
}

smol! {
    /// One `Executor` that every thread runs, as the smol crate does.
    Smol, executor: EXECUTOR, threads: THREADS
}
smol! {
    /// The same with `StaticExecutor`, which has no list of its live tasks.
    SmolStatic, executor: STATIC_EXECUTOR, threads: THREADS
}
smol! {
    /// `LocalExecutor`, on one thread.
    SmolLocal, executor: LOCAL_EXECUTOR.with(|executor| *executor), threads: 1
}
