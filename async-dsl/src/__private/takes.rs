//! What `take!` takes from: a handle of ours, or a stream.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::chan::{self, Chan, Source, Taker};
use crate::commit::{Attempt, Attempted, Operation};
use crate::flow::{Subscriber, Watch};
#[cfg(all(feature = "net", not(async_dsl_loom)))]
use crate::net::{ConnTaker, Framing};
use crate::runtime::place::At;
use crate::runtime::{budget, note};

/// What `take!` takes from, in each way that there is. One trait, because rustc says what is wrong in our words only if one
/// is not implemented.
#[diagnostic::on_unimplemented(
    message = "`take!` cannot take from `{Self}`",
    label = "neither a channel nor a stream",
    note = "`take!` takes from a `Chan`, a `Taker`, or a stream; a promise or a task is awaited with `await!`"
)]
pub trait Taken<Way> {}

/// By a shared reference.
#[derive(Debug)]
pub struct AsChannel;

impl<C: Source + ?Sized> Taken<AsChannel> for C {}

/// By an exclusive one.
#[derive(Debug)]
pub struct AsStream;

impl<S: Stream + ?Sized> Taken<AsStream> for S {}

/// What `take!` calls. Methods, because rustc reports one that is not there once, and a bound that does not
/// hold at every use of it; the names are nobody else's, because linear code imports the trait.
pub trait Takes: Taken<AsChannel> {
    /// `take!(channel)`, also as an arm.
    #[doc(hidden)]
    #[track_caller]
    fn async_dsl_take(&self, at: At) -> Self::Take<'_>
    where
        Self: Source,
    {
        self.take_operation(at)
    }

    /// `take!(channel, time, default)`.
    #[doc(hidden)]
    #[track_caller]
    fn async_dsl_take_for(&self, time: Duration, at: At) -> TakeFor<Self::Take<'_>>
    where
        Self: Source,
    {
        TakeFor::new(self.take_operation(at), time)
    }
}

impl<C: Taken<AsChannel> + ?Sized> Takes for C {}

/// What `take!` calls of a stream. Found after the methods of [`Takes`], because it takes `&mut self`: a handle of ours is
/// taken from as a channel, which leaves nothing in the handle.
pub trait TakesStream: Taken<AsStream> {
    /// `take!(stream)`, also as an arm.
    #[doc(hidden)]
    fn async_dsl_take(&mut self, at: At) -> TakeStream<'_, Self>
    where
        Self: MayMove,
    {
        let stream = Pin::new(self);
        TakeStream { stream, at }
    }

    /// `take!(stream, time, default)`.
    #[doc(hidden)]
    fn async_dsl_take_for(&mut self, time: Duration, at: At) -> TakeFor<TakeStream<'_, Self>>
    where
        Self: MayMove,
    {
        TakeFor::new(self.async_dsl_take(at), time)
    }
}

impl<S: Taken<AsStream> + ?Sized> TakesStream for S {}

/// A stream that need not be pinned.
#[diagnostic::on_unimplemented(
    message = "`take!` takes from a stream that may move, and `{Self}` may not: it is not `Unpin`",
    label = "not `Unpin`",
    note = "pin it first: `let mut stream = std::pin::pin!(stream);`"
)]
pub trait MayMove: Unpin {}

#[diagnostic::do_not_recommend]
impl<S: Unpin + ?Sized> MayMove for S {}

/// The next value of a stream. Dropping it loses nothing, as far as the stream keeps what it has until it returns that.
#[must_use = "futures do nothing unless awaited"]
pub struct TakeStream<'a, S: ?Sized> {
    stream: Pin<&'a mut S>,
    at: At,
}

impl<S: Stream + ?Sized> TakeStream<'_, S> {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let stream = self.stream.as_mut();
        note::within(self.at, || note::foreign(|| stream.poll_next(cx)))
    }
}

impl<S: Stream + ?Sized> Future for TakeStream<'_, S> {
    type Output = Option<S::Item>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        self.poll_next(cx)
    }
}

impl<S: Stream + ?Sized> Operation for TakeStream<'_, S> {
    type Output = Option<S::Item>;

    fn attempt(mut self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        match self.poll_next(attempt.cx) {
            Poll::Ready(next) => Attempted::Ready(next),
            Poll::Pending => Attempted::Idle,
        }
    }

    fn withdraw(self: Pin<&mut Self>) {}

    fn is_polled(&self) -> bool {
        true
    }

    fn at(&self) -> At {
        self.at
    }
}

impl<S: ?Sized> fmt::Debug for TakeStream<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakeStream").finish_non_exhaustive()
    }
}

/// Of `c: &mut Chan<T>` the method above would be found first, which takes just that: a method of the type itself is found
/// before it.
macro_rules! taken_from_as_channels {
    ($($(#[$there:meta])? <$T:ident $(: $bound:path)?> $port:ty;)+) => { $(
        $(#[$there])?
        impl<$T $(: $bound)?> $port {
            #[doc(hidden)]
            #[track_caller]
            pub fn async_dsl_take(&mut self, at: At) -> <Self as Source>::Take<'_> {
                Source::take_operation(self, at)
            }

            #[doc(hidden)]
            #[track_caller]
            pub fn async_dsl_take_for(
                &mut self,
                time: Duration,
                at: At,
            ) -> TakeFor<<Self as Source>::Take<'_>> {
                TakeFor::new(Source::take_operation(self, at), time)
            }
        }
    )+ };
}

taken_from_as_channels! {
    <T> Chan<T>;
    <T> Taker<T>;
    <T: Clone> Watch<T>;
    <T: Clone> Subscriber<T>;
    #[cfg(all(feature = "net", not(async_dsl_loom)))]
    <C: Framing> ConnTaker<C>;
}

pin_project! {
    /// The future of `take!(channel, time, default)`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct TakeFor<O> {
        #[pin]
        take: chan::TakeFor<O>,
    }
}

impl<O> TakeFor<O> {
    fn new(take: O, time: Duration) -> Self {
        let take = chan::TakeFor::new(take, time);
        Self { take }
    }
}

impl<T, O> Future for TakeFor<O>
where
    O: Operation<Output = Option<T>> + Future<Output = Option<T>>,
{
    type Output = Result<Option<T>, TooLate<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let taken = self.project().take.poll(cx);
        taken.map(|taken| taken.map_err(|_| TooLate(PhantomData)))
    }
}

/// The time was over first: only now is the default evaluated.
#[derive(Debug)]
pub struct TooLate<T>(PhantomData<fn(T)>);

impl<T> TooLate<T> {
    /// The default in the value's place: of the channel's type, said at the user's expression.
    pub fn or(self, default: T) -> Option<T> {
        Some(default)
    }
}
