//! Puts that never park: `put!` of what keeps the latest values only.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::chan::{Closed, PutError};
use crate::commit::{Attempt, Attempted, Operation};
use crate::runtime::budget;
use crate::runtime::place::At;

/// Accepts each value at once, unless it is closed.
pub trait Accepts {
    type Value;

    fn accept(&self, value: Self::Value) -> Result<(), Closed<Self::Value>>;
}

const DONE: &str = "a put was polled again after it was done";

/// The future of a `put!` that never parks. Dropped before it was polled it drops the value with it.
#[must_use = "a put does nothing unless it is awaited"]
pub struct PutNow<'a, P: Accepts> {
    putter: &'a P,
    value: Option<P::Value>,
    at: At,
}

impl<'a, P: Accepts> PutNow<'a, P> {
    pub(super) const fn new(putter: &'a P, value: P::Value, at: At) -> Self {
        let value = Some(value);
        Self { putter, value, at }
    }
}

impl<P: Accepts> Unpin for PutNow<'_, P> {}

impl<P: Accepts> Future for PutNow<'_, P> {
    type Output = Result<(), Closed<P::Value>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        let value = self.value.take().expect(DONE);
        Poll::Ready(self.putter.accept(value))
    }
}

impl<P: Accepts> fmt::Debug for PutNow<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutNow")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// The future of such a `put!` with a time limit, which never elapses.
#[must_use = "a put does nothing unless it is awaited"]
pub struct PutNowFor<'a, P: Accepts>(PutNow<'a, P>);

impl<'a, P: Accepts> PutNowFor<'a, P> {
    pub(super) const fn new(putter: &'a P, value: P::Value, at: At) -> Self {
        Self(PutNow::new(putter, value, at))
    }
}

impl<P: Accepts> Future for PutNowFor<'_, P> {
    type Output = Result<(), PutError<P::Value>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let put = Pin::new(&mut self.0).poll(cx);
        put.map(|put| put.map_err(|Closed(value)| PutError::Closed(value)))
    }
}

impl<P: Accepts> fmt::Debug for PutNowFor<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An arm `put!(…)` of `alt!` that is ready at once.
#[must_use = "an operation does nothing unless it is an arm of `alt!` or an element of `alts`"]
pub struct ReserveNow<'a, P> {
    putter: &'a P,
    at: At,
}

impl<'a, P> ReserveNow<'a, P> {
    pub(super) const fn new(putter: &'a P, at: At) -> Self {
        Self { putter, at }
    }
}

impl<'a, P: Accepts> Operation for ReserveNow<'a, P> {
    type Output = Reserved<'a, P>;

    fn attempt(self: Pin<&mut Self>, _: &mut Attempt<'_, '_>) -> Attempted<Reserved<'a, P>> {
        Attempted::Ready(Reserved(self.putter))
    }

    fn withdraw(self: Pin<&mut Self>) {}

    fn at(&self) -> At {
        self.at
    }
}

impl<P> fmt::Debug for ReserveNow<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReserveNow")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// What such an arm has won.
#[must_use = "it puts nothing by itself"]
pub struct Reserved<'a, P>(&'a P);

impl<P: Accepts> Reserved<'_, P> {
    /// Puts the value. It never parks.
    ///
    /// # Errors
    ///
    /// [`Closed`] with the value.
    pub fn put(self, value: P::Value) -> Result<(), Closed<P::Value>> {
        self.0.accept(value)
    }
}

impl<P> fmt::Debug for Reserved<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserved").finish_non_exhaustive()
    }
}

/// `put!` of a type that [`Accepts`].
macro_rules! puts {
    ([$($generics:tt)*] $putter:ty, $value:ty) => {
        impl<$($generics)*> crate::chan::Target for $putter {
            type Item = $value;
            type Put<'a> = crate::flow::never_parks::PutNow<'a, Self> where Self: 'a;
            type PutFor<'a> = crate::flow::never_parks::PutNowFor<'a, Self> where Self: 'a;
            type Reserve<'a> = crate::flow::never_parks::ReserveNow<'a, Self> where Self: 'a;

            fn put_operation(&self, value: $value, at: crate::runtime::place::At) -> Self::Put<'_> {
                crate::flow::never_parks::PutNow::new(self, value, at)
            }

            fn put_for_operation(
                &self,
                value: $value,
                _: std::time::Duration,
                at: crate::runtime::place::At,
            ) -> Self::PutFor<'_> {
                crate::flow::never_parks::PutNowFor::new(self, value, at)
            }

            fn reserve_operation(&self, at: crate::runtime::place::At) -> Self::Reserve<'_> {
                crate::flow::never_parks::ReserveNow::new(self, at)
            }
        }
    };
}

pub(super) use puts;
