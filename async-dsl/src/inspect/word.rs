//! A future that is awaited in linear code, which lends it its place.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::note;
use super::place::Word;

pin_project! {
    /// A future whose place is that of the word, or the `.await`, around it.
    #[doc(hidden)]
    #[must_use = "futures do nothing unless awaited"]
    #[derive(Debug)]
    pub struct InWord<F> {
        #[pin]
        future: F,
        word: &'static Word,
    }
}

/// `future`, awaited by `word`.
#[cfg(not(any(async_dsl_loom, async_dsl_no_inspect)))]
#[doc(hidden)]
#[inline]
pub const fn awaited<F>(word: &'static Word, future: F) -> InWord<F> {
    InWord { future, word }
}

/// `future`: in this build nobody asks where it is awaited.
#[cfg(any(async_dsl_loom, async_dsl_no_inspect))]
#[doc(hidden)]
#[inline]
pub const fn awaited<F>(_: &'static Word, future: F) -> F {
    future
}

/// What an `.await` of linear code awaits, with the place where it stands.
#[doc(hidden)]
#[derive(Debug)]
pub struct Awaiting<T> {
    operand: T,
    word: &'static Word,
}

/// The operand of the `.await` at `word`.
#[doc(hidden)]
#[inline]
pub const fn awaiting<T>(word: &'static Word, operand: T) -> Awaiting<T> {
    Awaiting { operand, word }
}

impl<T: IntoFuture> Awaiting<T> {
    /// The future that is awaited.
    #[cfg(not(any(async_dsl_loom, async_dsl_no_inspect)))]
    #[inline]
    pub fn start(self) -> InWord<T::IntoFuture> {
        awaited(self.word, self.operand.into_future())
    }

    /// The future that is awaited.
    #[cfg(any(async_dsl_loom, async_dsl_no_inspect))]
    #[inline]
    pub fn start(self) -> T::IntoFuture {
        let _ = self.word;
        self.operand.into_future()
    }
}

/// What rustc finds where there is no [`Awaiting::start`], because `T` is no future: the same for it, so that it complains
/// about the user's `.await` in its own words, and of nothing else.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoFuture<T>(PhantomData<T>);

impl<T> Deref for Awaiting<T> {
    type Target = NoFuture<T>;

    fn deref(&self) -> &NoFuture<T> {
        unreachable!("it does not compile")
    }
}

impl<T> NoFuture<T> {
    pub fn start(&self) -> T {
        unreachable!("it does not compile")
    }
}

impl<F: Future> Future for InWord<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        note::awaited(this.word, || this.future.poll(cx))
    }
}
