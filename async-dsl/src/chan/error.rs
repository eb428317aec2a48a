//! The errors of channel operations.

use std::error::Error;
use std::fmt;
use std::io;

macro_rules! error {
    ($(#[$meta:meta])* $name:ident <T> { $($(#[$vmeta:meta])* $variant:ident => $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub enum $name<T> { $($(#[$vmeta])* $variant(T),)+ }

        impl<T> $name<T> {
            /// Returns the value that was not put.
            pub fn into_inner(self) -> T {
                match self { $(Self::$variant(value))|+ => value }
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant(_) => concat!(stringify!($variant), "(..)"),)+ })
            }
        }

        impl<T> fmt::Display for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant(_) => $text,)+ })
            }
        }

        impl<T> Error for $name<T> {}
    };
}

/// The error of a put on a closed channel. It contains the value, so nothing is lost.
///
/// # Examples
///
/// ```
/// use async_dsl::chan::Closed;
///
/// let refused: Closed<&str> = Closed("a letter");
/// assert_eq!(refused.to_string(), "put on a closed channel");
/// assert_eq!(refused.into_inner(), "a letter");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Closed<T>(pub T);

impl<T> Closed<T> {
    /// Returns the value that was not put.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closed(..)")
    }
}

impl<T> fmt::Display for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("put on a closed channel")
    }
}

impl<T> Error for Closed<T> {}

/// Converts the error of a put into that of a [`Sink`](futures_sink::Sink), which may be without a value.
///
/// ```
/// use async_dsl::chan::Closed;
///
/// assert_eq!(Closed::<Option<u8>>::from(Closed(7)), Closed(Some(7)));
/// ```
impl<T> From<Closed<T>> for Closed<Option<T>> {
    fn from(Closed(value): Closed<T>) -> Self {
        Self(Some(value))
    }
}

/// Converts into an error of the kind [`BrokenPipe`](io::ErrorKind::BrokenPipe). The value is dropped.
///
/// ```
/// use async_dsl::prelude::*;
/// use std::io;
///
/// async fn send(c: &Chan<u8>) -> io::Result<()> {
///     Ok(c.put(1).await?)
/// }
///
/// let c = chan();
/// c.close();
/// let error = async_dsl::block_on(send(&c)).unwrap_err();
/// assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
/// ```
impl<T> From<Closed<T>> for io::Error {
    fn from(closed: Closed<T>) -> Self {
        Self::new(io::ErrorKind::BrokenPipe, closed.to_string())
    }
}

error! {
    /// The error of a put with a time limit. It contains the value, so nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::chan::PutError;
    ///
    /// let refused = PutError::Elapsed("a letter");
    /// assert_eq!(refused.to_string(), "put timed out on a full channel");
    /// assert_eq!(refused.into_inner(), "a letter");
    /// ```
    PutError<T> {
        /// The channel is closed.
        Closed => "put on a closed channel",
        /// The time limit elapsed before there was room.
        Elapsed => "put timed out on a full channel",
    }
}

impl<T> PutError<T> {
    /// Returns whether the channel is closed.
    ///
    /// ```
    /// use async_dsl::chan;
    /// use std::time::Duration;
    ///
    /// let c = chan::fixed(1);
    /// c.close();
    /// let error = async_dsl::block_on(c.put_for('a', Duration::from_millis(1))).unwrap_err();
    /// assert!(error.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }

    /// Returns whether the time limit elapsed before there was room.
    ///
    /// ```
    /// use async_dsl::chan;
    /// use std::time::Duration;
    ///
    /// let c = chan::fixed(1);
    /// c.try_put('a').unwrap();
    /// let error = async_dsl::block_on(c.put_for('b', Duration::from_millis(1))).unwrap_err();
    /// assert!(error.is_elapsed());
    /// assert_eq!(error.into_inner(), 'b');
    /// ```
    pub fn is_elapsed(&self) -> bool {
        matches!(self, Self::Elapsed(_))
    }
}

error! {
    /// The error of [`try_put`](super::Chan::try_put). It contains the value, so nothing is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::chan::{TryPutError, fixed};
    ///
    /// match fixed(0).try_put("a letter") {
    ///     Err(TryPutError::Full(letter)) => assert_eq!(letter, "a letter"),
    ///     other => panic!("{other:?}"),
    /// }
    /// ```
    TryPutError<T> {
        /// There is no room now, or no taker waits at a rendezvous.
        Full => "put on a full channel",
        /// The channel is closed.
        Closed => "put on a closed channel",
    }
}

impl<T> TryPutError<T> {
    /// Returns whether there is no room now, or no taker waits at a rendezvous.
    ///
    /// ```
    /// use async_dsl::chan;
    ///
    /// let c = chan::fixed(1);
    /// c.try_put('a').unwrap();
    /// assert!(c.try_put('b').unwrap_err().is_full());
    /// ```
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Returns whether the channel is closed.
    ///
    /// ```
    /// use async_dsl::chan;
    ///
    /// let c = chan::fixed(1);
    /// c.close();
    /// assert!(c.try_put('a').unwrap_err().is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

/// The error of [`try_take`](super::Chan::try_take).
///
/// # Examples
///
/// ```
/// use async_dsl::chan::{TryTakeError, chan};
///
/// assert_eq!(chan::<u32>().try_take(), Err(TryTakeError::Empty));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryTakeError {
    /// There is no value now.
    Empty,
    /// The channel is closed and empty: there will never be a value.
    Closed,
}

impl TryTakeError {
    /// Returns whether there is no value now.
    ///
    /// ```
    /// let c = async_dsl::chan::chan::<u32>();
    /// assert!(c.try_take().unwrap_err().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// Returns whether the channel is closed and empty: there will never be a value.
    ///
    /// ```
    /// let c = async_dsl::chan::chan();
    /// c.try_put(1).unwrap();
    /// c.close();
    /// assert_eq!(c.try_take(), Ok(1));
    /// assert!(c.try_take().unwrap_err().is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }
}

impl fmt::Display for TryTakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "take on an empty channel",
            Self::Closed => "take on an empty and closed channel",
        })
    }
}

impl Error for TryTakeError {}
