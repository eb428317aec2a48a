//! Several values as one.

use std::panic::Location;
use std::time::Duration;

use super::show::{Stage, span};
use super::stage::{InHand, Next, Within, next};
use crate::chan::{self, Putter, Taker};
use crate::runtime::place::Line;

/// Returns a channel of batches: of `most` values each, or of as many as came within `time` of the first of them. `chunks_timeout` of
/// the stream crates, core.async's `partition-all`.
///
/// A batch is never empty, and a value waits no longer than `time` for others. The output has a buffer of one batch; while that
/// is full and the next is complete, the input is not taken from. A `time` of 0 makes a batch of what is there;
/// [`Duration::MAX`] waits until it is whole, or the end.
///
/// The task parks until there is a value, until the time is over, and while the output is full. When the input ends, it puts the rest
/// at once, and closes the output. When nobody takes from the output any more, it drops the input; a batch that it has in hand then
/// counts as one value that was discarded.
///
/// # Panics
///
/// If `most` is 0.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let batches = flow::batch(flow::from_iter(1..=5, 0), 2, 1h);
///     assert_eq!(batches.collect_vec().await, [vec![1, 2], vec![3, 4], vec![5]]);
///
///     let (putter, rows) = chan().split();
///     let batches = flow::batch(rows, 100, 1ms);
///     put!(putter, "row").unwrap();
///     assert_eq!(take!(batches), Some(vec!["row"]));
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn batch<T: Send + 'static>(from: Taker<T>, most: usize, time: Duration) -> Taker<Vec<T>> {
    assert!(most > 0, "a batch of at most 0 values would never be full");
    let (out, batches) = chan::fixed(1).named("batched").split();
    let at = Location::caller();
    let stage = Stage::new("batch", at).from(&from).to(&out);
    let stage = stage.details(format!("up to {most} in {}", span(time)));
    stage.start(batching(from, out, (most, time), at));
    batches
}

async fn batching<T: Send + 'static>(
    from: Taker<T>,
    out: Putter<Vec<T>>,
    (most, time): (usize, Duration),
    at: Line,
) {
    let mut gone = out.gone();
    while let Next::Value(first) = next(&from, at, &mut gone).await {
        let mut batch = InHand::new(vec![first], &out);
        let mut within = Within::new(&mut gone, time, at);
        let mut has_ended = false;
        while let Some(values) = batch.get().filter(|values| values.len() < most) {
            match next(&from, at, &mut within).await {
                Next::Value(value) => values.push(value),
                Next::Ended => {
                    has_ended = true;
                    break;
                }
                Next::Stop if within.is_over => break,
                Next::Stop => return,
            }
        }
        if batch.put(at).await.is_err() || has_ended {
            return;
        }
    }
}
