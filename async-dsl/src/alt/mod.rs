//! Waiting for whichever of several operations is ready first.
//!
//! [`alt!`](crate::alt!) commits exactly one operation and leaves every other one untouched; [`alts`] does the same for a
//! list made at run time, [`TakerSet`] for the same takers again and again, and [`cancel_safe`] makes an arm of another
//! crate's future.
//!
//! ```
//! use async_dsl::prelude::*;
//!
//! #[linear]
//! async fn worker(jobs: &Taker<u32>, results: &Putter<u32>, stop: &Promise<()>) -> u32 {
//!     let mut last = 0;
//!     loop {
//!         alt! {
//!             job = take!(jobs), if last == 0 => match job {
//!                 Some(job) => last = job,
//!                 None => return 0,
//!             },
//!             // The value is computed only if this arm wins.
//!             sent = put!(results, last * 2), if last != 0 => {
//!                 sent.expect("a taker is left");
//!                 last = 0;
//!             }
//!             _ = await!(stop) => return last,
//!             sleep!(10s) => {}
//!         }
//!     }
//! }
//!
//! async_dsl::block_on(async {
//!     let (jobs, queue) = chan::fixed(1).split();
//!     let (results, doubled) = chan::fixed(1).split();
//!     let (stop, stopped) = promise();
//!     let task = go!(worker(&queue, &results, &stopped).await);
//!     jobs.put(21).await.unwrap();
//!     assert_eq!(doubled.take().await, Some(42));
//!     stop.deliver(());
//!     assert_eq!(task.await, 0);
//! });
//! ```
//!
//! # What it guarantees
//!
//! - **Exactly one operation happens.** It claims its partner first and moves the value second, under one commit flag that all arms
//!   of the `alt!` share, so no arm can win after another has.
//! - **A loser loses nothing.** A losing take leaves its value where it was. A losing put has evaluated nothing. A promise or task
//!   that loses can be awaited again. Losing arms leave no waiter behind.
//! - **The choice is fair.** Ready arms are chosen uniformly at random, or in order after a first line `biased;`. `default => …`
//!   wins only if at some moment no arm was ready, whatever other threads do meanwhile. Waiters of `alt!` are served first come,
//!   first served, on equal terms with all others.
//! - **Cancellation passes values on.** A task that is cancelled after it was woken passes its value to the next waiter, and a
//!   partner that is cancelled before it brings its value leaves the `alt!` in its position in line.
//!
//! These, and [those of channels](crate::chan#what-is-guaranteed), are model-checked with loom (`async-dsl/tests/loom.rs`), swept
//! with shuttle over small programs (`async-dsl/tests/sweep`), and tried with random programs on real threads that account for
//! every value (`tests/tests/stress`). `tests/CASES.md` names the tests.
//!
//! # In a loop
//!
//! Each round of `loop { alt! { … } }` is a choice of its own: it looks at every arm, without a lock, and only if none is
//! ready it gets in the line of each, and leaves them all once one was. A [`TakerSet`] stays in line from one round to the
//! next, so that a round costs the same whatever their number.
//!
//! `alt!` does not do so by itself, because it would mean something else: operands and conditions are evaluated anew in each
//! round, and may name other channels then; an arm borrows its operand, which a handler may change, move or close; and a
//! handler that takes from the channel of an arm, or parks for long, would have its own task before it in that line.
//!
//! # How it works
//!
//! The protocol is core.async's (a handler with a shared flag, flags locked in a fixed order), with two changes: a put
//! arm evaluates its value only after it has won, and losing arms leave their channels' lines as the `alt!` ends, instead
//! of being swept later. The arms of a [`TakerSet`] stay, under a flag that is open only while a take is parked.

pub(crate) mod arms;
mod cancel_safe;
mod explored;
mod future;
mod list;
mod mapped;
mod order;
mod polled;
mod set;
#[cfg(all(test, not(async_dsl_loom), not(async_dsl_shuttle)))]
mod tests;

pub use cancel_safe::{CancelSafe, Lent, cancel_safe};
pub use future::Alt;
pub use list::{Alts, NoOperations, alts};
pub use mapped::{Mapped, mapped};
pub use polled::{Polled, awaiting};
pub use set::{TakeAny, TakerSet};

#[doc(inline)]
pub use crate::commit::{CanLose, Operation};
