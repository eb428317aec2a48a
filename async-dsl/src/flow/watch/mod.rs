//! The latest value.

mod reader;
mod shared;

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::never_parks::{Accepts, puts};
use super::waiters::Waiters;
use crate::chan::{Closed, Stats, channel_made, name_channel};
use crate::runtime::noted::{Noted, lock};
use crate::runtime::registry::Registered;
use crate::runtime::users::Users;
use crate::runtime::wake::wake_all;

use shared::{Shared, State};

pub use reader::{TakeWatch, Watch};

/// Returns a putter of the latest value, and a handle that reads it: tokio's `watch`.
///
/// `put!(putter, value)` replaces the value, and never parks. [`watch.get()`](Watch::get) returns the latest one at once;
/// `take!(watch)` parks until there is one that this handle has not returned yet, also as an arm of [`alt!`](crate::alt!).
/// Each clone of a [`Watch`] has seen what the handle had seen that it is a clone of, and goes on from there alone.
///
/// Once the putter is dropped, `take!` returns the last value, if it is new, and then `None`. Values that were replaced before
/// anybody saw them are [counted](Watch::discarded). A dump shows a channel of the kind `watch`, made at the caller's line.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let (limit, watch) = flow::watch(10);
///     let seen = go!({
///         let mut seen = vec![watch.get()];
///         while let Some(limit) = take!(watch) {
///             seen.push(limit);
///         }
///         seen
///     });
///     sleep!(1ms);
///     put!(limit, 20).unwrap();
///     put!(limit, 30).unwrap();
///     drop(limit);
///     let seen = seen.await;
///     assert_eq!(seen.last(), Some(&30)); // 20 may have been replaced before it was seen
/// }));
/// ```
#[track_caller]
pub fn watch<T: Clone + Send + Sync + 'static>(value: T) -> (WatchPutter<T>, Watch<T>) {
    let shared = Arc::new(Shared {
        state: Noted::new(State {
            value: Arc::new(value),
            version: 0,
            seen: 0,
            stats: Stats {
                high_water: 1,
                ..Stats::default()
            },
            watches: 1,
            is_closed: false,
            waiters: Waiters::default(),
            users: Users::new(),
        }),
        made_at: Location::caller(),
        registered: Registered::new(),
    });
    channel_made(&shared, &shared.registered);
    let putter = WatchPutter {
        shared: Arc::clone(&shared),
    };
    (putter, Watch::new(shared, 0))
}

/// Replaces the value of a [`watch`]. Dropping it ends the watches.
///
/// ```
/// use async_dsl::chan::Closed;
///
/// let (putter, watch) = async_dsl::flow::watch("off");
/// putter.put("on").unwrap();
/// assert_eq!(watch.get(), "on");
/// drop(watch);
/// assert_eq!(putter.put("off"), Err(Closed("off"))); // nobody watches
/// ```
pub struct WatchPutter<T> {
    shared: Arc<Shared<T>>,
}

impl<T> WatchPutter<T> {
    /// Sets the name, which [`inspect`](crate::inspect) shows. It replaces an earlier one.
    ///
    /// ```
    /// let (putter, watch) = async_dsl::flow::watch(1);
    /// let putter = putter.named("limit");
    /// let snapshot = async_dsl::inspect::snapshot();
    /// assert!(snapshot.channels.iter().any(|c| c.name.as_deref() == Some("limit")));
    /// # drop((putter, watch));
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        name_channel(&self.shared.registered, name.into());
        self
    }

    /// Replaces the value, as `put!(putter, value)` does. It never parks, and wakes all who wait for a new one.
    ///
    /// # Errors
    ///
    /// [`Closed`] with the value, if every [`Watch`] was dropped.
    ///
    /// ```
    /// use async_dsl::chan::Closed;
    ///
    /// let (putter, watch) = async_dsl::flow::watch(1);
    /// putter.put(2).unwrap();
    /// assert_eq!(watch.get(), 2);
    /// drop(watch);
    /// assert_eq!(putter.put(3), Err(Closed(3)));
    /// ```
    pub fn put(&self, value: T) -> Result<(), Closed<T>> {
        let mut fresh = Arc::new(value);
        let mut state = lock(&self.shared.state);
        if state.watches == 0 {
            drop(state);
            let Some(value) = Arc::into_inner(fresh) else {
                unreachable!("nobody else has it yet")
            };
            return Err(Closed(value));
        }
        std::mem::swap(&mut state.value, &mut fresh);
        if state.seen < state.version {
            state.stats.discarded += 1;
        }
        state.version += 1;
        state.stats.puts += 1;
        let puts = state.stats.puts;
        state.users.put(puts);
        let wakers = state.waiters.wake();
        drop(state);
        wake_all(wakers);
        drop(fresh); // the old one
        Ok(())
    }

    /// Returns another handle that reads the value: one that has seen the present one. So a putter goes on whose watches
    /// were all dropped.
    ///
    /// ```
    /// let (putter, watch) = async_dsl::flow::watch(1);
    /// drop(watch);
    /// let watch = putter.watch();
    /// putter.put(2).unwrap();
    /// assert_eq!(watch.get(), 2);
    /// ```
    pub fn watch(&self) -> Watch<T> {
        let mut state = lock(&self.shared.state);
        state.watches += 1;
        Watch::new(Arc::clone(&self.shared), state.version)
    }
}

impl<T> Accepts for WatchPutter<T> {
    type Value = T;

    fn accept(&self, value: T) -> Result<(), Closed<T>> {
        self.put(value)
    }
}

puts! { [T] WatchPutter<T>, T }

impl<T> Drop for WatchPutter<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.is_closed = true;
        let wakers = state.waiters.wake();
        drop(state);
        wake_all(wakers);
    }
}

impl<T> fmt::Debug for WatchPutter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchPutter")
            .field("made_at", &format_args!("{}", self.shared.made_at))
            .finish_non_exhaustive()
    }
}
