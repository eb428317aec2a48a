//! The handles of a connection: both directions in one, or each by itself.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;

use super::framing::{Chunks, Decode, Encode, Framing};
use super::link::Link;
use super::parked::Parked;
use super::{Error, Put, PutError, PutFor, Reserve, Take};
use crate::chan::{Source, Target};
use crate::ops::timeout::{Timeout, timeout};
use crate::scheduler::context::assert_may_block;
use crate::sync::lock;

/// A connection: a socket as a channel of frames in each direction.
///
/// `take!`, `put!` and arms of `alt!` work on it as on a channel. A take gives `Some(Ok(frame))`, `Some(Err(error))`, or
/// `None` at the peer's clean end; after the end or an error every later take gives the same again. A put is done when
/// the socket has taken the whole frame. Several tasks may use it; each direction serves them first come, first served,
/// and frames never mix.
///
/// Clones are handles to the same connection. [`split`](Self::split) makes a handle for each direction: when the last
/// handle that can put is dropped, the peer is told that this was all. When all are dropped, the socket is closed. What
/// was accepted is still written, for up to ten seconds (a server's write limit, on a server).
///
/// With [`Chunks`], a connection and its halves are also [`AsyncRead`](futures_io::AsyncRead) and
/// [`AsyncWrite`](futures_io::AsyncWrite).
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::net::{Lines, unix};
///
/// async_dsl::block_on(async_block!({
///     let (one, other) = unix::pair().unwrap();
///     let (one, other) = (one.framed(Lines::new()), other.framed(Lines::new()));
///     alt! {
///         line = take!(one) => panic!("nobody put {line:?}"),
///         done = put!(one, "ping".to_string()) => done.unwrap(),
///     }
///     assert_eq!(take!(other).unwrap().unwrap(), "ping");
///     drop(other);
///     assert!(take!(one).is_none());
/// }));
/// ```
pub struct Conn<C: Framing = Chunks> {
    pub(super) shared: Arc<Shared<C>>,
    /// Where the polls of the handle itself, not of an operation on it, stand in line.
    pub(super) reading: Mutex<Parked>,
    pub(super) writing: Mutex<Parked>,
}

/// The sending direction of a connection, made by [`Conn::split`]. When the last one is dropped, the peer sees the end,
/// after what was accepted.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::net::{ConnPutter, unix};
///
/// #[linear]
/// async fn count(to: ConnPutter) -> Result<(), async_dsl::net::Error> {
///     for n in 1..=3 {
///         put!(to, format!("{n} ").into_bytes())?;
///     }
///     Ok(())
/// }
///
/// async_dsl::block_on(async_block!({
///     let (one, other) = unix::pair().unwrap();
///     let (putter, _taker) = one.split();
///     count(putter).await.unwrap();
///     let mut all = Vec::new();
///     while let Some(chunk) = take!(other) {
///         all.extend(chunk.unwrap());
///     }
///     assert_eq!(all, b"1 2 3 ");
/// }));
/// ```
pub struct ConnPutter<C: Framing = Chunks> {
    pub(super) shared: Arc<Shared<C>>,
    pub(super) writing: Mutex<Parked>,
}

/// The receiving direction of a connection, made by [`Conn::split`]. It is a [`Stream`](futures_core::Stream) of frames and
/// errors too. Dropping it loses nothing that another handle could take, and does not tell the peer.
///
/// # Examples
///
/// ```
/// use async_dsl::net::{Lines, unix};
/// use futures_lite::StreamExt;
///
/// async_dsl::block_on(async {
///     let (one, other) = unix::pair().unwrap();
///     one.put(b"first\nsecond\n".to_vec()).await.unwrap();
///     drop(one);
///     let (_putter, lines) = other.framed(Lines::new()).split();
///     let lines: Vec<String> = lines.map(Result::unwrap).collect().await;
///     assert_eq!(lines, ["first", "second"]);
/// });
/// ```
pub struct ConnTaker<C: Framing = Chunks> {
    pub(super) shared: Arc<Shared<C>>,
    pub(super) reading: Mutex<Parked>,
}

/// A link with its framing. Each half of the framing is out while it is used, so that it runs under no lock; only whoever
/// has the turn of its direction uses it.
pub(crate) struct Shared<C: Framing> {
    pub(super) link: Arc<Link>,
    decoder: Mutex<Option<C::Decoder>>,
    encoder: Mutex<Option<C::Encoder>>,
}

impl<C: Framing> Shared<C> {
    fn new(link: Arc<Link>, framing: C) -> Arc<Self> {
        let (decoder, encoder) = framing.halves();
        Arc::new(Self {
            link,
            decoder: Mutex::new(Some(decoder)),
            encoder: Mutex::new(Some(encoder)),
        })
    }

    pub(super) fn decode(
        &self,
        buffer: &mut BytesMut,
        at_end: bool,
    ) -> Result<Option<C::Frame>, Error> {
        let mut decoder = lock(&self.decoder).take().ok_or_else(lost)?;
        let frame = decoder.decode(buffer, at_end);
        *lock(&self.decoder) = Some(decoder);
        frame
    }

    pub(super) fn encode(&self, value: C::Put, out: &mut BytesMut) -> Result<(), Error> {
        let mut encoder = lock(&self.encoder).take().ok_or_else(lost)?;
        let done = encoder.encode(value, out);
        *lock(&self.encoder) = Some(encoder);
        done
    }
}

/// A codec that panicked never comes back.
fn lost() -> Error {
    Error::Codec(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(
        "the codec panicked",
    )))
}

impl Conn {
    pub(crate) fn new(link: Arc<Link>) -> Self {
        Self::handle(Shared::new(link, Chunks))
    }
}

impl<C: Framing> Conn<C> {
    fn handle(shared: Arc<Shared<C>>) -> Self {
        Self {
            shared,
            reading: Mutex::default(),
            writing: Mutex::default(),
        }
    }

    /// The same connection with another framing. Bytes that were read and not yet taken are framed anew.
    ///
    /// Other handles to the connection keep the framing they have.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::net::{Chunks, Lines, unix};
    ///
    /// async_dsl::block_on(async_block!({
    ///     let (one, other) = unix::pair().unwrap();
    ///     let other = other.framed(Lines::new().max(80));
    ///     put!(one, b"head\nbody".to_vec()).unwrap();
    ///     assert_eq!(take!(other).unwrap().unwrap(), "head");
    ///     let other = other.framed(Chunks);
    ///     assert_eq!(take!(other).unwrap().unwrap(), b"body");
    /// }));
    /// ```
    pub fn framed<D: Framing>(self, framing: D) -> Conn<D> {
        let link = Arc::clone(&self.shared.link);
        // Counted before the old handle goes.
        link.add_putter();
        link.add_taker();
        Conn::handle(Shared::new(link, framing))
    }

    /// Splits the connection into its directions, in the order of `chan.split()`: to put into, to take from.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::net::unix;
    ///
    /// async_dsl::block_on(async_block!({
    ///     let (one, other) = unix::pair().unwrap();
    ///     let (putter, taker) = one.split();
    ///     put!(putter, b"question".to_vec()).unwrap();
    ///     drop(putter); // the other side sees the end, and can still answer
    ///     assert_eq!(take!(other).unwrap().unwrap(), b"question");
    ///     assert!(take!(other).is_none());
    ///     put!(other, b"answer".to_vec()).unwrap();
    ///     assert_eq!(take!(taker).unwrap().unwrap(), b"answer");
    /// }));
    /// ```
    pub fn split(self) -> (ConnPutter<C>, ConnTaker<C>) {
        let link = &self.shared.link;
        link.add_putter();
        link.add_taker();
        let putter = ConnPutter {
            shared: Arc::clone(&self.shared),
            writing: Mutex::default(),
        };
        let taker = ConnTaker {
            shared: Arc::clone(&self.shared),
            reading: Mutex::default(),
        };
        (putter, taker)
    }
}

#[cfg(feature = "console")]
impl<C: Framing> Conn<C> {
    pub(crate) fn is_hung_up(&self) -> bool {
        self.shared.link.transport.is_hung_up()
    }

    pub(crate) fn peer_process(&self) -> Option<(i32, u32)> {
        self.shared.link.transport.peer_process()
    }
}

macro_rules! both_sides {
    ($port:ident) => {
        impl<C: Framing> $port<C> {
            /// The address of the other side.
            ///
            /// # Errors
            ///
            /// What the operating system says; `Unsupported` on a Unix socket.
            pub fn peer_addr(&self) -> io::Result<SocketAddr> {
                self.shared.link.transport.peer_addr()
            }

            /// The address of this side.
            ///
            /// # Errors
            ///
            /// What the operating system says; `Unsupported` on a Unix socket.
            pub fn local_addr(&self) -> io::Result<SocketAddr> {
                self.shared.link.transport.local_addr()
            }
        }

        impl<C: Framing> fmt::Debug for $port<C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($port))
                    .field("transport", &self.shared.link.transport)
                    .finish_non_exhaustive()
            }
        }
    };
}

both_sides!(Conn);
both_sides!(ConnPutter);
both_sides!(ConnTaker);

macro_rules! take_side {
    ($port:ident) => {
        impl<C: Framing> $port<C> {
            /// Takes the next frame; what `take!` calls. `None` is the peer's clean end.
            ///
            /// Parks until a whole frame is there, first come, first served. Dropping the future loses nothing.
            #[track_caller]
            pub fn take(&self) -> Take<'_, C> {
                // A poll of the handle itself that was given up must not stand before its own operations.
                lock(&self.reading).give_up(|ticket| self.shared.link.input.leave(ticket));
                Take::new(&self.shared)
            }

            /// Takes the next frame, but gives up when the time is over. Nothing is lost then.
            ///
            /// # Errors
            ///
            /// [`Elapsed`](crate::time::Elapsed) when the time is over.
            ///
            /// # Examples
            ///
            /// ```
            /// use std::time::Duration;
            ///
            /// let (one, _other) = async_dsl::net::unix::pair().unwrap();
            /// async_dsl::block_on(async {
            ///     assert!(one.take_for(Duration::from_millis(1)).await.is_err());
            /// });
            /// ```
            #[track_caller]
            pub fn take_for(&self, limit: Duration) -> Timeout<Take<'_, C>> {
                timeout(limit, self.take())
            }
        }

        impl<C: Framing> $port<C> {
            /// Takes the next frame and blocks this thread until it is there. For plain threads, and for `thread!`.
            ///
            /// # Panics
            ///
            /// Inside a task, where it would stop a worker: use `take!` there.
            ///
            /// # Examples
            ///
            /// ```
            /// let (one, other) = async_dsl::net::unix::pair().unwrap();
            /// one.put_blocking(b"hello".to_vec()).unwrap();
            /// assert_eq!(other.take_blocking().unwrap().unwrap(), b"hello");
            /// ```
            #[track_caller]
            pub fn take_blocking(&self) -> Option<Result<C::Frame, Error>> {
                assert_may_block("take_blocking", Location::caller());
                async_io::block_on(self.take())
            }
        }

        impl<C: Framing> Source for $port<C> {
            type Item = Result<C::Frame, Error>;
            type Take<'a>
                = Take<'a, C>
            where
                Self: 'a;

            #[track_caller]
            fn take_operation(&self) -> Take<'_, C> {
                self.take()
            }
        }
    };
}

take_side!(Conn);
take_side!(ConnTaker);

macro_rules! put_side {
    ($port:ident) => {
        impl<C: Framing> $port<C> {
            /// Puts a frame; what `put!` calls.
            ///
            /// Parks until the socket has taken the whole frame, first come, first served. Dropped before the frame was
            /// accepted, the put has not happened; dropped later, the rest is written in the background.
            ///
            /// # Errors
            ///
            /// [`PutError`](super::PutError), with the value if nothing of it was accepted.
            #[track_caller]
            pub fn put(&self, value: C::Put) -> Put<'_, C> {
                self.give_up_writing();
                Put::new(&self.shared, value)
            }

            /// Puts a frame, but gives it back when the time is over and nothing of it was accepted.
            ///
            /// # Errors
            ///
            /// [`PutError`](super::PutError), with the value if nothing of it was accepted.
            #[track_caller]
            pub fn put_for(&self, value: C::Put, limit: Duration) -> PutFor<'_, C> {
                self.give_up_writing();
                PutFor::new(&self.shared, value, limit)
            }

            /// Reserves the next turn to put, for a frame that is made later; what a put arm of `alt!` does.
            ///
            /// Parks until nothing is left of earlier frames and the socket takes bytes. Dropping the future, or the
            /// permit, loses nothing.
            ///
            /// # Examples
            ///
            /// ```
            /// use async_dsl::net::unix;
            ///
            /// async_dsl::block_on(async {
            ///     let (one, other) = unix::pair().unwrap();
            ///     one.reserve().await.put(b"made late".to_vec()).unwrap();
            ///     assert_eq!(other.take().await.unwrap().unwrap(), b"made late");
            /// });
            /// ```
            #[track_caller]
            pub fn reserve(&self) -> Reserve<'_, C> {
                self.give_up_writing();
                Reserve::new(&self.shared)
            }

            /// Puts a frame and blocks this thread until the socket has taken it. For plain threads, and for `thread!`.
            ///
            /// # Errors
            ///
            /// [`PutError`], with the value if nothing of it was accepted.
            ///
            /// # Panics
            ///
            /// Inside a task, where it would stop a worker: use `put!` there.
            #[track_caller]
            pub fn put_blocking(&self, value: C::Put) -> Result<(), PutError<C::Put>> {
                assert_may_block("put_blocking", Location::caller());
                async_io::block_on(self.put(value))
            }

            fn give_up_writing(&self) {
                let link = &self.shared.link;
                lock(&self.writing).give_up(|ticket| link.leave_output(ticket));
            }

            /// Closes the sending direction: what was accepted is written, then the peer sees the end. Later puts get
            /// their value back. Says whether this call closed it. Takes go on to the peer's end.
            pub fn close(&self) -> bool {
                self.shared.link.close()
            }
        }

        impl<C: Framing> Target for $port<C> {
            type Item = C::Put;
            type Put<'a>
                = Put<'a, C>
            where
                Self: 'a;
            type PutFor<'a>
                = PutFor<'a, C>
            where
                Self: 'a;
            type Reserve<'a>
                = Reserve<'a, C>
            where
                Self: 'a;

            #[track_caller]
            fn put_operation(&self, value: C::Put) -> Put<'_, C> {
                self.put(value)
            }

            #[track_caller]
            fn put_for_operation(&self, value: C::Put, limit: Duration) -> PutFor<'_, C> {
                self.put_for(value, limit)
            }

            #[track_caller]
            fn reserve_operation(&self) -> Reserve<'_, C> {
                self.reserve()
            }
        }
    };
}

put_side!(Conn);
put_side!(ConnPutter);

impl<C: Framing> Clone for Conn<C> {
    /// Another handle to the same connection.
    fn clone(&self) -> Self {
        self.shared.link.add_putter();
        self.shared.link.add_taker();
        Self::handle(Arc::clone(&self.shared))
    }
}

impl<C: Framing> Clone for ConnPutter<C> {
    /// Another handle to the same direction.
    fn clone(&self) -> Self {
        self.shared.link.add_putter();
        Self {
            shared: Arc::clone(&self.shared),
            writing: Mutex::default(),
        }
    }
}

impl<C: Framing> Clone for ConnTaker<C> {
    /// Another handle to the same direction.
    fn clone(&self) -> Self {
        self.shared.link.add_taker();
        Self {
            shared: Arc::clone(&self.shared),
            reading: Mutex::default(),
        }
    }
}

impl<C: Framing> Drop for Conn<C> {
    fn drop(&mut self) {
        let link = &self.shared.link;
        link.input.leave(&mut lock(&self.reading).ticket);
        link.leave_output(&mut lock(&self.writing).ticket);
        link.remove_taker();
        link.remove_putter();
    }
}

impl<C: Framing> Drop for ConnPutter<C> {
    fn drop(&mut self) {
        let link = &self.shared.link;
        link.leave_output(&mut lock(&self.writing).ticket);
        link.remove_putter();
    }
}

impl<C: Framing> Drop for ConnTaker<C> {
    fn drop(&mut self) {
        let link = &self.shared.link;
        link.input.leave(&mut lock(&self.reading).ticket);
        link.remove_taker();
    }
}
