//! From an iterator into a channel, and from one channel into another.

use std::panic::Location;

use super::show::Stage;
use super::stage::{Next, next, put};
use crate::chan::{self, Closed, Putter, Taker};
use crate::runtime::place::{At, Line};
use crate::runtime::task::Task;

/// Returns a channel, with a buffer for `size` values, of what an iterator returns. It closes at the end. core.async's `to-chan!`.
///
/// The task parks while the channel is full. When nobody takes from it any more, the task drops the iterator; a value that it
/// was about to put then counts as discarded. It calls the iterator on a worker: one that blocks belongs into a
/// [`thread!`](crate::thread!).
///
/// # Panics
///
/// A panic of the iterator ends the task: it is reported to the hook, and the channel closes.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let numbers = flow::from_iter(1.., 0); // no more than are taken
///     assert_eq!((take!(numbers), take!(numbers)), (Some(1), Some(2)));
///
///     let letters = flow::from_iter(["a", "b"], 2);
///     assert_eq!((take!(letters), take!(letters)), (Some("a"), Some("b")));
///     assert_eq!(take!(letters), None);
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn from_iter<I>(iter: I, size: usize) -> Taker<I::Item>
where
    I: IntoIterator<IntoIter: Send + 'static, Item: Send + 'static>,
{
    let (out, values) = chan::fixed(size).named("from_iter").split();
    let at = Location::caller();
    let stage = Stage::new("from_iter", at).to(&out);
    stage.start(putting_all(iter.into_iter(), out, at));
    values
}

async fn putting_all<T: Send>(mut iter: impl Iterator<Item = T>, out: Putter<T>, at: Line) {
    let gone = out.gone();
    while !gone.is_gone() {
        let Some(value) = iter.next() else { return };
        if put(&out, value, at).await.is_err() {
            return;
        }
    }
}

/// Puts all that an iterator returns, and drops the putter: so the channel closes, unless another one is held. core.async's
/// `onto-chan!`.
///
/// The task parks while the channel is full. Its result is an error with the value that the channel did not accept, because it
/// was closed or nobody takes from it any more; what the iterator has left is dropped with it. If the task is cancelled, the value
/// that it was about to put counts as discarded. Dropping the [`Task`] lets it run on.
///
/// # Panics
///
/// A panic of the iterator is the task's: it reaches whoever awaits it, or the hook.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let (putter, taker) = chan::fixed(1).split();
///     let putting = flow::onto(putter, 1..);
///     assert_eq!((take!(taker), take!(taker)), (Some(1), Some(2)));
///     drop(taker);
///     assert!(await!(putting).is_err());
/// }));
/// ```
#[track_caller]
pub fn onto<I>(putter: Putter<I::Item>, iter: I) -> Task<Result<(), Closed<I::Item>>>
where
    I: IntoIterator<IntoIter: Send + 'static, Item: Send + 'static>,
{
    let at = Location::caller();
    let iter = iter.into_iter();
    Stage::new("onto", at).to(&putter).task(async move {
        for value in iter {
            putter.put_counted(value, At::line(at)).await?;
        }
        Ok(())
    })
}

/// Moves all values from one channel into another. core.async's `pipe`.
///
/// When the source ends, the task drops the target's putter and ends: so the target closes, unless another putter is held. When
/// nobody takes from the target any more, it drops the source. So both ends are known to the other side.
///
/// The task parks until there is a value, and while the target is full. It holds one value at most, which counts as discarded on
/// the target if nobody takes from there any more or the task is cancelled. Dropping the [`Task`] lets it run on.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let numbers = flow::from_iter(1..=2, 0);
///     let (putter, taker) = chan::fixed(0).split();
///     flow::pipe(numbers, putter.clone());
///     assert_eq!((take!(taker), take!(taker)), (Some(1), Some(2)));
///     let later = go!({ put!(putter, 3) }); // another putter is held
///     assert_eq!(take!(taker), Some(3));
///     await!(later).unwrap();
///     assert_eq!(take!(taker), None);
/// }));
/// ```
#[track_caller]
pub fn pipe<T: Send + 'static>(from: Taker<T>, to: Putter<T>) -> Task<()> {
    let at = Location::caller();
    let stage = Stage::new("pipe", at).from(&from).to(&to);
    stage.task(moving(from, to, at))
}

async fn moving<T: Send>(from: Taker<T>, to: Putter<T>, at: Line) {
    let mut gone = to.gone();
    while let Next::Value(value) = next(&from, at, &mut gone).await {
        if put(&to, value, at).await.is_err() {
            return;
        }
    }
}
