//! Fewer values: the last of a burst, at most one a period.

use std::panic::Location;
use std::time::Duration;

use super::show::{Stage, span};
use super::stage::{InHand, Next, Within, next, put};
use crate::chan::{self, Putter, Taker};
use crate::runtime::place::Line;
use crate::runtime::time;

/// Returns a channel of the last value of each burst: one that nothing follows for the time `quiet`. `debounce` of Rx.
///
/// The others are [counted](Taker::discarded) as discarded. The output has a buffer of one value; while that is full, the
/// input is not taken from.
///
/// The task parks until there is a value, until the time is over, and while the output is full. When the input ends, it passes
/// the last value on at once, and closes the output. When nobody takes from the output any more, it stops; a value that it holds
/// then counts as discarded.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let (keys, typed) = chan().split();
///     let settled = flow::debounce(typed, 10ms);
///     for text in ["a", "as", "asy"] {
///         put!(keys, text).unwrap();
///     }
///     assert_eq!(take!(settled), Some("asy"));
///     assert_eq!(settled.discarded(), 2);
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn debounce<T: Send + 'static>(from: Taker<T>, quiet: Duration) -> Taker<T> {
    let (out, settled) = chan::fixed(1).named("debounced").split();
    let at = Location::caller();
    let stage = Stage::new("debounce", at).from(&from).to(&out);
    let stage = stage.details(format!("quiet for {}", span(quiet)));
    stage.start(debouncing(from, out, quiet, at));
    settled
}

async fn debouncing<T: Send + 'static>(from: Taker<T>, out: Putter<T>, quiet: Duration, at: Line) {
    let mut gone = out.gone();
    while let Next::Value(first) = next(&from, at, &mut gone).await {
        let mut last = InHand::new(first, &out);
        let has_ended = loop {
            let mut within = Within::new(&mut gone, quiet, at);
            match next(&from, at, &mut within).await {
                Next::Value(value) => last = InHand::new(value, &out), // the one before counts
                Next::Ended => break true,
                Next::Stop if within.is_over => break false,
                Next::Stop => return,
            }
        };
        if last.put(at).await.is_err() || has_ended {
            return;
        }
    }
}

/// Returns a channel of at most one value a period: one that is passed on, and then none until the period is over. `throttle` of
/// Rx.
///
/// The others are [counted](Taker::discarded) as discarded. A period begins when the output has accepted a value, which has a
/// buffer of one.
///
/// The task parks until there is a value, and while the output is full. When the input ends, it closes the output. When nobody
/// takes from the output any more, it stops, and leaves what is in the input where it is.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let (moves, moved) = chan().split();
///     let shown = flow::throttle(moved, 1min);
///     for place in 1..=3 {
///         put!(moves, place).unwrap();
///     }
///     drop(moves);
///     assert_eq!((take!(shown), take!(shown)), (Some(1), None));
///     assert_eq!(shown.discarded(), 2);
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn throttle<T: Send + 'static>(from: Taker<T>, period: Duration) -> Taker<T> {
    let (out, passed) = chan::fixed(1).named("throttled").split();
    let at = Location::caller();
    let stage = Stage::new("throttle", at).from(&from).to(&out);
    let stage = stage.details(format!("one in {}", span(period)));
    stage.start(throttling(from, out, period, at));
    passed
}

async fn throttling<T: Send + 'static>(from: Taker<T>, out: Putter<T>, period: Duration, at: Line) {
    let mut gone = out.gone();
    let mut last = None;
    while let Next::Value(value) = next(&from, at, &mut gone).await {
        if last.is_some_and(|last| time::now().saturating_duration_since(last) < period) {
            out.count_discarded(1);
            continue;
        }
        if put(&out, value, at).await.is_err() {
            return;
        }
        last = Some(time::now());
    }
}
