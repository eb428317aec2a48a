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
