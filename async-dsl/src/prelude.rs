//! What a program imports: `use async_dsl::prelude::*;` brings the words, the openers and the types that they
//! work with. (`await!` needs no import.)

pub use crate::agent::{Agent, agent};
pub use crate::alt::{alts, cancel_safe};
pub use crate::chan::{self, Chan, Closed, PutError, Putter, Taker, chan};
pub use crate::linear;
pub use crate::macros::{
    alt, async_block, expand, go, join, put, race, scope, send, sleep, take, thread, timeout,
    try_join, update, yield_now,
};
pub use crate::promise::{Promise, Resolver, promise};
pub use crate::task::{CancelToken, Group, Task};
