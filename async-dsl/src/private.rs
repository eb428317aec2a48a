//! What expansions name. Not for users, and not under semver: only the macros of this very version may call it.

use std::panic::Location;
use std::time::Duration;

pub use async_dsl_macros::{
    alt_inner, async_block_inner, expand_inner, go_inner, send_inner, thread_inner, timeout_inner,
};

pub use crate::alt::{Arm, Choice, End, OrDefault};
pub use crate::ops::join::{join, join_each};
pub use crate::ops::thread::spawn_thread;
pub use crate::ops::timeout::timeout;
pub use crate::ops::yield_now::yield_now;
pub use crate::scheduler::{block_on, set_workers};
pub use crate::time::sleep;

use crate::agent::{ActionOutput, Agent, SendError};
use crate::alt::{Alt, Arms, CanLose, Polled};
use crate::chan::{Source, Target};
use crate::ops::timeout::Timeout;
use crate::scheduler;
use crate::task::Task;
use crate::time::Sleep;

/// `go!`.
#[track_caller]
pub fn spawn<F>(future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    scheduler::spawn(future, Location::caller())
}

/// `send!` of an action without a result type.
///
/// # Errors
///
/// Those of [`Agent::send`].
#[track_caller]
pub fn send<S, F, Fut>(agent: &Agent<S>, action: F) -> Result<(), SendError>
where
    S: Clone + Send + Sync + 'static,
    F: FnOnce(S) -> Fut + Send + 'static,
    Fut: Future<Output = S> + Send,
{
    agent.send(action)
}

/// `send!` of an action that may fail.
///
/// # Errors
///
/// Those of [`Agent::send_as`].
#[track_caller]
pub fn send_as<S, F, Fut, O>(agent: &Agent<S>, action: F) -> Result<(), SendError>
where
    S: Clone + Send + Sync + 'static,
    F: FnOnce(S) -> Fut + Send + 'static,
    Fut: Future<Output = O> + Send,
    O: ActionOutput<S>,
{
    agent.send_as(action)
}

/// `take!(channel)`.
#[track_caller]
pub fn take<C: Source + ?Sized>(channel: &C) -> C::Take<'_> {
    channel.take_operation()
}

/// `take!(channel, time, default)`.
#[track_caller]
pub fn take_for<C: Source + ?Sized>(channel: &C, time: Duration) -> Timeout<C::Take<'_>> {
    timeout(time, channel.take_operation())
}

/// `put!(channel, value)`.
#[track_caller]
pub fn put<C: Target + ?Sized>(channel: &C, value: C::Item) -> C::Put<'_> {
    channel.put_operation(value)
}

/// `put!(channel, value, time)`.
#[track_caller]
pub fn put_for<C: Target + ?Sized>(channel: &C, value: C::Item, time: Duration) -> C::PutFor<'_> {
    channel.put_for_operation(value, time)
}

/// The value of a `put!`: of the channel's type, said at the user's expression.
pub fn put_value<C: Target + ?Sized>(_channel: &C, value: C::Item) -> C::Item {
    value
}

/// The future of `alt!`.
pub fn alt<L: Arms>(arms: L) -> Alt<L> {
    Alt::new(arms)
}

/// An arm `take!(channel)`.
#[track_caller]
pub fn take_arm<C: Source + ?Sized>(channel: &C) -> C::Take<'_> {
    channel.take_operation()
}

/// An arm `put!(channel, …)`.
#[track_caller]
pub fn put_arm<C: Target + ?Sized>(channel: &C) -> C::Reserve<'_> {
    channel.reserve_operation()
}

/// An arm `await!(operand)`.
pub fn await_arm<O: CanLose + ?Sized>(operand: &O) -> Polled<O::Op<'_>> {
    Polled::new(operand.operation())
}

/// An arm `sleep!(time)`.
pub fn sleep_arm(time: Duration) -> Polled<Sleep> {
    Polled::new(sleep(time))
}
