//! The union of channels.

use std::future::Future;
use std::panic::Location;
use std::pin::pin;

use super::show::Stage;
use super::stage::{put, unless_stopped};
use crate::alt::TakerSet;
use crate::chan::{self, Putter, Taker};
use crate::runtime::place::{At, Line};

/// Returns the union of channels: a channel, with a buffer for `size` values, of all that comes from any of `takers`. core.async's
/// `merge`.
///
/// It is fair: no input keeps another waiting. It closes when all inputs have ended; without inputs at once. Inputs that come and
/// go belong into a [`mix`](super::mix()).
///
/// The task parks until there is a value, and while the output is full. When nobody takes from the output any more, it drops its
/// inputs; a value on its way then counts as discarded.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let merged = flow::merge([flow::from_iter(0..2, 0), flow::from_iter(2..4, 0)], 1);
///     let mut all = Vec::new();
///     while let Some(n) = take!(merged) {
///         all.push(n);
///     }
///     all.sort();
///     assert_eq!(all, [0, 1, 2, 3]);
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn merge<T: Send + 'static>(
    takers: impl IntoIterator<Item = Taker<T>>,
    size: usize,
) -> Taker<T> {
    let (out, merged) = chan::fixed(size).named("merged").split();
    let at = Location::caller();
    let mut from = Vec::new();
    let takers = TakerSet::new(
        takers
            .into_iter()
            .inspect(|taker| from.push(taker.number())),
    );
    let stage = Stage::new("merge", at).inputs(from).to(&out);
    stage.start(merging(takers, out, at));
    merged
}

async fn merging<T: Send>(mut from: TakerSet<T>, out: Putter<T>, at: Line) {
    let mut gone = out.gone();
    loop {
        let next = {
            let mut take = pin!(from.take_at(At::line(at)));
            unless_stopped(&mut gone, |cx| take.as_mut().poll(cx)).await
        };
        match next.flatten() {
            Some((_, Some(value))) => {
                if put(&out, value, at).await.is_err() {
                    return;
                }
            }
            Some((_, None)) => {} // this input has ended
            None => return,
        }
    }
}
