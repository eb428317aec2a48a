//! One value of each of several channels.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::show::Stage;
use super::stage::{put, unless_stopped};
use crate::chan::{self, Putter, Taker};
use crate::runtime::place::Line;

/// Returns a channel, with a buffer for `size` values, of rows: a tuple of one value of each of a tuple of takers. core.async's `map`
/// over several channels.
///
/// It ends with the first input that ends, also while others have no value. So values may be left in the others; what was
/// taken of them already counts as one row that was discarded.
///
/// The task parks until each input has a value, and while the output is full. When nobody takes from the output any more, it drops
/// its inputs; a row on its way, whole or not, then counts as discarded.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let numbers = flow::from_iter(1.., 0);
///     let words = flow::from_iter(["one", "two"], 0);
///     let rows = flow::zip((numbers, words), 1);
///     assert_eq!(rows.collect_vec().await, [(1, "one"), (2, "two")]);
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn zip<R>(takers: impl Zip<Row = R>, size: usize) -> Taker<R> {
    let at = Location::caller();
    start(takers.inputs(at), size, at)
}

/// As [`zip`], of any number of takers of one type. Without takers the channel closes at once.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let columns = (0..3).map(|n| flow::from_iter([n, n + 10], 0));
///     let rows = flow::zip_each(columns, 0);
///     assert_eq!(rows.collect_vec().await, [[0, 1, 2], [10, 11, 12]]);
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn zip_each<T: Send + 'static>(
    takers: impl IntoIterator<Item = Taker<T>>,
    size: usize,
) -> Taker<Vec<T>> {
    let at = Location::caller();
    let inputs = takers.into_iter().map(|taker| Input::new(taker, at));
    start(inputs.collect::<Vec<_>>(), size, at)
}

#[track_caller]
fn start<I: Inputs>(inputs: I, size: usize, at: Line) -> Taker<I::Row> {
    let (out, rows) = chan::fixed(size).named("zipped").split();
    let stage = Stage::new("zip", at).inputs(inputs.numbers());
    stage.to(&out).start(zipping(inputs, out, at));
    rows
}

/// A tuple of 1 to 8 takers, for [`zip`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be zipped",
    label = "not a tuple of 1 to 8 takers",
    note = "for more than 8, or a number known at run time, there is `flow::zip_each`"
)]
pub trait Zip {
    /// A tuple of one value of each.
    type Row: Send + 'static;
    #[doc(hidden)]
    type Inputs: Inputs<Row = Self::Row>;

    #[doc(hidden)]
    fn inputs(self, at: Line) -> Self::Inputs;
}

/// The inputs of a zip, with what was taken of the next row.
pub trait Inputs: Send + 'static {
    type Row: Send + 'static;

    /// Returns `None` once one of them has ended.
    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::Row>>;

    /// Whether something was taken of the next row.
    fn has_begun(&self) -> bool;

    /// Returns the numbers of the channels.
    fn numbers(&self) -> Vec<u64>;
}

#[derive(Debug)]
pub struct Input<T> {
    /// As a stream it keeps its place in line.
    from: Taker<T>,
    value: Option<T>,
}

impl<T> Input<T> {
    fn new(from: Taker<T>, at: Line) -> Self {
        let from = from.parks_at(at);
        Self { from, value: None }
    }

    /// Returns whether it has a value, or `None` if it has ended.
    fn poll(&mut self, cx: &mut Context<'_>) -> Option<bool> {
        if self.value.is_none() {
            match Pin::new(&mut self.from).poll_next(cx) {
                Poll::Ready(Some(value)) => self.value = Some(value),
                Poll::Ready(None) => return None,
                Poll::Pending => return Some(false),
            }
        }
        Some(true)
    }
}

impl<T: Send + 'static> Inputs for Vec<Input<T>> {
    type Row = Vec<T>;

    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Vec<T>>> {
        let mut is_whole = true;
        for input in &mut *self {
            let Some(has_value) = input.poll(cx) else {
                return Poll::Ready(None);
            };
            is_whole &= has_value;
        }
        if self.is_empty() {
            return Poll::Ready(None);
        }
        if !is_whole {
            return Poll::Pending;
        }
        let row = self.iter_mut().map(|input| input.value.take());
        Poll::Ready(row.collect())
    }

    fn has_begun(&self) -> bool {
        self.iter().any(|input| input.value.is_some())
    }

    fn numbers(&self) -> Vec<u64> {
        self.iter().map(|input| input.from.number()).collect()
    }
}

macro_rules! tuples {
    ($($($T:ident $input:ident),+;)+) => { $(
        impl<$($T: Send + 'static),+> Zip for ($(Taker<$T>,)+) {
            type Row = ($($T,)+);
            type Inputs = ($(Input<$T>,)+);

            fn inputs(self, at: Line) -> Self::Inputs {
                let ($($input,)+) = self;
                ($(Input::new($input, at),)+)
            }
        }

        impl<$($T: Send + 'static),+> Inputs for ($(Input<$T>,)+) {
            type Row = ($($T,)+);

            fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::Row>> {
                let ($($input,)+) = self;
                let mut is_whole = true;
                $(
                    let Some(has_value) = $input.poll(cx) else {
                        return Poll::Ready(None);
                    };
                    is_whole &= has_value;
                )+
                if !is_whole {
                    return Poll::Pending;
                }
                let row = ($($input.value.take(),)+);
                let ($(Some($input),)+) = row else { return Poll::Pending };
                Poll::Ready(Some(($($input,)+)))
            }

            fn has_begun(&self) -> bool {
                let ($($input,)+) = self;
                $($input.value.is_some())||+
            }

            fn numbers(&self) -> Vec<u64> {
                let ($($input,)+) = self;
                vec![$($input.from.number()),+]
            }
        }
    )+ };
}

tuples! {
    A a;
    A a, B b;
    A a, B b, C c;
    A a, B b, C c, D d;
    A a, B b, C c, D d, E e;
    A a, B b, C c, D d, E e, F f;
    A a, B b, C c, D d, E e, F f, G g;
    A a, B b, C c, D d, E e, F f, G g, H h;
}

/// A row that was begun and is not put when this is dropped counts as discarded.
struct Rows<'a, I: Inputs> {
    inputs: I,
    out: &'a Putter<I::Row>,
}

impl<I: Inputs> Drop for Rows<'_, I> {
    fn drop(&mut self) {
        if self.inputs.has_begun() {
            self.out.count_discarded(1);
        }
    }
}

async fn zipping<I: Inputs>(inputs: I, out: Putter<I::Row>, at: Line) {
    let mut gone = out.gone();
    let mut rows = Rows { inputs, out: &out };
    while let Some(Some(row)) = unless_stopped(&mut gone, |cx| rows.inputs.poll_row(cx)).await {
        if put(&out, row, at).await.is_err() {
            return;
        }
    }
}
