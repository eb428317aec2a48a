//! Channels from channels, and what several tasks share beside them.
//!
//! | made by | what it is | known as |
//! | --- | --- | --- |
//! | [`permits(n)`](permits) | at most *n* at a time | semaphores |
//! | [`watch(value)`](watch) | the latest value | tokio's `watch` |
//! | [`broadcast(n)`](broadcast) | each subscriber has the latest *n*, and is told what it missed | tokio's `broadcast` |

mod broadcast;
mod never_parks;
mod permits;
mod waiters;
mod watch;

pub use broadcast::{Broadcast, Lagged, Subscriber, TakeBroadcast, broadcast};
pub use never_parks::{PutNow, PutNowFor, ReserveNow, Reserved};
pub use permits::{Permit, Permits, TakePermit, permits};
pub use watch::{TakeWatch, Watch, WatchPutter, watch};
