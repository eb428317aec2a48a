//! What adaptors of streams make of a channel.

use std::panic::Location;
use std::pin::pin;

use futures_core::Stream;

use super::show::Stage;
use super::stage::{put, unless_stopped};
use crate::chan::{self, Putter, Taker};
use crate::runtime::place::Line;

/// Returns a channel, with a buffer for `size` values, of what a stream returns that is made of `from`: any adaptor of any crate
/// for streams between two channels. core.async's transducers.
///
/// `adapt` is called at once, with the taker as the [`Stream`]. The adaptors are polled by the task, which parks until they have a
/// value and while the channel is full. The channel closes when their stream ends: with the input, or before it (`take`,
/// `take_while`). Then, and when nobody takes from the channel any more, the stream is dropped, and the input with it. A value on
/// its way then counts as discarded; what an adaptor has in hand (`chunks`, `peekable`) is dropped with it.
///
/// # Panics
///
/// A panic of an adaptor's closure ends the task: it is reported to the hook, and the channel closes.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
/// use futures_lite::StreamExt;
///
/// async_dsl::block_on(async_block!({
///     let numbers = flow::from_iter(1..=4, 0);
///     let squares = flow::through(numbers, 1, |s| s.filter(|n| n % 2 == 0).map(|n| n * n));
///     assert_eq!((take!(squares), take!(squares)), (Some(4), Some(16)));
///     assert_eq!(take!(squares), None);
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn through<T, S>(
    from: Taker<T>,
    size: usize,
    adapt: impl FnOnce(Taker<T>) -> S,
) -> Taker<S::Item>
where
    S: Stream<Item: Send + 'static> + Send + 'static,
{
    let at = Location::caller();
    let stage = Stage::new("through", at).from(&from);
    let stream = adapt(from.parks_at(at));
    let (out, adapted) = chan::fixed(size).named("through").split();
    stage.to(&out).start(streaming(stream, out, at));
    adapted
}

async fn streaming<S: Stream>(stream: S, out: Putter<S::Item>, at: Line) {
    let mut stream = pin!(stream);
    let mut gone = out.gone();
    while let Some(Some(value)) =
        unless_stopped(&mut gone, |cx| stream.as_mut().poll_next(cx)).await
    {
        if put(&out, value, at).await.is_err() {
            return;
        }
    }
}
