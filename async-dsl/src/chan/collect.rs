//! Taking many values.

use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::shared::Shared;
use super::take::TakeState;
use super::{Chan, Taker};
use crate::commit::party::Task;
use crate::runtime::explore::access::Kind;
use crate::runtime::place::At;

macro_rules! many {
    ($($port:ident)+) => { $(
        impl<T> $port<T> {
            /// Takes all values until the channel is closed and empty. core.async's `into`.
            ///
            /// Parks until each value comes, and the end. Dropping the future before that discards what it has taken so far,
            /// and counts it as [`discarded`](Self::discarded): where that may happen (in [`timeout!`](crate::timeout!), as an
            /// arm), `take!` in a loop, or let a task collect.
            ///
            /// ```
            /// use async_dsl::prelude::*;
            ///
            /// async_dsl::block_on(async {
            ///     let (putter, taker) = chan().split();
            ///     (1..=3).for_each(|n| putter.try_put(n).unwrap());
            ///     drop(putter);
            ///     assert_eq!(taker.collect_vec().await, [1, 2, 3]);
            /// });
            /// ```
            #[track_caller]
            pub fn collect_vec(&self) -> CollectVec<'_, T> {
                CollectVec {
                    chan: &self.shared,
                    take: TakeState::new(At::caller()),
                    all: Vec::new(),
                    _pinned: PhantomPinned,
                }
            }

            /// Takes all values that are there now, with those of puts that are parked. It never parks, and does not wait for
            /// what is put meanwhile.
            ///
            /// ```
            /// use async_dsl::prelude::*;
            ///
            /// let c = chan();
            /// (1..=3).for_each(|n| c.try_put(n).unwrap());
            /// assert_eq!(c.drain(), [1, 2, 3]);
            /// assert_eq!(c.drain(), []);
            /// ```
            #[must_use = "they are taken"]
            pub fn drain(&self) -> Vec<T> {
                self.shared.touch(Kind::Any);
                let there = self.shared.look(|state| state.len() + state.putters.queued());
                let values = std::iter::from_fn(|| self.try_take().ok());
                values.take(there).collect()
            }
        }
    )+ };
}

many! { Chan Taker }

pin_project! {
    /// The future of [`Taker::collect_vec`] and [`Chan::collect_vec`].
    ///
    /// Dropping it discards what it has taken so far, and counts it.
    #[must_use = "it does nothing unless it is awaited"]
    pub struct CollectVec<'a, T> {
        chan: &'a Shared<T>,
        take: TakeState,
        all: Vec<T>,
        // Keeps intrusive waiters possible.
        #[pin]
        _pinned: PhantomPinned,
    }

    impl<T> PinnedDrop for CollectVec<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.take.withdraw(this.chan);
            let taken = this.all.len() as u64;
            if taken > 0 {
                this.chan.with(|state, _| state.stats.discarded += taken);
            }
        }
    }
}

impl<T> Future for CollectVec<'_, T> {
    type Output = Vec<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Vec<T>> {
        let this = self.project();
        while let Some(value) = ready!(this.take.poll(this.chan, cx, Task)) {
            this.all.push(value);
        }
        Poll::Ready(mem::take(this.all))
    }
}

impl<T> fmt::Debug for CollectVec<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectVec")
            .field("taken", &self.all.len())
            .finish_non_exhaustive()
    }
}
