//! What expansions name. Not for users, and not under semver: only the macros of this very version may call it.

mod futures;
mod operands;
mod options;
mod takes;

use std::borrow::Cow;
use std::future::{Pending, pending};
use std::panic::Location;
use std::pin::Pin;
use std::time::Duration;

use crate::agent::{ActionOutput, Agent, SendError, UpdateOutput};
use crate::alt::arms::Arms;
use crate::alt::{Alt, CancelSafe, Polled};
use crate::chan::Target;
use crate::commit::CanLose;
use crate::runtime::spawn as start;
use crate::runtime::task::Task;
use crate::runtime::time::{Sleep, SleepArm};

#[cfg(rust_analyzer)]
pub use async_dsl_macros::alt_in_editor as alt_inner;
#[cfg(not(rust_analyzer))]
pub use async_dsl_macros::alt_inner;
pub use async_dsl_macros::{
    async_block_inner, expand_inner, go_inner, scope_inner, send_inner, text_inner, thread_inner,
    timeout_inner, update_inner,
};

pub use crate::alt::arms::{Absent, Arm, Choice, End, OrDefault};
pub use crate::group::scope::Scoped;
pub use crate::group::supervise::Supervised;
#[cfg(all(feature = "net", not(async_dsl_loom)))]
pub use crate::net::raw::{PermitRaw, Raw, ReserveRaw};
pub use crate::runtime::schedule::strategy::Strategy;
pub use crate::runtime::task::thread::spawn_thread;
pub use crate::runtime::task::yield_now;
pub use crate::runtime::task::{
    Attempts, Futures, RaceEach, Raceable, SameErrors, SameOutputs, TryJoinEach, TryJoinable,
};
pub use crate::runtime::time::timeout;
pub use crate::scheduler::block_on;
pub use crate::scheduler::on_threads;
#[cfg(all(feature = "signal", not(async_dsl_loom)))]
pub use crate::scheduler::run_gracefully;
pub use crate::scheduler::set_workers;
pub use crate::sim::test::{NO_BOUND, Test, most};
pub use futures::{
    AwaitsEach, AwaitsOne, JoinsEach, JoinsOne, RacesEach, RacesOne, TriesEach, TriesOne,
};
pub use operands::{PutTime, SleepTime, TakeTime, TimeoutTime};
pub use options::{GroupOption, Options, TokenOption, spawn_with};
pub use takes::{TakeFor, TakeStream, Taken, Takes, TakesStream, TooLate};

pub use crate::__file as file;
pub use crate::__graceful as graceful;
pub use crate::__spot as spot;
pub use crate::__tokio as tokio;
#[cfg(feature = "tokio")]
pub use crate::compat::start_tokio;
pub use crate::runtime::note::InWord;
use crate::runtime::place::At;
pub use crate::runtime::place::{Arms as ArmWords, Word};
pub use crate::runtime::word::{Awaiting, NoFuture, Unlike, awaiting};

/// `go!`.
#[track_caller]
pub fn spawn<F>(future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    start::spawn(future, Location::caller())
}

/// `go!` of a task with a name.
#[track_caller]
pub fn spawn_named<F>(name: impl Into<Cow<'static, str>>, future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    start::spawn_named(name.into(), future, Location::caller())
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
    Fut: Future<Output = S> + Send + 'static,
{
    agent.send(action)
}

/// `send!` of an action that may fail.
///
/// # Errors
///
/// Those of [`Agent::send_fallible`].
#[track_caller]
pub fn send_fallible<S, F, Fut, O>(agent: &Agent<S>, action: F) -> Result<(), SendError>
where
    S: Clone + Send + Sync + 'static,
    F: FnOnce(S) -> Fut + Send + 'static,
    Fut: Future<Output = O> + Send + 'static,
    O: ActionOutput<S>,
{
    agent.send_fallible(action)
}

/// `update!`.
///
/// # Errors
///
/// Those of [`Agent::update`].
#[track_caller]
pub fn update<S, F, O>(agent: &Agent<S>, action: F) -> Result<(), SendError>
where
    S: Clone + Send + Sync + 'static,
    F: for<'s> FnOnce(&'s mut S) -> Pin<Box<dyn Future<Output = O> + Send + 's>>,
    F: Send + 'static,
    O: UpdateOutput,
{
    agent.update(action)
}

/// What `put!` calls. Methods, because rustc reports one that is not there once, and a bound that does not
/// hold at every use of it; the names are nobody else's, because linear code imports the trait.
pub trait Puts: Target {
    /// `put!(channel, value)`.
    #[doc(hidden)]
    #[track_caller]
    fn async_dsl_put(&self, value: Self::Item, at: At) -> Self::Put<'_> {
        self.put_operation(value, at)
    }

    /// `put!(channel, value, time)`.
    #[doc(hidden)]
    #[track_caller]
    fn async_dsl_put_for(&self, value: Self::Item, time: Duration, at: At) -> Self::PutFor<'_> {
        self.put_for_operation(value, time, at)
    }

    /// An arm `put!(channel, …)`.
    #[doc(hidden)]
    #[track_caller]
    fn async_dsl_reserve(&self, at: At) -> Self::Reserve<'_> {
        self.reserve_operation(at)
    }
}

impl<C: Target + ?Sized> Puts for C {}

/// The future of `alt!`.
pub fn alt<L: Arms>(arms: L) -> Alt<L> {
    Alt::new(arms)
}

/// What a `match` is on: of two the one that `cfg` leaves, and also a literal of a struct.
pub fn one<T>(value: T) -> T {
    value
}

/// The operand of an arm `await!(expression)`: a value of its own, which only this arm has.
#[derive(Debug)]
pub struct AwaitValue<O>(pub O, pub At);

/// The operand of an arm `await!(variable)`: by reference, so that whoever loses can be awaited again.
#[derive(Debug)]
pub struct AwaitReference<'a, O: ?Sized>(pub &'a O, pub At);

impl<F: Future> AwaitValue<CancelSafe<F>> {
    /// The arm has the future, and drops it before the handler.
    pub fn async_dsl_await(self) -> Polled<CancelSafe<F>> {
        Polled::new(self.0, self.1)
    }
}

/// An arm `await!(operand)`.
pub trait Awaits {
    type Operand: CanLose + ?Sized;

    fn async_dsl_await(&self) -> Polled<<Self::Operand as CanLose>::Wait<'_>>;
}

impl<O: CanLose> Awaits for AwaitValue<O> {
    type Operand = O;

    fn async_dsl_await(&self) -> Polled<O::Wait<'_>> {
        Polled::new(self.0.wait(), self.1)
    }
}

impl<O: CanLose + ?Sized> Awaits for AwaitReference<'_, O> {
    type Operand = O;

    fn async_dsl_await(&self) -> Polled<O::Wait<'_>> {
        Polled::new(self.0.wait(), self.1)
    }
}

/// An arm `await!(operand)` whose operand cannot lose. Found last, because it takes `&mut self`: its bound is the error,
/// said once, since nothing else depends on it. (Of a method that is not there rustc says nothing of ours for an `async`
/// block; a bound of the method above is reported at every use of its type.)
pub trait AwaitsInVain {
    type Operand: ?Sized;

    fn async_dsl_await<T>(&mut self) -> Polled<Pending<T>>
    where
        Self::Operand: CanLose,
    {
        Polled::new(pending(), At::UNKNOWN)
    }
}

impl<O> AwaitsInVain for AwaitValue<O> {
    type Operand = O;
}

impl<O: ?Sized> AwaitsInVain for AwaitReference<'_, O> {
    type Operand = O;
}

/// An arm `sleep!(time)`.
pub fn sleep_arm(time: Duration, at: At) -> Polled<SleepArm> {
    Polled::new(SleepArm(Sleep::new(time, at)), at)
}

/// `sleep!`.
pub fn sleep(time: Duration, at: At) -> Sleep {
    Sleep::new(time, at)
}

/// Where operations stand.
pub mod at {
    use crate::runtime::place::{Arms, Word};

    pub use crate::runtime::place::At;

    /// A place that an editor does not need.
    pub const UNKNOWN: At = At::UNKNOWN;

    /// At a word.
    pub const fn word(word: &'static Word) -> At {
        At::word(word)
    }

    /// At an arm of an `alt!`.
    pub const fn arm(arms: &'static Arms, number: u16) -> At {
        At::arm(arms, number)
    }
}
