//! Each value for several takers.

use std::fmt;
use std::panic::Location;

use super::hub::{self, Handle};
use super::show::Stage;
use crate::chan::Taker;

/// Returns a mult: it hands each value of `from` to every [tap](Mult::tap). core.async's `mult`.
///
/// Every tap has accepted a value before the next is taken: the slowest sets the pace, as far as the buffers do not help. Where
/// nobody may wait for the slowest, [`broadcast`](super::broadcast()) is the answer. A tap gets what is taken from the input after it was made. One that is
/// dropped is removed. While there is no tap, values are discarded and [counted](Mult::discarded).
///
/// The task parks until there is a value, and until each tap has accepted it. When the input ends, the taps close. When the last
/// [`Mult`] and all taps are dropped, it stops, and drops its input.
///
/// # Panics
///
/// A panic of `T::clone` ends the task: it is reported to the hook, and the taps close.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let (orders, incoming) = chan::fixed(4).split();
///     let orders_for = flow::mult(incoming);
///     let (kitchen, till) = (orders_for.tap(4), orders_for.tap(4));
///     put!(orders, "tea").unwrap();
///     assert_eq!(take!(kitchen), Some("tea"));
///     assert_eq!(take!(till), Some("tea"));
///     drop(orders);
///     assert_eq!(take!(till), None);
/// }));
/// ```
#[must_use = "without taps its values are discarded"]
#[track_caller]
pub fn mult<T: Clone + Send + 'static>(from: Taker<T>) -> Mult<T> {
    let handle = Handle::new();
    let at = Location::caller();
    let stage = Stage::new("mult", at).from(&from);
    let stage = stage.details(handle.shown("tap"));
    stage.start(hub::run(handle.hub(), from, |_| (), at));
    Mult { handle }
}

/// Makes taps of a [`mult`]. Clones are handles to the same.
pub struct Mult<T> {
    handle: Handle<(), T>,
}

impl<T: Send + 'static> Mult<T> {
    /// Returns a channel, with a buffer for `size` values, of all values from now on. It closes with the input; if that has
    /// ended, it is closed.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::flow;
    ///
    /// async_dsl::block_on(async_block!({
    ///     let (numbers, input) = chan::fixed(4).split();
    ///     let tap = flow::mult(input).tap(0);
    ///     put!(numbers, 7).unwrap();
    ///     assert_eq!(take!(tap), Some(7));
    /// }));
    /// ```
    #[must_use = "a tap that is dropped is removed"]
    #[track_caller]
    pub fn tap(&self, size: usize) -> Taker<T> {
        self.handle.subscribe((), size, "tap")
    }

    /// Returns the number of values that no tap has accepted.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::flow;
    ///
    /// async_dsl::block_on(async_block!({
    ///     let (numbers, input) = chan::fixed(0).split();
    ///     let mult = flow::mult(input);
    ///     put!(numbers, 1).unwrap();
    ///     while mult.discarded() == 0 {
    ///         yield_now!();
    ///     }
    ///     let tap = mult.tap(1);
    ///     put!(numbers, 2).unwrap();
    ///     assert_eq!(take!(tap), Some(2));
    ///     assert_eq!(mult.discarded(), 1);
    /// }));
    /// ```
    #[must_use]
    pub fn discarded(&self) -> u64 {
        self.handle.discarded()
    }
}

impl<T> Clone for Mult<T> {
    fn clone(&self) -> Self {
        Self {
            handle: self.handle.clone(),
        }
    }
}

impl<T> fmt::Debug for Mult<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mult").finish_non_exhaustive()
    }
}
