//! The channels, behind one trait. They carry `u64`, the cheapest message there is.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_lite::{Stream, StreamExt};

pub(crate) trait Tx: Clone + Send + 'static {
    /// Whether a receiver is left, and the value sent.
    fn is_sent(&mut self, value: u64) -> impl Future<Output = bool> + Send;

    /// Panics if no receiver is left.
    fn send(&mut self, value: u64) -> impl Future<Output = ()> + Send {
        async move { assert!(self.is_sent(value).await, "a receiver is left") }
    }
}

pub(crate) trait Rx: Sized + Send + 'static {
    /// `None` once the channel is empty and every sender is gone.
    fn recv(&mut self) -> impl Future<Output = Option<u64>> + Send;

    /// Another receiver of the same channel, where the channel allows several.
    fn share(&self) -> Option<Self>;
}

/// One task that waits for many channels at once.
pub(crate) trait Select: Send + 'static {
    /// The next value of any channel.
    fn next(&mut self) -> impl Future<Output = u64> + Send;
}

/// The channels of one library.
pub(crate) trait Channels: 'static {
    type Tx: Tx;
    type Rx: Rx;
    type UnboundedTx: Tx;
    type UnboundedRx: Rx;
    type Select: Select;

    /// Zero asks for a rendezvous; a library without it gives its smallest buffer.
    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx);
    fn unbounded() -> (Self::UnboundedTx, Self::UnboundedRx);
    fn select(receivers: Vec<Self::Rx>) -> Self::Select;
}

/// Polls streams in turn, from the one after that which was ready last.
pub(crate) struct Poller<S> {
    streams: Vec<S>,
    first: usize,
}

impl<S: Stream<Item = u64> + Send + Unpin + 'static> Poller<S> {
    fn new(streams: impl Iterator<Item = S>) -> Self {
        Self {
            streams: streams.collect(),
            first: 0,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<u64> {
        let (before, from) = self.streams.split_at_mut(self.first);
        for (index, stream) in from.iter_mut().chain(before).enumerate() {
            if let Poll::Ready(Some(value)) = stream.poll_next(cx) {
                self.first = (self.first + index + 1) % self.streams.len();
                return Poll::Ready(value);
            }
        }
        Poll::Pending
    }
}

impl<S: Stream<Item = u64> + Send + Unpin + 'static> Select for Poller<S> {
    fn next(&mut self) -> impl Future<Output = u64> + Send {
        poll_fn(|cx| self.poll(cx))
    }
}

/// `Tx` or `Rx` for a type whose method of the same purpose returns a `Result`, or an `Option`.
macro_rules! ends {
    ($($tx:ty: |$to:ident, $value:ident| $send:expr;)* ; $($rx:ty: |$from:ident| $recv:expr, $share:expr;)*) => {
        $(impl Tx for $tx {
            async fn is_sent(&mut self, $value: u64) -> bool {
                let $to = self;
                $send.is_ok()
            }
        })*
        $(impl Rx for $rx {
            async fn recv(&mut self) -> Option<u64> {
                let $from = self;
                $recv
            }
            fn share(&self) -> Option<Self> {
                let $from = self;
                $share
            }
        })*
    };
}

ends! {
    tokio::sync::mpsc::Sender<u64>: |tx, value| Self::send(tx, value).await;
    tokio::sync::mpsc::UnboundedSender<u64>: |tx, value| Self::send(tx, value);
    async_channel::Sender<u64>: |tx, value| Self::send(tx, value).await;
    flume::Sender<u64>: |tx, value| tx.send_async(value).await;
    kanal::AsyncSender<u64>: |tx, value| Self::send(tx, value).await;
    tachyonix::Sender<u64>: |tx, value| Self::send(tx, value).await;
    ;
    tokio::sync::mpsc::Receiver<u64>: |rx| Self::recv(rx).await, { let _ = rx; None };
    tokio::sync::mpsc::UnboundedReceiver<u64>: |rx| Self::recv(rx).await, { let _ = rx; None };
    async_channel::Receiver<u64>: |rx| Self::recv(rx).await.ok(), Some(rx.clone());
    flume::Receiver<u64>: |rx| rx.recv_async().await.ok(), Some(rx.clone());
    kanal::AsyncReceiver<u64>: |rx| Self::recv(rx).await.ok(), Some(rx.clone());
    tachyonix::Receiver<u64>: |rx| Self::recv(rx).await.ok(), { let _ = rx; None };
}

pub(crate) struct Tokio;

/// What tokio-stream has.
pub(crate) struct TokioStream(tokio::sync::mpsc::Receiver<u64>);

impl Stream for TokioStream {
    type Item = u64;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u64>> {
        self.0.poll_recv(cx)
    }
}

impl Channels for Tokio {
    type Tx = tokio::sync::mpsc::Sender<u64>;
    type Rx = tokio::sync::mpsc::Receiver<u64>;
    type UnboundedTx = tokio::sync::mpsc::UnboundedSender<u64>;
    type UnboundedRx = tokio::sync::mpsc::UnboundedReceiver<u64>;
    type Select = Poller<TokioStream>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        tokio::sync::mpsc::channel(capacity.max(1))
    }
    fn unbounded() -> (Self::UnboundedTx, Self::UnboundedRx) {
        tokio::sync::mpsc::unbounded_channel()
    }
    fn select(receivers: Vec<Self::Rx>) -> Self::Select {
        Poller::new(receivers.into_iter().map(TokioStream))
    }
}

pub(crate) struct AsyncChannel;

impl Channels for AsyncChannel {
    type Tx = async_channel::Sender<u64>;
    type Rx = async_channel::Receiver<u64>;
    type UnboundedTx = Self::Tx;
    type UnboundedRx = Self::Rx;
    type Select = Poller<Pin<Box<Self::Rx>>>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        async_channel::bounded(capacity.max(1))
    }
    fn unbounded() -> (Self::Tx, Self::Rx) {
        async_channel::unbounded()
    }
    fn select(receivers: Vec<Self::Rx>) -> Self::Select {
        Poller::new(receivers.into_iter().map(Box::pin))
    }
}

pub(crate) struct Flume;

impl Channels for Flume {
    type Tx = flume::Sender<u64>;
    type Rx = flume::Receiver<u64>;
    type UnboundedTx = Self::Tx;
    type UnboundedRx = Self::Rx;
    type Select = Poller<flume::r#async::RecvStream<'static, u64>>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        flume::bounded(capacity)
    }
    fn unbounded() -> (Self::Tx, Self::Rx) {
        flume::unbounded()
    }
    fn select(receivers: Vec<Self::Rx>) -> Self::Select {
        Poller::new(receivers.into_iter().map(flume::Receiver::into_stream))
    }
}

pub(crate) struct Kanal;

/// Not the stream of kanal 0.1.1: it does not reset its signal after a message, so that a poll for another stream's sake
/// returns the old message again and leaves a waiter that dangles.
pub(crate) struct KanalStream {
    receiver: &'static kanal::AsyncReceiver<u64>,
    pending: Pin<Box<kanal::ReceiveFuture<'static, u64>>>,
}

impl Stream for KanalStream {
    type Item = u64;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u64>> {
        let value = ready!(self.pending.as_mut().poll(cx));
        let next = self.receiver.recv();
        self.pending.set(next);
        Poll::Ready(value.ok())
    }
}

impl Channels for Kanal {
    type Tx = kanal::AsyncSender<u64>;
    type Rx = kanal::AsyncReceiver<u64>;
    type UnboundedTx = Self::Tx;
    type UnboundedRx = Self::Rx;
    type Select = Poller<KanalStream>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        kanal::bounded_async(capacity)
    }
    fn unbounded() -> (Self::Tx, Self::Rx) {
        kanal::unbounded_async()
    }
    fn select(receivers: Vec<Self::Rx>) -> Self::Select {
        // Its futures borrow the receiver. Leaked, as a process runs one workload.
        let receivers = receivers.into_iter().map(|rx| &*Box::leak(Box::new(rx)));
        Poller::new(receivers.map(|receiver| KanalStream {
            receiver,
            pending: Box::pin(receiver.recv()),
        }))
    }
}

pub(crate) struct Tachyonix;

/// It has no unbounded channel: `systems` leaves out the workload that needs one.
impl Channels for Tachyonix {
    type Tx = tachyonix::Sender<u64>;
    type Rx = tachyonix::Receiver<u64>;
    type UnboundedTx = Self::Tx;
    type UnboundedRx = Self::Rx;
    type Select = Poller<Self::Rx>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        tachyonix::channel(capacity.max(1))
    }
    fn unbounded() -> (Self::Tx, Self::Rx) {
        unreachable!("it has none")
    }
    fn select(receivers: Vec<Self::Rx>) -> Self::Select {
        Poller::new(receivers.into_iter())
    }
}
