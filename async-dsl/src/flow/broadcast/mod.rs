//! One value for each of many subscribers, who never delay the putter.

mod backlog;
mod shared;
mod subscriber;

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::never_parks::{Accepts, puts};
use super::waiters::Waiters;
use crate::chan::{Closed, Stats, channel_made, name_channel};
use crate::runtime::registry::Registered;
use crate::runtime::sync::{Mutex, lock};
use crate::runtime::users::Users;
use crate::runtime::wake::wake_all;

use backlog::Backlog;
use shared::{Shared, State};

pub use shared::Lagged;
pub use subscriber::{Subscriber, TakeBroadcast};

/// Returns a broadcast that keeps the latest `size` values for those who have not taken them yet: tokio's `broadcast`.
///
/// `put!(broadcast, value)` never parks: a subscriber that is slow delays nobody, and is told what it missed.
/// [`subscribe`](Broadcast::subscribe) returns a handle that gets each value that is put from then on; `take!(subscriber)` returns
/// `Some(Ok(value))`, or `Some(Err(Lagged(n)))` in the place of `n` values that were discarded before it took them, and `None`
/// once the last [`Broadcast`] is dropped, or it is closed, and the rest is taken. All subscribers see the same order.
///
/// At most `size` values are in memory, whatever the number of subscribers; each is dropped once all have taken it. The last to
/// take a value gets it without a clone. Values that were discarded, for one subscriber or because there is none, are
/// [counted](Broadcast::discarded). A dump shows a channel of the kind `broadcast`, made at the caller's line, and of each subscriber
/// how many values it has still to take, and how many it has lost.
///
/// # Panics
///
/// If `size` is 0: such a broadcast would keep nothing.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow::{self, Lagged};
///
/// async_dsl::block_on(async_block!({
///     let news = flow::broadcast(2);
///     let (slow, fast) = (news.subscribe(), news.subscribe());
///     for n in 1..=3 {
///         put!(news, n).unwrap();
///         assert_eq!(take!(fast), Some(Ok(n)));
///     }
///     drop(news);
///     assert_eq!(take!(slow), Some(Err(Lagged(1))));
///     assert_eq!(take!(slow), Some(Ok(2)));
///     assert_eq!(take!(slow), Some(Ok(3)));
///     assert_eq!(take!(slow), None);
/// }));
/// ```
#[must_use]
#[track_caller]
pub fn broadcast<T: Clone + Send + Sync + 'static>(size: usize) -> Broadcast<T> {
    assert!(
        size > 0,
        "a broadcast keeps at least 1 value; its size was 0"
    );
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            backlog: Backlog::new(size),
            putters: 1,
            is_closed: false,
            stats: Stats::default(),
            waiters: Waiters::default(),
            users: Users::new(),
        }),
        made_at: Location::caller(),
        registered: Registered::new(),
    });
    channel_made(&shared, &shared.registered);
    Broadcast { shared }
}

/// Puts a value for every subscriber. Made by [`broadcast`]; clones are handles to the same.
pub struct Broadcast<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Broadcast<T> {
    /// Sets the name, which [`inspect`](crate::inspect) shows. It replaces an earlier one.
    ///
    /// ```
    /// let news = async_dsl::flow::broadcast::<u32>(8).named("news");
    /// let snapshot = async_dsl::inspect::snapshot();
    /// assert!(snapshot.channels.iter().any(|c| c.name.as_deref() == Some("news")));
    /// # drop(news);
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        name_channel(&self.shared.registered, name.into());
        self
    }

    /// Puts a value for every subscriber, as `put!(broadcast, value)` does. It never parks. Without a subscriber the value is
    /// discarded, and counted.
    ///
    /// # Errors
    ///
    /// [`Closed`] with the value, after [`close`](Self::close).
    ///
    /// ```
    /// let news = async_dsl::flow::broadcast(8);
    /// let subscriber = news.subscribe();
    /// news.put("new").unwrap();
    /// assert_eq!(subscriber.try_take(), Ok(Ok("new")));
    /// ```
    pub fn put(&self, value: T) -> Result<(), Closed<T>> {
        let value = Arc::new(value);
        let mut state = lock(&self.shared.state);
        if state.is_closed {
            drop(state);
            let Some(value) = Arc::into_inner(value) else {
                unreachable!("nobody else has it yet")
            };
            return Err(Closed(value));
        }
        let discarded = state.backlog.put(value);
        state.stats.puts += 1;
        let puts = state.stats.puts;
        state.users.put(puts);
        state.stats.high_water = state.stats.high_water.max(state.backlog.len());
        let wakers = state.waiters.wake();
        drop(state);
        wake_all(wakers);
        drop(discarded);
        Ok(())
    }

    /// Closes it for every handle: a put fails, and a subscriber gets the rest and then `None`.
    ///
    /// ```
    /// use async_dsl::chan::{Closed, TryTakeError};
    ///
    /// let news = async_dsl::flow::broadcast(8);
    /// let subscriber = news.subscribe();
    /// news.close();
    /// assert_eq!(news.put("late"), Err(Closed("late")));
    /// assert_eq!(subscriber.try_take(), Err(TryTakeError::Closed));
    /// ```
    pub fn close(&self) {
        self.shared.close();
    }

    /// Returns the number of subscribers.
    ///
    /// ```
    /// let news = async_dsl::flow::broadcast::<u32>(8);
    /// let subscriber = news.subscribe();
    /// assert_eq!(news.subscribers(), 1);
    /// # drop(subscriber);
    /// ```
    #[must_use]
    pub fn subscribers(&self) -> usize {
        lock(&self.shared.state).backlog.subscribers()
    }

    /// Returns the number of values that one subscriber at least did not get because it lagged, or that none got: there was
    /// none, or all were dropped first.
    ///
    /// ```
    /// let news = async_dsl::flow::broadcast(8);
    /// news.put("nobody listens").unwrap();
    /// assert_eq!(news.discarded(), 1);
    /// ```
    #[must_use]
    pub fn discarded(&self) -> u64 {
        lock(&self.shared.state).backlog.discarded()
    }
}

impl<T: Send + Sync + 'static> Broadcast<T> {
    /// Returns a handle that gets each value that is put from now on.
    ///
    /// ```
    /// let news = async_dsl::flow::broadcast(8);
    /// news.put("missed").unwrap();
    /// let subscriber = news.subscribe();
    /// news.put("heard").unwrap();
    /// assert_eq!(subscriber.try_take(), Ok(Ok("heard")));
    /// ```
    #[must_use = "a subscriber that is dropped gets nothing"]
    #[track_caller]
    pub fn subscribe(&self) -> Subscriber<T> {
        let number = lock(&self.shared.state).backlog.join();
        Subscriber::new(Arc::clone(&self.shared), number, Location::caller())
    }
}

impl<T> Accepts for Broadcast<T> {
    type Value = T;

    fn accept(&self, value: T) -> Result<(), Closed<T>> {
        self.put(value)
    }
}

puts! { [T] Broadcast<T>, T }

impl<T> Clone for Broadcast<T> {
    fn clone(&self) -> Self {
        lock(&self.shared.state).putters += 1;
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T> Drop for Broadcast<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.putters -= 1;
        let is_last = state.putters == 0;
        drop(state);
        if is_last {
            self.shared.close();
        }
    }
}

impl<T> fmt::Debug for Broadcast<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcast")
            .field("made_at", &format_args!("{}", self.shared.made_at))
            .finish_non_exhaustive()
    }
}
