//! Channels from channels, and what several tasks share beside them.
//!
//! | made by | what it is | known as |
//! | --- | --- | --- |
//! | [`permits(n)`](permits) | at most *n* at a time | semaphores |
//! | [`watch(value)`](watch) | the latest value | tokio's `watch` |
//! | [`ticker(period)`](ticker) | an instant each period | Go's `time.Ticker`, tokio's `interval` |
//! | [`debounce(from, quiet)`](debounce), [`throttle(from, period)`](throttle) | the last of each burst; at most one a period | Rx |
//! | [`from_iter(iter, n)`](from_iter), [`onto(putter, iter)`](onto) | the values of an iterator | core.async's `to-chan!`, `onto-chan!` |
//! | [`pipe(from, to)`](pipe) | all values from one channel into another | core.async's `pipe` |
//! | [`through(from, n, adapt)`](through) | any adaptor of streams between two channels | core.async's transducers |
//! | [`pipeline(from, n, f)`](pipeline()), [`pipeline_blocking`], [`pipeline_unordered`] | what closures make of each value, *n* at a time | core.async's `pipeline` |
//! | [`split(from, n, pred)`](split) | the values for which it is true, and the others | core.async's `split` |
//! | [`zip((a, b), n)`](zip), [`zip_each(takers, n)`](zip_each) | one value of each | core.async's `map` over several |
//! | [`batch(from, most, time)`](batch) | several values as one | core.async's `partition-all`, `chunks_timeout` |
//! | [`merge(takers, n)`](merge) | the union of channels | core.async's `merge` |
//! | [`mult(from)`](mult) | each value for every tap | core.async's `mult`, `tap` |
//! | [`topics(from, key)`](topics) | each value for those who want its topic | core.async's `pub`, `sub` |
//! | [`mix(n)`](mix) | the union of inputs that come and go | core.async's `mix` |
//! | [`broadcast(n)`](broadcast) | each subscriber has the latest *n*, and is told what it missed | tokio's `broadcast` |
//!
//! # What shows
//!
//! A dump has a row of each stage as long as its task runs: what it takes from and puts into, by the numbers of the channels, how it
//! is set or how far it is, and what it has lost that no channel counts. The inputs of a mix, the subscribers of a broadcast and
//! permits have tables of their own; a broadcast and a watch stand among the channels.
//!
//! ```
//! use async_dsl::flow;
//! use async_dsl::prelude::*;
//!
//! #[async_dsl::main]
//! async fn main() {
//!     let (even, odd) = flow::split(flow::from_iter(1.., 4), 2, |n| n % 2 == 0);
//!     let doubled = flow::pipeline(even, 4, async |n| [n * 2]);
//!     let (mix, mixed) = flow::mix(1);
//!     mix.add(doubled);
//!     mix.add(odd).pause();
//!     let all = flow::mult(mixed);
//!     let taps = [all.tap(8), all.tap(0)];
//!
//!     sleep!(10ms);
//!     async_dsl::dump!();
//!     drop(taps);
//! }
//! ```
//!
//! Of a mult with a tap that nobody takes from, and an input that is paused, this says after the tasks and channels:
//!
//! ```text
//! 5 stages
//!   stage        takes from     puts into                      details     lost  made at
//!   1 from_iter                 1 from_iter                                      src/main.rs:6
//!   2 split      1 from_iter    2 split: true, 3 split: false                    src/main.rs:6
//!   3 pipeline   2 split: true  4 pipelined                    0 of 4 run        src/main.rs:7
//!   4 mix                       5 mixed                        2 inputs    0     src/main.rs:8
//!   5 mult       5 mixed        6 tap, 7 tap                   2 taps      0     src/main.rs:11
//! 2 inputs of mixes
//!   input  takes from      puts into  mix  mode    lost  made at
//!   1      4 pipelined     5 mixed    4    plays   0     src/main.rs:9
//!   2      3 split: false  5 mixed    4    paused  0     src/main.rs:10
//! ```
//!
//! In the [graph](crate::inspect::graph) a stage is one node with its task. The report of a deadlock says what a stage keeps back: a
//! [`split`] of which one side is not taken from, a [`mult`] with a tap that nobody takes from, an input that is
//! [paused](Input::pause).

mod batch;
mod broadcast;
mod hub;
mod merge;
mod mix;
mod mult;
mod never_parks;
mod pace;
mod permits;
mod pipe;
mod pipeline;
mod show;
mod split;
mod stage;
#[cfg(all(test, not(any(async_dsl_loom, async_dsl_shuttle))))]
mod tests;
mod through;
mod ticker;
mod topics;
mod waiters;
mod watch;
mod zip;

pub use batch::batch;
pub use broadcast::{Broadcast, Lagged, Subscriber, TakeBroadcast, broadcast};
pub use merge::merge;
pub use mix::{Input, Mix, mix};
pub use mult::{Mult, mult};
pub use never_parks::{PutNow, PutNowFor, ReserveNow, Reserved};
pub use pace::{debounce, throttle};
pub use permits::{Permit, Permits, TakePermit, permits};
pub use pipe::{from_iter, onto, pipe};
pub use pipeline::{pipeline, pipeline_blocking, pipeline_unordered};
pub use split::split;
pub use through::through;
pub use ticker::{Missed, ticker, ticker_with};
pub use topics::{Topics, topics};
pub use watch::{TakeWatch, Watch, WatchPutter, watch};
pub use zip::{Zip, zip, zip_each};
