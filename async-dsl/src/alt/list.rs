//! `alts`: an `alt!` over a list made at run time.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::Alt;
use super::arms::Arms;
use crate::commit::{Attempt, Attempted, Depth, Operation, Seen};
use crate::runtime::budget;
use crate::runtime::place::At;

/// Waits for the first of `operations` that is ready, and returns its index in the list and its output.
///
/// Parks until one is ready; of several, one is chosen uniformly at random, or the first with
/// [`biased`](Alts::biased). All others are left untouched, and dropping the future loses nothing.
///
/// To take from the same channels again and again, [`TakerSet`](super::TakerSet) is faster.
///
/// # Errors
///
/// [`NoOperations`] if the list is empty: that would park for ever.
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
    Alts {
        alt: Alt::new(operations.into_iter().collect()),
    }
}

pin_project! {
    /// The future of [`alts`].
    #[must_use = "alts does nothing unless it is awaited"]
    pub struct Alts<O: Operation> {
        #[pin]
        alt: Alt<List<O>>,
    }
}

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
        Self {
            alt: self.alt.biased(),
        }
    }
}

impl<O: Operation> Future for Alts<O> {
    type Output = Result<(usize, O::Output), NoOperations>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.alt.is_empty() {
            ready!(budget::poll_proceed(cx));
            return Poll::Ready(Err(NoOperations));
        }
        self.project().alt.poll(cx).map(Ok)
    }
}

impl<O: Operation> fmt::Debug for Alts<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Alts").field(&self.alt).finish()
    }
}

/// The error of [`alts`] of an empty list.
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

macro_rules! chunk {
    ($($field:ident: $number:pat,)+) => {
        pin_project! {
            /// Operations that do not move: pinned by safe code, one field each.
            struct Chunk<O> { $(#[pin] $field: Option<O>,)+ }
        }

        impl<O> Chunk<O> {
            const fn new() -> Self {
                Self { $($field: None,)+ }
            }

            fn set(self: Pin<&mut Self>, index: usize, operation: O) {
                let mut this = self.project();
                match index {
                    $($number => this.$field.set(Some(operation)),)+
                    _ => unreachable!("a chunk has as many places as numbers"),
                }
            }

            fn get(&self, index: usize) -> Option<&O> {
                match index {
                    $($number => self.$field.as_ref(),)+
                    _ => None,
                }
            }

            fn get_pin_mut(self: Pin<&mut Self>, index: usize) -> Option<Pin<&mut O>> {
                let this = self.project();
                match index {
                    $($number => this.$field.as_pin_mut(),)+
                    _ => None,
                }
            }
        }
    };
}

chunk! {
    a: 0, b: 1, c: 2, d: 3, e: 4, f: 5, g: 6, h: 7, i: 8, j: 9, k: 10, l: 11, m: 12, n: 13, o: 14, p: 15,
}

/// The number of operations in a chunk.
const CHUNK: usize = 16;

/// A list of operations: movable, in one allocation of their size, until one of them is to be pinned; in chunks from then
/// on. A list of which something is ready at once never gets there.
pub(super) struct List<O> {
    movable: Box<[O]>,
    first: Option<Pin<Box<Chunk<O>>>>,
    more: Vec<Pin<Box<Chunk<O>>>>,
    len: usize,
}

impl<O> FromIterator<O> for List<O> {
    fn from_iter<I: IntoIterator<Item = O>>(operations: I) -> Self {
        let movable: Box<[O]> = operations.into_iter().collect();
        Self {
            len: movable.len(),
            movable,
            first: None,
            more: Vec::new(),
        }
    }
}

impl<O> List<O> {
    fn get(&self, index: usize) -> Option<&O> {
        if let Some(operation) = self.movable.get(index) {
            return Some(operation);
        }
        let chunk = match index.checked_sub(CHUNK) {
            None => self.first.as_ref()?,
            Some(rest) => &self.more[rest / CHUNK],
        };
        chunk.get(index % CHUNK)
    }

    fn get_pin_mut(&mut self, index: usize) -> Option<Pin<&mut O>> {
        if !self.movable.is_empty() {
            self.pin();
        }
        let chunk = match index.checked_sub(CHUNK) {
            None => self.first.as_mut()?.as_mut(),
            Some(rest) => self.more[rest / CHUNK].as_mut(),
        };
        chunk.get_pin_mut(index % CHUNK)
    }

    #[cold]
    fn pin(&mut self) {
        let operations = std::mem::take(&mut self.movable).into_vec();
        if self.len > CHUNK {
            self.more.reserve_exact(self.len.div_ceil(CHUNK) - 1);
        }
        for (index, operation) in operations.into_iter().enumerate() {
            let chunk = if index < CHUNK {
                self.first.get_or_insert_with(|| Box::pin(Chunk::new()))
            } else {
                if index % CHUNK == 0 {
                    self.more.push(Box::pin(Chunk::new()));
                }
                &mut self.more[index / CHUNK - 1]
            };
            chunk.as_mut().set(index % CHUNK, operation);
        }
    }
}

impl<O: Operation> Arms for List<O> {
    type Output = (usize, O::Output);

    fn count(&self) -> usize {
        self.len
    }

    fn attempt(
        self: Pin<&mut Self>,
        index: usize,
        attempt: &mut Attempt<'_, '_>,
    ) -> Attempted<Self::Output> {
        let list = self.get_mut();
        let movable = match attempt.depth() {
            Depth::Now => list.movable.get_mut(index),
            Depth::Promise(_) | Depth::Park(_) | Depth::Begin(_) => None,
        };
        let attempted = movable.and_then(O::attempt_unpinned).unwrap_or_else(|| {
            let operation = list.get_pin_mut(index);
            operation.map_or(Attempted::Idle, |operation| operation.attempt(attempt))
        });
        attempted.map(|output| (index, output))
    }

    fn collect(self: Pin<&mut Self>, index: usize) -> Poll<Self::Output> {
        let operation = self.get_mut().get_pin_mut(index);
        let collected = operation.map_or(Poll::Pending, O::collect);
        collected.map(|output| (index, output))
    }

    fn withdraw(self: Pin<&mut Self>) {
        let list = self.get_mut();
        if list.movable.is_empty() {
            for index in 0..list.len {
                if let Some(operation) = list.get_pin_mut(index) {
                    operation.withdraw();
                }
            }
        }
    }

    fn may_be_ready(&self, index: usize) -> bool {
        self.get(index).is_some_and(O::may_be_ready)
    }

    fn is_polled(&self, index: usize) -> bool {
        self.get(index).is_some_and(O::is_polled)
    }

    fn seen(&self, index: usize) -> Option<Seen> {
        self.get(index).and_then(O::seen)
    }

    fn at(&self) -> At {
        self.get(0).map_or(At::UNKNOWN, O::at)
    }

    fn default(&self) -> Option<Self::Output> {
        None
    }
}
