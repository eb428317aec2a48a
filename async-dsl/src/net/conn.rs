//! The handles of a connection: both directions in one, or each by itself.

#[cfg(feature = "console")]
use std::sync::Weak;

use std::sync::{Arc, Mutex};

use bytes::BytesMut;

use super::Error;
use super::framing::{Chunks, Decode, Encode, Framing};
use super::link::Link;
use super::parked::Parked;
use crate::runtime::sync::lock;

/// A connection: a socket as a channel of frames in each direction.
///
/// `take!`, `put!` and arms of `alt!` work on it as on a channel. A take returns `Some(Ok(frame))`, `None` at the
/// peer's clean end, or `Some(Err(error))`, which ends the receiving direction: the error is returned once, and every
/// later take returns `None`, so that a loop over the frames ends even if it skips errors. A put is done when the
/// socket has taken the whole frame; once the sending direction has ended, every put returns its value with the error.
/// Several tasks may use a connection; each direction serves them first come, first served, and frames never mix. If
/// several take, the first in line gets the error, and the others get the end.
///
/// Clones are handles to the same connection. [`split`](Self::split) makes a handle for each direction: when the last
/// handle that can put is dropped, the peer sees the end. When all are dropped, the socket is closed. Frames accepted
/// before that are still written, for up to ten seconds (a server's write limit, on a server).
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
    /// The places in line of polls of the handle itself, as opposed to operations on it.
    pub(super) reading: Mutex<Parked>,
    pub(super) writing: Mutex<Parked>,
}

/// The sending direction of a connection, made by [`Conn::split`]. When the last one is dropped, what was accepted is
/// written, and then the peer sees the end.
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

/// A link with its framing. Each half of the framing is moved out while it is in use, so that it runs under no lock;
/// only the holder of its direction's turn uses it.
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

/// A codec that panicked is not put back.
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

    /// Returns the same connection with another framing. Bytes that were read and not yet taken are framed anew.
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
        // Counted before the old handle is dropped.
        link.add_putter();
        link.add_taker();
        Conn::handle(Shared::new(link, framing))
    }

    /// Splits the connection into its directions, in the order of `chan.split()`: the putter, then the taker.
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
    /// Returns a handle for cutting the connection from elsewhere. It keeps nothing open.
    pub(crate) fn link(&self) -> Weak<Link> {
        Arc::downgrade(&self.shared.link)
    }

    pub(crate) fn is_hung_up(&self) -> bool {
        self.shared.link.transport.is_hung_up()
    }

    pub(crate) fn peer_process(&self) -> Option<(i32, u32)> {
        self.shared.link.transport.peer_process()
    }
}

impl<C: Framing> Clone for Conn<C> {
    /// Returns another handle to the same connection.
    fn clone(&self) -> Self {
        self.shared.link.add_putter();
        self.shared.link.add_taker();
        Self::handle(Arc::clone(&self.shared))
    }
}

impl<C: Framing> Clone for ConnPutter<C> {
    /// Returns another handle to the same direction.
    fn clone(&self) -> Self {
        self.shared.link.add_putter();
        Self {
            shared: Arc::clone(&self.shared),
            writing: Mutex::default(),
        }
    }
}

impl<C: Framing> Clone for ConnTaker<C> {
    /// Returns another handle to the same direction.
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
