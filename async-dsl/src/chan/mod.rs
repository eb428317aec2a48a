//! Channels: queues that connect tasks, with a choice of what happens when they are full.
//!
//! | made by | a put into a full buffer |
//! | --- | --- |
//! | [`chan()`] | cannot happen: memory is the limit, and a warning (`tracing`) is logged when it grows |
//! | [`fixed(n)`](fixed) | parks until there is room; `fixed(0)` is a rendezvous |
//! | [`dropping(n)`](dropping) | is discarded: the first *n* stay |
//! | [`sliding(n)`](sliding) | discards the oldest: the latest *n* stay |
//! | [`with(buffer)`](with) | is up to your own [`Buffer`] |
//!
//! A [`Chan`] is a handle to both ends. [`Chan::split`] returns a [`Putter`] and a [`Taker`]: when the last putter is
//! dropped, the channel closes; when the last taker is dropped, puts fail. So a task that panics ends its neighbours
//! instead of leaving them parked for ever. Every operation is a plain future, so it also works under tokio or any other
//! executor.
//!
//! # What is guaranteed
//!
//! - A value that was put is taken once, or is still in the buffer, or is handed back, or is counted as discarded; dropping an
//!   operation before it is done does not change that. (A *put* that is dropped while it is parked drops its value with it: the
//!   channel never had it.)
//! - Waiters are served first come, first served, those of `alt!` on equal terms.
//! - A take that is dropped after it was woken passes its value on to the next taker.
//! - `None` is the end: a take returns it only when no value can come back any more from a taker that was handed one and has not
//!   run. A close ends takes, also those that a permit has reserved, and the put of that permit then fails with its value.
//! - A put at a rendezvous that returns `Ok` was taken, unless its taker was cancelled before it ran; then the next taker finds the
//!   value: see [`fixed`].
//!
//! # As streams and sinks
//!
//! A [`Taker`] is a [`Stream`](futures_core::Stream), a [`Putter`] a [`Sink`](futures_sink::Sink), and a [`Chan`] both. So
//! the adaptors of every stream crate work on them:
//!
//! ```
//! use async_dsl::prelude::*;
//! use futures_lite::StreamExt;
//!
//! async_dsl::block_on(async {
//!     let (putter, taker) = chan::fixed(4).split();
//!     (1..=4).for_each(|n| putter.try_put(n).unwrap());
//!     drop(putter); // the last one: the stream ends
//!     let squares: Vec<i32> = taker.map(|n| n * n).collect().await;
//!     assert_eq!(squares, [1, 4, 9, 16]);
//! });
//! ```
//!
//! **Where `StreamExt` is in scope, `taker.take()` and `chan.take()` are its `take`**, of the first *n* values, and the
//! compiler reports a missing argument: a method by value takes precedence over one by reference. `take!` is not affected,
//! nor is a handle that is a reference already; for one that is not, name the type:
//!
//! ```
//! use async_dsl::prelude::*;
//! use futures_lite::StreamExt;
//!
//! async fn sum_of_two(taker: &Taker<i32>) -> i32 {
//!     taker.take().await.unwrap_or(0) + taker.take().await.unwrap_or(0)
//! }
//!
//! async_dsl::block_on(async_block!({
//!     let (putter, taker) = chan::fixed(4).split();
//!     (1..=4).for_each(|n| putter.try_put(n).unwrap());
//!     assert_eq!(take!(taker), Some(1));
//!     assert_eq!(Taker::take(&taker).await, Some(2));
//!     assert_eq!(sum_of_two(&taker).await, 7);
//! }));
//! ```
//!
//! With `SinkExt` in scope it is the other way round for `close`: [`Chan::close`] and [`Putter::close`], which close the
//! channel for every handle, take precedence over `SinkExt::close`, which gives back a place that this sink has reserved, and
//! leaves the channel to the other putters. Call that one as `SinkExt::close(&mut putter)`.
//!
//! The error of a sink is a [`Closed`] with the value, if it had one. It converts into a [`std::io::Error`], which can
//! therefore be the error of the closure of `SinkExt::with`.

mod buffer;
mod collect;
mod effects;
mod error;
mod gone;
mod handle;
mod hint;
mod inspected;
mod kept;
mod operations;
mod polled;
mod port;
mod put;
mod renamed;
mod reserve;
mod seen;
mod shared;
pub(crate) mod state;
mod stream;
mod take;
mod take_for;
mod wait;
#[cfg(all(feature = "console", not(async_dsl_loom)))]
mod weak;

use std::panic::Location;

use buffer::Store;

pub use buffer::{Buffer, Kind};
pub use collect::CollectVec;
pub use error::{Closed, PutError, TryPutError, TryTakeError};
pub(crate) use gone::{Gone, TakerAgain};
pub use handle::{Chan, Putter, Taker};
pub(crate) use inspected::{
    Inspected, Seen, SeenWaiter, channel_dropped, channel_made, channel_number, living,
    name_channel,
};
pub(crate) use kept::KeptTake;
pub use port::{Source, Target};
pub use put::{Put, PutFor};
#[allow(deprecated)]
pub use renamed::{TryPut, TryTake};
pub use reserve::{Permit, Reserve};
#[cfg(all(test, not(async_dsl_loom)))]
pub(crate) use shared::SECTIONS;
pub use state::{Stats, Waiting};
pub use take::Take;
pub use take_for::TakeFor;
#[cfg(all(feature = "console", not(async_dsl_loom)))]
pub(crate) use weak::WeakChan;

/// Creates an unbounded channel: a put never parks.
///
/// Memory is the only limit, so if its takers do not keep up, a warning is logged (through `tracing`, with the line that
/// made the channel) at 65 536 values and at each doubling. Where putters can wait, prefer [`fixed`].
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let numbers = chan();
/// (1..=3).for_each(|n| numbers.try_put(n).unwrap());
/// assert_eq!(numbers.try_take(), Ok(1));
/// ```
#[track_caller]
pub fn chan<T: Send + 'static>() -> Chan<T> {
    Chan::new(Store::new(Kind::Unbounded, usize::MAX), Location::caller())
}

/// Creates a channel that holds `size` values and parks putters while it is full. With a size of 0, a put and a take wait
/// for each other: a rendezvous.
///
/// A put at a rendezvous is done once a taker has been handed its value. That taker may still be cancelled before it runs;
/// then the value stays in the channel, where the next taker finds it first, and [`len`](Chan::len) is 1. The same goes for
/// a [`Permit`], or the put arm of an `alt!`, whose taker was cancelled or chose another arm before the value came. A time
/// limit of the taker alone, `take!(c, time, default)` or an arm `sleep!(time)`, does not come in between: either the limit
/// elapses and the put is not done, or it is done and the value is taken.
///
/// # Examples
///
/// ```
/// use async_dsl::chan::{self, TryPutError};
///
/// let c = chan::fixed(1);
/// assert_eq!(c.try_put('a'), Ok(()));
/// assert_eq!(c.try_put('b'), Err(TryPutError::Full('b')));
/// ```
#[track_caller]
pub fn fixed<T: Send + 'static>(size: usize) -> Chan<T> {
    Chan::new(Store::new(Kind::Fixed, size), Location::caller())
}

/// Creates a channel that keeps the first `size` values and discards new ones while it is full. A put never parks.
///
/// # Panics
///
/// If `size` is 0: such a channel would keep nothing.
///
/// # Examples
///
/// ```
/// use async_dsl::chan;
///
/// let c = chan::dropping(1);
/// (1..=5).for_each(|n| c.try_put(n).unwrap());
/// assert_eq!((c.try_take(), c.discarded()), (Ok(1), 4));
/// ```
#[track_caller]
pub fn dropping<T: Send + 'static>(size: usize) -> Chan<T> {
    assert!(
        size > 0,
        "a dropping channel keeps at least 1 value; its size was 0"
    );
    Chan::new(Store::new(Kind::Dropping, size), Location::caller())
}

/// Creates a channel that keeps the latest `size` values and discards the oldest when it is full. A put never parks.
///
/// # Panics
///
/// If `size` is 0: such a channel would keep nothing.
///
/// # Examples
///
/// ```
/// use async_dsl::chan;
///
/// let c = chan::sliding(3);
/// (1..=5).for_each(|n| c.try_put(n).unwrap());
/// assert_eq!((c.try_take(), c.discarded()), (Ok(3), 2));
/// ```
#[track_caller]
pub fn sliding<T: Send + 'static>(size: usize) -> Chan<T> {
    assert!(
        size > 0,
        "a sliding channel keeps at least 1 value; its size was 0"
    );
    Chan::new(Store::new(Kind::Sliding, size), Location::caller())
}

/// Creates the channel behind `count` permits: it stores them, and has room for them all.
#[track_caller]
pub(crate) fn units(count: usize) -> Chan<()> {
    Chan::new(Store::units(count), Location::caller())
}

/// Creates a channel with a [`Buffer`] of your own.
///
/// # Examples
///
/// ```
/// use async_dsl::chan::{self, Buffer};
///
/// /// The last value is the first to be taken.
/// struct Stack(Vec<u32>);
///
/// impl Buffer<u32> for Stack {
///     fn push(&mut self, value: u32) -> Option<u32> {
///         self.0.push(value);
///         None
///     }
///     fn pop(&mut self) -> Option<u32> {
///         self.0.pop()
///     }
///     fn len(&self) -> usize {
///         self.0.len()
///     }
/// }
///
/// let c = chan::with(Stack(Vec::new()));
/// c.try_put(1).unwrap();
/// c.try_put(2).unwrap();
/// assert_eq!(c.try_take(), Ok(2));
/// ```
#[track_caller]
pub fn with<T: Send + 'static>(buffer: impl Buffer<T> + 'static) -> Chan<T> {
    Chan::new(Store::Custom(Box::new(buffer)), Location::caller())
}
