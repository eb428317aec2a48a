//! A choice over a fixed set of takers that is made once and awaited many times.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::chan::{KeptTake, Taker};
use crate::commit::Attempted;
use crate::commit::flag::{Flag, Phase};
use crate::runtime::place::At;
use crate::runtime::{budget, note};

/// A set of takers: each [`take`](Self::take) waits for the first of them that has a value.
///
/// It does what [`alts`](super::alts) over the same takers does, for less: where `alts` gets in the line of every channel
/// that is not ready, and leaves all of them when one was, a set stays in line from one take to the next. A take from a
/// set of a hundred channels costs what one from a set of two does.
///
/// - **Between two takes it gets nothing**: what is put then stays in its channel, or goes to another taker.
/// - **It is fair.** A take looks first at the channel after the one that the last value came from, so that no channel keeps
///   another waiting. In the line of a channel a set that has got a value goes to the end, as every other taker does.
/// - **A channel that closes** leaves the set once its last value is taken. The take that finds its end says so.
/// - **Dropping it loses nothing**, as with each of its takers: what a clone of a taker can still take stays in the channel.
///
/// A set is in the line of its channels between two takes too, and [`waiting`](Taker::waiting) counts it there; so prefer
/// `alts` for a choice that is made now and then, on channels with many other takers. [`inspect`](crate::inspect) shows a
/// task as parked on all channels of the set while it awaits a take.
///
/// # Examples
///
/// ```
/// use async_dsl::alt::TakerSet;
/// use async_dsl::prelude::*;
///
/// #[linear]
/// async fn merge(inputs: Vec<Taker<u32>>, output: &Putter<(usize, u32)>) {
///     let mut inputs: TakerSet<u32> = inputs.into_iter().collect();
///     while let Some((from, value)) = inputs.take().await {
///         match value {
///             Some(value) => put!(output, (from, value)).expect("a taker is left"),
///             None => println!("input {from} has ended"),
///         }
///     }
/// }
///
/// async_dsl::block_on(async_block!({
///     let (putters, takers): (Vec<_>, Vec<_>) = (0..3).map(|_| chan::fixed(1).split()).unzip();
///     let (output, merged) = chan().split();
///     for (n, putter) in (0..).zip(putters) {
///         go!({
///             put!(putter, n).unwrap();
///             put!(putter, n * 10).unwrap();
///         });
///     }
///     merge(takers, &output).await;
///     drop(output);
///     let mut all = Vec::new();
///     while let Some(value) = take!(merged) {
///         all.push(value);
///     }
///     all.sort();
///     assert_eq!(all, [(0, 0), (0, 0), (1, 1), (1, 10), (2, 2), (2, 20)]);
/// }));
/// ```
pub struct TakerSet<T> {
    /// One that has ended is gone; the others keep their index.
    arms: Box<[Option<KeptTake<T>>]>,
    left: usize,
    /// The arm to look at first.
    first: u32,
    /// The flag may be open, or won by an arm whose output was not collected. Else no partner wins it: only we open it.
    is_open: bool,
    flag: Arc<Flag>,
}

impl<T> TakerSet<T> {
    /// Returns a set of these takers. Each is known by its index.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::alt::TakerSet;
    /// use async_dsl::prelude::*;
    ///
    /// let (one, other) = (chan::fixed(1), chan::fixed(1));
    /// other.try_put("value").unwrap();
    /// let mut set = TakerSet::new([&one, &other].map(|c| c.clone().split().1));
    /// assert_eq!(async_dsl::block_on(set.take()), Some((1, Some("value"))));
    /// ```
    pub fn new(takers: impl IntoIterator<Item = Taker<T>>) -> Self {
        let arms: Box<[_]> = (0..)
            .zip(takers)
            .map(|(arm, taker)| Some(KeptTake::new(taker, arm)))
            .collect();
        let left = arms.len();
        Self {
            arms,
            left,
            first: 0,
            is_open: false,
            // It fits: 2³² arms would fill hundreds of gigabytes.
            flag: Flag::kept(u32::try_from(left).unwrap_or(u32::MAX)),
        }
    }

    /// Takes the next value of any channel of the set, and returns the index of its taker with it.
    ///
    /// Parks until there is a value, or a channel has ended. The value is `None` if the channel of that index is closed and
    /// nothing is left in it: it has left the set. Returns `None` if all channels have left the set.
    ///
    /// Dropping the future loses nothing: a value that was already handed to it goes to the next taker in line, or back.
    /// So it can be an arm of an [`alt!`](crate::alt!): `await!(cancel_safe(set.take()))`.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::alt::TakerSet;
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async {
    ///     let (putter, taker) = chan::fixed(2).split();
    ///     let (closes, other) = chan::<u32>().split();
    ///     let mut set = TakerSet::new([taker, other]);
    ///     drop(closes);
    ///     assert_eq!(set.take().await, Some((1, None)));
    ///     putter.put(7).await.unwrap();
    ///     drop(putter);
    ///     assert_eq!(set.take().await, Some((0, Some(7))));
    ///     assert_eq!(set.take().await, Some((0, None)));
    ///     assert_eq!(set.take().await, None);
    /// });
    /// ```
    #[track_caller]
    pub fn take(&mut self) -> TakeAny<'_, T> {
        self.take_at(At::caller())
    }

    pub(crate) fn take_at(&mut self, at: At) -> TakeAny<'_, T> {
        TakeAny { set: self, at }
    }

    /// Returns the number of channels that have not ended, as far as takes have told.
    ///
    /// ```
    /// use async_dsl::alt::TakerSet;
    /// use async_dsl::chan::chan;
    ///
    /// let mut set = TakerSet::new([chan::<u32>().split().1, chan().split().1]);
    /// assert_eq!(set.len(), 2); // both are closed
    /// assert_eq!(async_dsl::block_on(set.take()), Some((0, None)));
    /// assert_eq!(set.len(), 1);
    /// ```
    #[must_use]
    pub const fn len(&self) -> usize {
        self.left
    }

    /// Returns whether no channel is left, so that [`take`](Self::take) returns `None` at once.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Ends the choice, and returns the takers that are left, with their indexes. No value is lost.
    ///
    /// ```
    /// use async_dsl::alt::TakerSet;
    /// use async_dsl::chan::chan;
    ///
    /// let c = chan::<u32>();
    /// let set = TakerSet::new([c.clone().split().1]);
    /// c.try_put(7).unwrap();
    /// let takers = set.into_takers();
    /// assert_eq!((takers[0].0, takers[0].1.try_take()), (0, Ok(7)));
    /// ```
    pub fn into_takers(mut self) -> Vec<(usize, Taker<T>)> {
        self.leave();
        let arms = std::mem::take(&mut self.arms).into_iter().enumerate();
        arms.filter_map(|(index, arm)| Some((index, arm?.into_taker())))
            .collect()
    }

    /// The next value, or the end of a channel; or parks.
    fn choose(&mut self, at: At, cx: &mut Context<'_>) -> Poll<(usize, Option<T>)> {
        loop {
            if self.is_open {
                match self.flag.close() {
                    Ok(waker) => {
                        self.is_open = false;
                        drop(waker);
                    }
                    Err(arm) => match self.collect(arm, cx) {
                        Won::Ready(output) => return Poll::Ready(self.hit(arm, output)),
                        Won::Promised => return Poll::Pending,
                        Won::Released => continue,
                    },
                }
            }
            match self.look(at, cx).or_else(|| self.park(at, cx)) {
                Some(Step::Hit(arm, output)) => return Poll::Ready(self.hit(arm, output)),
                Some(Step::Again) => {}
                None => return Poll::Pending,
            }
        }
    }

    /// Looks at the arms that are marked, while no partner can win one. They are those that were passed over, and those that
    /// had more when they were last looked at.
    fn look(&mut self, at: At, cx: &mut Context<'_>) -> Option<Step<T>> {
        let (mut from, mut wrapped) = (self.first, false);
        loop {
            let Some(arm) = self
                .flag
                .marks()
                .next(from)
                .filter(|arm| !wrapped || *arm < self.first)
            else {
                if wrapped {
                    return None;
                }
                (from, wrapped) = (0, true);
                continue;
            };
            from = arm + 1;
            let Some(take) = &mut self.arms[arm as usize] else {
                continue;
            };
            if !take.may_be_ready() {
                continue;
            }
            match take.now(&self.flag) {
                Attempted::Ready(output) => return Some(Step::Hit(arm, output)),
                Attempted::Idle | Attempted::Lost => {}
                // Its promise is accepted under the open flag.
                Attempted::Partner => {
                    self.open(at, cx);
                    let step = self.attempt(arm);
                    if step.is_some() || self.flag.close().is_err() {
                        return step.or(Some(Step::Again));
                    }
                    self.is_open = false;
                }
            }
        }
    }

    /// Opens the flag, and looks once more at the arms that are marked: from now on partners win the flag, but what they left
    /// before is only found by looking. One that is in no line gets in line.
    fn park(&mut self, at: At, cx: &mut Context<'_>) -> Option<Step<T>> {
        self.open(at, cx);
        let mut from = 0;
        while let Some(arm) = self.flag.marks().next(from) {
            from = arm + 1;
            let step = self.attempt(arm);
            if step.is_some() {
                return step;
            }
        }
        None
    }

    fn open(&mut self, at: At, cx: &mut Context<'_>) {
        let waker = cx.waker().clone();
        self.is_open = true;
        drop(self.flag.open(waker, at));
    }

    /// Attempts an arm under the open flag, or gets in line.
    fn attempt(&mut self, arm: u32) -> Option<Step<T>> {
        let take = self.arms.get_mut(arm as usize)?.as_mut()?;
        match take.or_wait(&self.flag) {
            // We have won the flag for it ourselves.
            Attempted::Ready(output) => {
                drop(self.flag.take_waker());
                Some(Step::Hit(arm, output))
            }
            Attempted::Lost => Some(Step::Again),
            Attempted::Idle | Attempted::Partner => None,
        }
    }

    /// Collects what a partner has won the flag for.
    fn collect(&mut self, arm: u32, cx: &mut Context<'_>) -> Won<T> {
        let flag = &self.flag;
        let Some(take) = &mut self.arms[arm as usize] else {
            unreachable!("an arm that has ended is in no line")
        };
        if let Poll::Ready(output) = take.collect(flag) {
            return Won::Ready(output);
        }
        // Only promised: looked at once more when the partner would wake this task.
        if flag.set_waker(cx.waker()).0 != Phase::Won(arm) {
            return Won::Released;
        }
        match take.collect(flag) {
            Poll::Ready(output) => Won::Ready(output),
            Poll::Pending => Won::Promised,
        }
    }

    /// An arm has won. Its flag is suspended, or stays won until the next round opens it.
    fn hit(&mut self, arm: u32, output: Option<T>) -> (usize, Option<T>) {
        self.is_open = false;
        self.first = arm + 1;
        if output.is_none() {
            self.arms[arm as usize] = None;
            self.flag.marks().set(arm, false);
            self.left -= 1;
        }
        (arm as usize, output)
    }

    /// Ends a round that may have been parked: from now on no partner wins. What one has handed over goes to the next.
    fn end(&mut self) {
        if !std::mem::take(&mut self.is_open) {
            return;
        }
        match self.flag.close() {
            Ok(waker) => drop(waker),
            Err(arm) => {
                if let Some(take) = &mut self.arms[arm as usize] {
                    take.withdraw(&self.flag);
                }
                drop(self.flag.take_waker());
            }
        }
    }

    /// Leaves every line.
    fn leave(&mut self) {
        self.end();
        for take in self.arms.iter_mut().flatten() {
            take.withdraw(&self.flag);
        }
    }
}

enum Step<T> {
    Hit(u32, Option<T>),
    /// A partner has won the flag meanwhile.
    Again,
}

/// What has become of a flag that a partner had won.
enum Won<T> {
    Ready(Option<T>),
    /// The value is promised.
    Promised,
    /// The promise was broken meanwhile.
    Released,
}

impl<T> FromIterator<Taker<T>> for TakerSet<T> {
    fn from_iter<I: IntoIterator<Item = Taker<T>>>(takers: I) -> Self {
        Self::new(takers)
    }
}

impl<T> Drop for TakerSet<T> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<T> fmt::Debug for TakerSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakerSet")
            .field("takers", &self.arms.len())
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// The future of [`TakerSet::take`].
///
/// Dropping it loses nothing: a value that was already handed to it goes to the next taker in line, or back.
#[must_use = "a take does nothing unless it is awaited"]
pub struct TakeAny<'a, T> {
    set: &'a mut TakerSet<T>,
    at: At,
}

impl<T> Future for TakeAny<'_, T> {
    type Output = Option<(usize, Option<T>)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { set, at } = &mut *self;
        ready!(budget::poll_proceed_at(cx, || *at));
        if set.is_empty() {
            return Poll::Ready(None);
        }
        let chosen = set.choose(*at, cx);
        if chosen.is_pending() {
            note::in_line();
        }
        chosen.map(Some)
    }
}

impl<T> Drop for TakeAny<'_, T> {
    fn drop(&mut self) {
        self.set.end();
    }
}

impl<T> fmt::Debug for TakeAny<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakeAny")
            .field("set", &self.set)
            .field("at", &self.at)
            .finish()
    }
}
