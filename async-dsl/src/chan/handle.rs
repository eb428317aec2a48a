//! The handles of a channel: to both ends, or to one of them.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::buffer::Store;
use super::polled::{Polled, SinkState, StreamState};
use super::shared::Shared;
use crate::chan::inspected;
use crate::runtime::place::At;

/// A channel: a handle to both of its ends. Clones are handles to the same channel.
///
/// The channel closes by [`close`](Self::close), or when its last handle that can put, or its last handle that can take,
/// is dropped. A `Chan` can do both, so [`split`](Self::split) a channel whose ends should notice that the other end was
/// dropped.
///
/// It is a [`Stream`](futures_core::Stream) and a [`Sink`](futures_sink::Sink) too: see
/// [the module](super#as-streams-and-sinks).
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async {
///     let jobs = chan::fixed(2);
///     jobs.put("sweep").await.unwrap();
///     assert_eq!(jobs.take().await, Some("sweep"));
/// });
/// ```
pub struct Chan<T> {
    pub(super) shared: Arc<Shared<T>>,
    /// `None` until it is polled as a stream or a sink.
    pub(super) polled: Option<Box<Polled>>,
}

/// A handle to the end of a channel that values are put into. When the last one is dropped, the channel closes.
///
/// It is a [`Sink`](futures_sink::Sink) too, which reserves a place before it accepts a value: see
/// [the module](super#as-streams-and-sinks).
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async {
///     let (putter, taker) = chan().split();
///     putter.put(1).await.unwrap();
///     drop(putter); // the last one: the channel closes
///     assert_eq!((taker.take().await, taker.take().await), (Some(1), None));
/// });
/// ```
pub struct Putter<T> {
    pub(super) shared: Arc<Shared<T>>,
    pub(super) sink: SinkState,
}

/// A handle to the end of a channel that values are taken from. When the last one is dropped, the channel closes, and
/// the values in it are discarded.
///
/// It is a [`Stream`](futures_core::Stream) too, of the values up to the channel's end: see
/// [the module](super#as-streams-and-sinks).
///
/// # Examples
///
/// ```
/// use async_dsl::chan::{TryPutError, chan};
///
/// let (putter, taker) = chan().split();
/// drop(taker); // the last one: nobody could take
/// assert_eq!(putter.try_put(1), Err(TryPutError::Closed(1)));
/// ```
pub struct Taker<T> {
    pub(super) shared: Arc<Shared<T>>,
    pub(super) stream: StreamState,
}

impl<T: Send + 'static> Chan<T> {
    pub(super) fn new(store: Store<T>, made_at: &'static Location<'static>) -> Self {
        let shared = Arc::new(Shared::new(store, made_at));
        inspected::channel_made(&shared, shared.registered());
        Self {
            shared,
            polled: None,
        }
    }
}

impl<T> Chan<T> {
    /// Sets the channel's name, which [`inspect`](crate::inspect) shows. It replaces an earlier name.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// let orders = chan::<u32>().named("orders");
    /// let snapshot = async_dsl::inspect::snapshot();
    /// assert!(snapshot.channels.iter().any(|c| c.name.as_deref() == Some("orders")));
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.shared.name(name.into());
        self
    }

    /// Splits this handle into one to put into and one to take from, each of them `Clone`.
    ///
    /// When the last putter is dropped, the channel closes; when the last taker is dropped, puts return their value with
    /// an error. So a task that panics ends its neighbours instead of leaving them parked for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async {
    ///     let (putter, taker) = chan::fixed(8).split();
    ///     putter.put(1).await.unwrap();
    ///     drop(putter);
    ///     assert_eq!(taker.take().await, Some(1));
    ///     assert_eq!(taker.take().await, None);
    /// });
    /// ```
    pub fn split(self) -> (Putter<T>, Taker<T>) {
        self.shared.split();
        self.shared.add_putter();
        self.shared.add_taker();
        let putter = Putter {
            shared: Arc::clone(&self.shared),
            sink: SinkState::new(At::line(self.shared.made_at())),
        };
        let taker = Taker {
            shared: Arc::clone(&self.shared),
            stream: StreamState::new(At::line(self.shared.made_at())),
        };
        (putter, taker)
    }

    /// Sets the length at which an unbounded channel first warns, through `tracing`, that its takers do not
    /// keep up; it warns again whenever the length has doubled. The default is 65 536 values.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::chan::chan;
    ///
    /// let orders = chan::<u32>().warn_above(1000);
    /// ```
    #[must_use]
    pub fn warn_above(self, len: usize) -> Self {
        self.shared
            .with(|state, _| state.warn_at(len.saturating_add(1)));
        self
    }
}

/// A source line, printed as one.
pub(super) struct Line(pub(super) &'static Location<'static>);

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)
    }
}

impl<T> Clone for Chan<T> {
    fn clone(&self) -> Self {
        self.shared.add_putter();
        self.shared.add_taker();
        Self {
            shared: Arc::clone(&self.shared),
            polled: None,
        }
    }
}

impl<T> Drop for Chan<T> {
    fn drop(&mut self) {
        if let Some(polled) = &mut self.polled {
            polled.withdraw(&self.shared);
        }
        self.shared.remove_putter();
        self.shared.remove_taker();
    }
}

impl<T> Clone for Putter<T> {
    fn clone(&self) -> Self {
        self.shared.add_putter();
        Self {
            shared: Arc::clone(&self.shared),
            sink: SinkState::new(At::line(self.shared.made_at())),
        }
    }
}

impl<T> Drop for Putter<T> {
    fn drop(&mut self) {
        self.sink.withdraw(&self.shared);
        self.shared.remove_putter();
    }
}

impl<T> Clone for Taker<T> {
    fn clone(&self) -> Self {
        self.shared.add_taker();
        Self {
            shared: Arc::clone(&self.shared),
            stream: StreamState::new(At::line(self.shared.made_at())),
        }
    }
}

impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        self.stream.withdraw(&self.shared);
        self.shared.remove_taker();
    }
}
