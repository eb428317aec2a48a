//! `alts`: an `alt!` over a list made at run time.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{Alt, Arms};
use crate::commit::{Attempt, Attempted, Operation};
use crate::runtime::budget;
use crate::runtime::place::At;

/// Waits for whichever of `operations` is ready first, and gives its place in the list and its output.
///
/// It parks until one is ready; of several, one is chosen uniformly at random, or the first with
/// [`biased`](Alts::biased). All others are left untouched, and dropping the future loses nothing.
///
/// # Errors
///
/// [`NoOperations`] if the list is empty: that would wait for ever.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async {
///     let chans: Vec<Chan<u32>> = (0..3).map(|_| chan::fixed(1)).collect();
///     chans[1].put(42).await.unwrap();
///     let (index, value) = alts(chans.iter().map(Chan::take)).await.unwrap();
///     assert_eq!((index, value), (1, Some(42)));
/// });
/// ```
pub fn alts<I>(operations: I) -> Alts<I::Item>
where
    I: IntoIterator,
    I::Item: Operation,
{
    Alts(Alt::new(List(operations.into_iter().collect())))
}

/// The future of [`alts`].
#[must_use = "alts does nothing unless it is awaited"]
pub struct Alts<O: Operation>(Alt<List<O>>);

impl<O: Operation> Alts<O> {
    /// Takes ready operations in order, instead of choosing uniformly at random.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async {
    ///     let urgent = chan::fixed(1);
    ///     let usual = chan::fixed(1);
    ///     urgent.put("urgent").await.unwrap();
    ///     usual.put("usual").await.unwrap();
    ///     let first = alts([urgent.take(), usual.take()]).biased().await;
    ///     assert_eq!(first, Ok((0, Some("urgent"))));
    /// });
    /// ```
    pub fn biased(self) -> Self {
        Self(self.0.biased())
    }
}

impl<O: Operation> Future for Alts<O> {
    type Output = Result<(usize, O::Output), NoOperations>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.0.is_empty() {
            ready!(budget::poll_proceed(cx));
            return Poll::Ready(Err(NoOperations));
        }
        Pin::new(&mut self.0).poll(cx).map(Ok)
    }
}

impl<O: Operation> fmt::Debug for Alts<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Alts").field(&self.0).finish()
    }
}

/// [`alts`] was given an empty list.
///
/// # Examples
///
/// ```
/// use async_dsl::alt::{NoOperations, alts};
/// use async_dsl::chan::Take;
///
/// let nothing: Vec<Take<'_, u32>> = Vec::new();
/// assert_eq!(async_dsl::block_on(alts(nothing)), Err(NoOperations));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOperations;

impl fmt::Display for NoOperations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("alts of an empty list of operations would wait for ever")
    }
}

impl Error for NoOperations {}

pub(super) struct List<O>(Vec<O>);

impl<O: Operation> Arms for List<O> {
    type Output = (usize, O::Output);

    fn count(&self) -> usize {
        self.0.len()
    }

    fn attempt(&mut self, index: usize, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        self.0[index].attempt(attempt).map(|output| (index, output))
    }

    fn collect(&mut self, index: usize) -> Poll<Self::Output> {
        self.0[index].collect().map(|output| (index, output))
    }

    fn withdraw(&mut self) {
        self.0.iter_mut().for_each(O::withdraw);
    }

    fn is_polled(&self, index: usize) -> bool {
        self.0[index].is_polled()
    }

    fn at(&self) -> At {
        self.0.first().map_or(At::Unknown, O::at)
    }

    fn default(&mut self) -> Option<Self::Output> {
        None
    }
}
