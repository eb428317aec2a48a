//! One channel into two.

use std::panic::Location;
use std::task::{Context, Poll};

use super::show::Stage;
use super::stage::{Next, Stop, next, put};
use crate::chan::{self, Gone, Putter, Taker};
use crate::runtime::place::Line;

/// Returns two channels, each with a buffer for `size` values: of the values for which `pred` is true, and of the others.
/// core.async's `split`.
///
/// Both have to be taken from: a value that one of them has no room for keeps back the values for the other, which waits then, with
/// all before it. If nobody takes from one of them any more, because its takers are dropped, its values are discarded, and
/// the other goes on.
///
/// The task parks until there is a value, and while the channel is full that it goes to. When the input ends, both close. When
/// nobody takes from either any more, it drops its input; a value on its way then counts as discarded.
///
/// # Panics
///
/// A panic of `pred` ends the task: it is reported to the hook, and both channels close.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let (even, odd) = flow::split(flow::from_iter(1..=4, 0), 2, |n| n % 2 == 0);
///     assert_eq!(even.collect_vec().await, [2, 4]);
///     assert_eq!(odd.collect_vec().await, [1, 3]);
/// }));
/// ```
#[must_use = "what nobody takes is discarded"]
#[track_caller]
pub fn split<T: Send + 'static>(
    from: Taker<T>,
    size: usize,
    pred: impl FnMut(&T) -> bool + Send + 'static,
) -> (Taker<T>, Taker<T>) {
    let (to_true, is_true) = chan::fixed(size).named("split: true").split();
    let (to_false, is_false) = chan::fixed(size).named("split: false").split();
    let at = Location::caller();
    let stage = Stage::new("split", at).from(&from);
    let stage = stage.to(&to_true).to(&to_false);
    stage.start(splitting(from, (to_true, to_false), pred, at));
    (is_true, is_false)
}

/// Nobody takes from either.
struct Both<T>(Gone<T>, Gone<T>);

impl<T> Stop for Both<T> {
    fn is_stopped(&self) -> bool {
        self.0.is_gone() && self.1.is_gone()
    }

    fn poll_stop(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match (self.0.poll(cx), self.1.poll(cx)) {
            (Poll::Ready(()), Poll::Ready(())) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }
}

async fn splitting<T: Send>(
    from: Taker<T>,
    (to_true, to_false): (Putter<T>, Putter<T>),
    mut pred: impl FnMut(&T) -> bool + Send,
    at: Line,
) {
    let mut gone = Both(to_true.gone(), to_false.gone());
    while let Next::Value(value) = next(&from, at, &mut gone).await {
        let to = if pred(&value) { &to_true } else { &to_false };
        put(to, value, at).await.ok(); // one without a taker is counted, and the other goes on
    }
}
