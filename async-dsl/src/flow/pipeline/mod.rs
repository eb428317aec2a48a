//! What closures make of each value, several at a time.

mod flight;

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use super::show::Stage;
use crate::chan::{self, Taker};
use crate::group::{Group, Kind};
use crate::runtime::running::current;
use crate::runtime::task::thread::spawn_thread_at;

use flight::{Flight, Order, Places};

/// Returns a channel of what a closure makes of each value: `depth` of them at a time, **in the order of the input**. core.async's
/// `pipeline` and `pipeline-async`.
///
/// The closure returns anything that can be iterated: `[one]`, a `Vec` of any number, `None`. An error is a value like any other:
/// of a closure that returns `[result]`, it stands in the place of its input. (A `Result` can be iterated too, and has no value if
/// it is an error: `result` without the brackets leaves errors out.)
///
/// Each call is a task of its own, of a clone of the closure, so that the calls run on all workers. `depth` of them are busy as long
/// as there is input, also while the one that is next in order takes long: up to `depth` results wait for it, and up to `depth` more
/// values in the channel.
///
/// The task of the pipeline parks until there is a value, until a call has ended, and while the channel is full. When the input
/// ends, the channel closes after the last result. When nobody takes from the channel any more, the calls are cancelled at their next
/// parking point, and the input is dropped; each value whose results were not all put counts as discarded.
///
/// # Panics
///
/// If `depth` is 0. A panic of the closure ends the pipeline in its place: what comes before it in order is put, what comes after it
/// is cancelled and counts as discarded, and the panic is reported to the hook, with the line of the pipeline.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let times = flow::from_iter([3, 1, 2], 0);
///     let slept = flow::pipeline(times, 3, async |n| {
///         sleep!(std::time::Duration::from_millis(n));
///         [n * 10]
///     });
///     assert_eq!(slept.collect_vec().await, [30, 10, 20]);
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn pipeline<T, F, Fut, I>(from: Taker<T>, depth: usize, f: F) -> Taker<I::Item>
where
    T: Send + 'static,
    F: FnOnce(T) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = I> + Send + 'static,
    I: IntoIterator<IntoIter: Send, Item: Send + 'static> + Send + 'static,
{
    let call = move |value| {
        let f = f.clone();
        async move { f(value).await } // called in its task too: it may panic
    };
    start(from, (depth, Order::Kept), call)
}

/// As [`pipeline`], **in the order in which the calls end**. `buffer_unordered` of the stream crates.
///
/// # Panics
///
/// As [`pipeline`]. What had ended before the panic is put.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let times = flow::from_iter([30, 1], 0);
///     let slept = flow::pipeline_unordered(times, 2, async |n| {
///         sleep!(std::time::Duration::from_millis(n));
///         [n]
///     });
///     assert_eq!(slept.collect_vec().await, [1, 30]);
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn pipeline_unordered<T, F, Fut, I>(from: Taker<T>, depth: usize, f: F) -> Taker<I::Item>
where
    T: Send + 'static,
    F: FnOnce(T) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = I> + Send + 'static,
    I: IntoIterator<IntoIter: Send, Item: Send + 'static> + Send + 'static,
{
    let call = move |value| {
        let f = f.clone();
        async move { f(value).await } // called in its task too: it may panic
    };
    start(from, (depth, Order::OfEnds), call)
}

/// As [`pipeline`], with a closure that blocks or computes for long: it is called on the pool of threads for blocking code, as
/// [`thread!`](crate::thread!) does. core.async's `pipeline-blocking`.
///
/// A call cannot be stopped: when the pipeline ends before it, the closure runs on, and its result is dropped. On a simulated
/// scheduler, which has no other threads, the calls are tasks that do not park.
///
/// # Panics
///
/// As [`pipeline`].
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::flow;
///
/// async_dsl::block_on(async_block!({
///     let words = flow::from_iter(["one", "two words"], 0);
///     let counted = flow::pipeline_blocking(words, 2, |text| [text.split(' ').count()]);
///     assert_eq!(counted.collect_vec().await, [1, 2]);
/// }));
/// ```
#[must_use = "it stops when nobody takes from it"]
#[track_caller]
pub fn pipeline_blocking<T, F, I>(from: Taker<T>, depth: usize, f: F) -> Taker<I::Item>
where
    T: Send + 'static,
    F: FnOnce(T) -> I + Clone + Send + 'static,
    I: IntoIterator<IntoIter: Send, Item: Send + 'static> + Send + 'static,
{
    let at = Location::caller();
    let call = move |value| {
        let f = f.clone();
        async move {
            if current().sim().is_some() {
                return f(value);
            }
            spawn_thread_at(move || f(value), at).await
        }
    };
    start(from, (depth, Order::Kept), call)
}

#[track_caller]
fn start<T, F, Fut, I>(from: Taker<T>, (depth, order): (usize, Order), call: F) -> Taker<I::Item>
where
    T: Send + 'static,
    F: Fn(T) -> Fut + Send + 'static,
    Fut: Future<Output = I> + Send + 'static,
    I: IntoIterator<IntoIter: Send, Item: Send + 'static> + Send + 'static,
{
    assert!(depth > 0, "a pipeline of depth 0 would never take a value");
    let at = Location::caller();
    let group = Group::of(Kind::Pipeline);
    group.limit(depth);
    let (out, results) = chan::fixed(depth).named("pipelined").split();
    let places = Arc::new(Places::new(depth, order));
    let stage = Stage::new("pipeline", at).from(&from).to(&out);
    let stage = stage.details(Arc::clone(&places));
    stage.start(async move {
        let mut flight = Flight::new(&group, &out, &places);
        flight.run(&from, call, at).await;
    });
    results
}
