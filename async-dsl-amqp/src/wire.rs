//! What the pumps know of a broker. `lapin` implements it over sockets, the simulation in memory; no type of either goes further.
//!
//! There are three things: a [`Wire`] opens connections; a [`Link`] is one connection; a [`Channel`] is one AMQP channel on it, and
//! belongs to one pump, which calls it from one task. A broker has two links, one for puts and one for takes, since a broker in
//! need of memory stops reading from connections that publish.
//!
//! # Rules for who implements it
//!
//! - Nothing here blocks a thread, and every future may be dropped at any time: what it has begun is finished behind the scenes or
//!   undone with the channel. Nothing waits longer than its deadline ([`DEADLINE`] unless said otherwise): a peer that is silent
//!   gives [`Fault::Elapsed`], and leaves no thread, no descriptor and no task.
//! - A `poll_…` that is pending wakes the waker of its last call. Each keeps one waker.
//! - After the first [`Fault`] that [ends](Fault::is_end) the channel every call gives such a fault at once, and `poll_confirm`
//!   first gives what was confirmed before. A channel that is dropped is closed, and so is a link, in the background.
//! - Publishes are confirmed in any order and told in the order in which they were handed over, each once.
//! - Time is that of the scheduler.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::message::{MessageId, Properties};
use crate::queue::QueueSpec;

/// For connecting, opening a channel, declaring, consuming.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'a>>;

/// Opens connections. It knows the addresses and the credentials: they are in none of its texts, nor in a [`Fault`]'s.
pub(crate) trait Wire: Send + Sync + fmt::Debug {
    /// Connects to the broker's `address`th address, counted around. `purpose` (`"puts"`, `"takes"`) is shown behind the user's name
    /// for the program in the broker's list of connections.
    ///
    /// # Errors
    ///
    /// [`Fault::Elapsed`], [`Fault::Lost`], [`Fault::Credentials`], [`Fault::Tls`]. Only after the first two it makes sense to
    /// try the next address.
    fn connect(&self, address: usize, purpose: &str) -> Answer<'_, Arc<dyn Link>>;

    /// How many addresses there are.
    fn addresses(&self) -> usize;
}

/// One connection.
pub(crate) trait Link: Send + Sync + fmt::Debug {
    /// Opens a channel. With `confirms` its publishes are confirmed.
    fn open(&self, confirms: bool) -> Answer<'_, Box<dyn Channel>>;

    /// Whether the broker has stopped reading from this connection (`connection.blocked`).
    fn is_blocked(&self) -> bool;

    /// Whether the connection is over.
    fn is_over(&self) -> bool;

    /// Ends the connection in order, and waits for that until the deadline.
    fn close(&self) -> Answer<'_, ()>;
}

/// One AMQP channel.
pub(crate) trait Channel: Send + fmt::Debug {
    /// Declares a queue with the flags and [arguments](QueueSpec::arguments) of the spec, which does nothing if it is there. Returns
    /// its name, which the broker makes up for a queue without one.
    ///
    /// # Errors
    ///
    /// [`Fault::Contradiction`] if there is one of this name that differs (406), that belongs to another connection (405), or if it
    /// may not be declared (403).
    fn declare_queue<'a>(&'a mut self, queue: &'a QueueSpec) -> Answer<'a, String>;

    /// Declares an exchange, with the same errors. One that is not durable is gone with the broker.
    fn declare_exchange<'a>(
        &'a mut self,
        name: &'a str,
        kind: ExchangeKind,
        durable: bool,
    ) -> Answer<'a, ()>;

    /// Lets an exchange route what is published with a matching key to a queue. To bind twice is to bind once.
    ///
    /// # Errors
    ///
    /// [`Fault::NoQueue`] if one of the two is not there.
    fn bind<'a>(&'a mut self, queue: &'a str, exchange: &'a str, key: &'a str) -> Answer<'a, ()>;

    /// Deletes a queue with what is in it. One that is not there is deleted already.
    fn delete_queue<'a>(&'a mut self, queue: &'a str) -> Answer<'a, ()>;

    /// How much waits in a queue, and for how many consumers (a passive declare). [`Fault::NoQueue`] ends the channel.
    fn look<'a>(&'a mut self, queue: &'a str) -> Answer<'a, Depth>;

    /// Hands a message over to be sent. It is never parked, and never dropped: its [confirm](Self::poll_confirm) follows, or the
    /// channel ends.
    ///
    /// # Errors
    ///
    /// One that ends the channel: then the message was not sent.
    fn publish(&mut self, publish: Publish) -> Result<(), Fault>;

    /// The next of the publishes, in the order in which they were handed over, of which is known what became of it.
    fn poll_confirm(&mut self, cx: &mut Context<'_>) -> Poll<Result<Confirm, Fault>>;

    /// Begins to consume, with at most `prefetch` deliveries that are not settled. Once a channel.
    fn consume<'a>(&'a mut self, queue: &'a str, prefetch: u16) -> Answer<'a, ()>;

    /// The next delivery. [`Fault::Cancelled`] when the broker has ended the subscription, as it does when the queue is deleted or
    /// its leader goes; the channel lives on.
    fn poll_delivery(&mut self, cx: &mut Context<'_>) -> Poll<Result<Incoming, Fault>>;

    /// Settles a delivery, or with `multiple` all up to it. Handed over at once, as a publish is.
    fn settle(&mut self, tag: u64, verdict: Verdict, multiple: bool) -> Result<(), Fault>;
}

/// A message to be sent.
pub(crate) struct Publish {
    /// Empty: to the queue that is named by the key.
    pub(crate) exchange: Arc<str>,
    pub(crate) key: Arc<str>,
    /// One that no queue takes is returned: its confirm is [`Outcome::Unroutable`].
    pub(crate) mandatory: bool,
    pub(crate) properties: Properties,
    /// Also in the properties.
    pub(crate) id: MessageId,
    pub(crate) body: Arc<[u8]>,
}

/// Without the body, which may be anybody's secret.
impl fmt::Debug for Publish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What became of a publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Confirm {
    pub(crate) id: MessageId,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// `basic.ack`.
    Taken,
    /// `basic.nack`: a full queue, or one without a leader.
    Refused,
    /// `basic.return`, matched by the message's id, and then confirmed.
    Unroutable,
}

/// A delivery.
pub(crate) struct Incoming {
    /// Of this channel: it means nothing on the next.
    pub(crate) tag: u64,
    pub(crate) redelivered: bool,
    /// The routing key that it was published with.
    pub(crate) key: String,
    pub(crate) properties: Properties,
    pub(crate) body: Vec<u8>,
}

/// Without the body, which may be anybody's secret.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("tag", &self.tag)
            .field("redelivered", &self.redelivered)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is done with.
    Ack,
    /// It comes again.
    Requeue,
    /// To the dead letters, if the queue has any.
    Reject,
}

/// What a look at a queue shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Depth {
    /// Messages that are ready, without those that were delivered and not settled.
    pub(crate) ready: u32,
    pub(crate) consumers: u32,
}

/// How an exchange routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExchangeKind {
    /// To each of its queues.
    Fanout,
    /// To those whose binding matches the key: words between dots, `*` for one word, `#` for any number.
    Topic,
}

/// Why something on a wire did not work.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The address cannot be reached, or the connection is over, with what is known of why.
    Lost(String),
    /// The deadline passed.
    Elapsed,
    /// The broker does not accept who we are.
    Credentials,
    Tls(String),
    /// What is declared differs from what is there (406), or may not be declared (403): trying again does not help.
    Contradiction(String),
    NoQueue(String),
    /// The broker has closed this channel, not the connection.
    Closed(String),
    /// The broker has ended the subscription.
    Cancelled,
}

impl Fault {
    /// Whether nothing more can be done with the channel.
    pub(crate) fn is_end(&self) -> bool {
        !matches!(self, Self::Cancelled)
    }
}
