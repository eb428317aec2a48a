//! One connection to a broker, from its first byte to its last.

use super::auth::{ByCertificate, Secret};
use super::executor::OnDsl;
use super::publish::Publisher;
use super::reactor::Reactor;
use super::subscription::Subscription;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::CancelToken;
use async_io::Timer;
use async_rs::Runtime;
use async_rs::util::RuntimeParts;
use futures_core::Stream;
use futures_lite::future::or;
use lapin::options::{
    BasicConsumeOptions, BasicQosOptions, ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::protocol::{AMQPErrorKind, AMQPHardError};
use lapin::tcp::AsyncTcpStream;
use lapin::types::FieldTable;
use lapin::types::ShortString;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, ErrorKind, Event};
use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

/// The largest frame that we agree to, which is what RabbitMQ proposes: the buffers of a connection are as large as it is, so a
/// peer must not choose it.
const FRAME_MAX: u32 = 128 * 1024;
/// So many channels has a connection at most; RabbitMQ proposes as many.
const CHANNEL_MAX: u16 = 2047;

/// Whom to connect to, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) vhost: String,
    /// `None`: the client's certificate says it.
    pub(crate) secret: Option<Secret>,
    /// In whole seconds; 0 is rounded up.
    pub(crate) heartbeat: Duration,
    /// What the broker's operator sees as the name of the connection.
    pub(crate) name: String,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<super::tls::Tls>,
}

/// What a look at a queue shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// Those that wait; not those that were delivered and are not acknowledged.
    pub(crate) messages: u32,
    pub(crate) takers: u32,
}

/// Why there is no connection, or no more.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// Not within the deadline; what was awaited.
    Elapsed(&'static str),
    /// The broker refuses this user, password or virtual host.
    Credentials(String),
    /// The certificate of the peer, or ours.
    #[cfg(feature = "tls")]
    Tls(String),
    /// Of the network, or of a peer that is no broker.
    Lost(String),
    /// The broker said no, with its code.
    Refused { code: u16, text: String },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elapsed(what) => write!(f, "{what} took too long"),
            Self::Credentials(text) => write!(f, "the broker refuses these credentials: {text}"),
            #[cfg(feature = "tls")]
            Self::Tls(text) => write!(f, "TLS: {text}"),
            Self::Lost(text) => f.write_str(text),
            Self::Refused { code, text } => write!(f, "the broker says {code}: {text}"),
        }
    }
}

/// Translates an error of `lapin`.
pub(super) fn failure(error: &lapin::Error) -> Failure {
    match error.kind() {
        ErrorKind::ProtocolError(said) => match said.kind() {
            AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => {
                Failure::Credentials(said.get_message().to_string())
            }
            kind if kind.get_id() == 403 && !said.get_message().as_str().contains(" to queue ") => {
                Failure::Credentials(said.get_message().to_string())
            }
            kind => Failure::Refused {
                code: kind.get_id(),
                text: said.get_message().to_string(),
            },
        },
        #[cfg(feature = "tls")]
        ErrorKind::IOError(error) if super::tls::is_ours(error) => Failure::Tls(error.to_string()),
        ErrorKind::IOError(error) => Failure::Lost(error.to_string()),
        _ => Failure::Lost(error.to_string()),
    }
}

/// Returns what `future` gives, or an error after `limit` of the real clock: the broker's time is no other.
pub(super) async fn within<T>(
    limit: Duration,
    what: &'static str,
    future: impl Future<Output = lapin::Result<T>>,
) -> Result<T, Failure> {
    let given = async { future.await.map_err(|error| failure(&error)) };
    or(given, async {
        Timer::after(limit).await;
        Err(Failure::Elapsed(what))
    })
    .await
}

/// A connection. Dropped, it ends at once, with its thread, its tasks and its socket; what was not confirmed may have arrived.
pub(crate) struct Link {
    pub(super) connection: Connection,
    end: End,
}

/// Ends a connection that is dropped, also one that is being made.
struct End {
    reactor: Reactor,
    gone: CancelToken,
}

impl Drop for End {
    fn drop(&mut self) {
        self.reactor.end();
        self.gone.cancel();
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("connected", &self.connection.status().connected())
            .finish_non_exhaustive()
    }
}

impl Link {
    /// Connects, within `limit`, which is for all of it: the name, the socket, the encryption, the handshake.
    ///
    /// Its tasks run on `scheduler`. Dropping this future ends what it has begun.
    pub(crate) async fn open(
        peer: &Peer,
        scheduler: Scheduler,
        limit: Duration,
    ) -> Result<Self, Failure> {
        let mut uri = AMQPUri {
            vhost: peer.vhost.clone(),
            ..AMQPUri::default()
        };
        uri.authority.host.clone_from(&peer.host);
        uri.authority.port = peer.port;
        uri.authority.userinfo.username = String::new();
        uri.authority.userinfo.password = String::new();
        uri.query.frame_max = Some(FRAME_MAX);
        uri.query.channel_max = Some(CHANNEL_MAX);
        uri.query.heartbeat =
            Some(u16::try_from(peer.heartbeat.as_secs().max(1)).unwrap_or(u16::MAX));
        let mut properties =
            ConnectionProperties::default().with_connection_name(peer.name.as_str().into());
        properties = match &peer.secret {
            Some(secret) => properties.with_auth_provider(secret.clone()),
            None => properties.with_auth_provider(ByCertificate),
        };
        let reactor = Reactor::new(
            #[cfg(feature = "tls")]
            peer.tls.clone(),
        );
        let end = End {
            reactor: reactor.clone(),
            gone: CancelToken::new(),
        };
        let executor = OnDsl {
            scheduler,
            gone: end.gone.clone(),
        };
        let runtime = Runtime::new(RuntimeParts::new(executor, reactor.clone()));
        let address = (peer.host.clone(), peer.port);
        let connecting = Connection::connector(
            uri,
            runtime,
            async move |_, runtime| {
                let socket =
                    AsyncTcpStream::connect(&runtime, runtime.to_socket_addrs(address.clone()));
                Ok(reactor.until_end(socket).await?)
            },
            properties,
        );
        let connection = within(limit, "connecting", connecting).await?;
        Ok(Self { connection, end })
    }

    /// Returns whether the broker has blocked what this connection sends.
    pub(crate) fn blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Returns whether the connection is up, as far as is known.
    pub(crate) fn connected(&self) -> bool {
        self.connection.status().connected()
    }

    /// Returns what happens to the connection: it is blocked, it goes on, it is lost. For one listener.
    pub(crate) fn events(&self) -> impl Stream<Item = Event> + Send + 'static {
        self.connection.events_listener()
    }

    /// Opens a channel that publishes with confirms.
    pub(crate) async fn publisher(&self, limit: Duration) -> Result<Publisher, Failure> {
        let channel = self.channel(limit).await?;
        self.ask(
            limit,
            "switching confirms on",
            channel.confirm_select(ConfirmSelectOptions::default()),
        )
        .await?;
        Ok(Publisher::new(channel))
    }

    /// Opens a channel that takes from `queue`, at most `prefetch` deliveries before they are acknowledged.
    pub(crate) async fn subscribe(
        &self,
        queue: &str,
        prefetch: u16,
        limit: Duration,
    ) -> Result<Subscription, Failure> {
        let channel = self.channel(limit).await?;
        self.ask(
            limit,
            "setting the prefetch",
            channel.basic_qos(prefetch, BasicQosOptions::default()),
        )
        .await?;
        let options = BasicConsumeOptions::default();
        let consuming =
            channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
        let consumer = self.ask(limit, "subscribing", consuming).await?;
        Ok(Subscription::new(channel, consumer))
    }

    /// Declares a queue; an error of the broker closes the channel, so it is one of its own.
    pub(crate) async fn declare_queue(
        &self,
        name: &str,
        options: QueueDeclareOptions,
        arguments: FieldTable,
        limit: Duration,
    ) -> Result<Seen, Failure> {
        let channel = self.channel(limit).await?;
        let queue = self
            .ask(
                limit,
                "declaring",
                channel.queue_declare(name.into(), options, arguments),
            )
            .await?;
        Ok(Seen {
            messages: queue.message_count(),
            takers: queue.consumer_count(),
        })
    }

    /// Returns how many messages wait in the queue `name`, and how many take from it.
    pub(crate) async fn look(&self, name: &str, limit: Duration) -> Result<Seen, Failure> {
        let options = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        self.declare_queue(name, options, FieldTable::default(), limit)
            .await
    }

    pub(super) async fn channel(&self, limit: Duration) -> Result<Channel, Failure> {
        self.ask(limit, "opening a channel", self.connection.create_channel())
            .await
    }

    /// Waits for an answer of the broker. A peer that gives none in time is not worth waiting for any longer: the connection ends.
    pub(super) async fn ask<T>(
        &self,
        limit: Duration,
        what: &'static str,
        answer: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, Failure> {
        let result = within(limit, what, answer).await;
        if let Err(Failure::Elapsed(_)) = result {
            self.end();
        }
        result
    }

    /// Says goodbye to the broker and ends. Waits for its answer for `limit` at most.
    pub(crate) async fn close(self, limit: Duration) {
        let _ = within(
            limit,
            "closing",
            self.connection.close(200, ShortString::from("OK")),
        )
        .await;
        drop(self.end);
    }

    /// Ends without a word, for whoever waits for this connection.
    pub(crate) fn end(&self) {
        self.end.reactor.end();
    }
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        Self::other(failure.to_string())
    }
}
