//! Each value for those who want its topic.

use std::fmt;
use std::hash::Hash;
use std::panic::Location;

use super::hub::{self, Handle};
use super::show::Stage;
use crate::chan::Taker;

/// Returns topics: each value of `from` goes to those who have [subscribed](Topics::subscribe) to its `key`. core.async's `pub` and
/// `sub`.
///
/// All subscribers of its topic have accepted a value before the next is taken, as in a [`mult`](super::mult()). A subscriber that is
/// dropped is removed. Values of a topic that nobody has subscribed to are discarded, and [counted](Topics::discarded).
///
/// The task parks until there is a value, and until each subscriber has accepted it. When the input ends, the subscribers'
/// channels close. When the last [`Topics`] and all subscribers are dropped, it stops, and drops its input.
///
/// # Panics
///
/// A panic of `key`, or of `T::clone`, ends the task: it is reported to the hook, and the subscribers' channels close.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let (numbers, input) = chan::fixed(4).split();
///     let topics = flow::topics(input, |n: &u32| n % 2 == 0);
///     let (even, odd) = (topics.subscribe(true, 4), topics.subscribe(false, 4));
///     for n in 1..=3 {
///         put!(numbers, n).unwrap();
///     }
///     assert_eq!((take!(odd), take!(even), take!(odd)), (Some(1), Some(2), Some(3)));
/// }));
/// ```
#[must_use = "without subscribers its values are discarded"]
#[track_caller]
pub fn topics<K, T>(from: Taker<T>, key: impl Fn(&T) -> K + Send + 'static) -> Topics<K, T>
where
    K: Eq + Hash + Send + 'static,
    T: Clone + Send + 'static,
{
    let handle = Handle::new();
    let at = Location::caller();
    let stage = Stage::new("topics", at).from(&from);
    let stage = stage.details(handle.shown("subscriber"));
    stage.start(hub::run(handle.hub(), from, key, at));
    Topics { handle }
}

/// Subscribes to topics. Made by [`topics`]; clones are handles to the same.
pub struct Topics<K, T> {
    handle: Handle<K, T>,
}

impl<K, T: Send + 'static> Topics<K, T> {
    /// Returns a channel, with a buffer for `size` values, of all values of this topic from now on. It closes with the
    /// input; if that has ended, it is closed.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::flow;
    ///
    /// async_dsl::block_on(async_block!({
    ///     let (words, input) = chan::fixed(4).split();
    ///     let topics = flow::topics(input, |word: &&str| word.len());
    ///     let three = topics.subscribe(3, 1);
    ///     put!(words, "four").unwrap();
    ///     put!(words, "two").unwrap();
    ///     assert_eq!(take!(three), Some("two"));
    /// }));
    /// ```
    #[must_use = "a subscriber that is dropped is removed"]
    #[track_caller]
    pub fn subscribe(&self, key: K, size: usize) -> Taker<T> {
        self.handle.subscribe(key, size, "topic")
    }

    /// Returns the number of values that no subscriber has accepted.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    /// use async_dsl::flow;
    ///
    /// async_dsl::block_on(async_block!({
    ///     let (words, input) = chan::fixed(4).split();
    ///     let topics = flow::topics(input, |word: &&str| word.len());
    ///     let three = topics.subscribe(3, 1);
    ///     put!(words, "four").unwrap();
    ///     put!(words, "two").unwrap();
    ///     take!(three);
    ///     assert_eq!(topics.discarded(), 1);
    /// }));
    /// ```
    #[must_use]
    pub fn discarded(&self) -> u64 {
        self.handle.discarded()
    }
}

impl<K, T> Clone for Topics<K, T> {
    fn clone(&self) -> Self {
        Self {
            handle: self.handle.clone(),
        }
    }
}

impl<K, T> fmt::Debug for Topics<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topics").finish_non_exhaustive()
    }
}
