//! A future that is awaited in linear code, which lends it its place.

use std::future::{Future, IntoFuture, Pending, pending};
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::note;
use super::place::Word;
use super::task::{JoinEach, Joinable, join, join_each};

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

/// A future that knows its word; itself where nobody asks for that.
#[cfg(not(any(async_dsl_loom, async_dsl_no_inspect)))]
type Placed<F> = InWord<F>;
#[cfg(any(async_dsl_loom, async_dsl_no_inspect))]
type Placed<F> = F;

#[cfg(not(any(async_dsl_loom, async_dsl_no_inspect)))]
const fn placed<F>(word: &'static Word, future: F) -> Placed<F> {
    InWord { future, word }
}

#[cfg(any(async_dsl_loom, async_dsl_no_inspect))]
const fn placed<F>(_: &'static Word, future: F) -> Placed<F> {
    future
}

/// What an `.await` or an `await!` of linear code awaits, with the place where it stands.
#[doc(hidden)]
#[derive(Debug)]
pub struct Awaiting<T> {
    operand: T,
    word: &'static Word,
}

/// The operand of the `.await` at `word`.
#[doc(hidden)]
#[inline]
pub const fn awaiting<T>(operand: T, word: &'static Word) -> Awaiting<T> {
    Awaiting { operand, word }
}

impl<T: IntoFuture> Awaiting<T> {
    /// The future of `x.await`.
    #[inline]
    pub fn start(self) -> Placed<T::IntoFuture> {
        placed(self.word, self.operand.into_future())
    }

    /// The future of `await!(x)`.
    #[inline]
    pub fn one(self) -> Placed<T::IntoFuture> {
        self.start()
    }
}

impl<T: Joinable> Awaiting<T> {
    /// The future of `await!(a, b)`.
    #[inline]
    pub fn all(self) -> Placed<T::Future> {
        placed(self.word, join(self.operand))
    }
}

impl<T: IntoIterator<Item: IntoFuture>> Awaiting<T> {
    /// The future of `await!(each list)`.
    #[inline]
    pub fn each(self) -> Placed<JoinEach<<T::Item as IntoFuture>::IntoFuture>> {
        placed(self.word, join_each(self.operand))
    }
}

/// What rustc finds where there is no [`Awaiting::start`], because `T` is no future: the same for it, so that it complains
/// about the user's `.await` in its own words, and of nothing else. Of the operands of `await!` it has complained already.
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

    pub fn one(&self) -> Pending<T> {
        pending()
    }

    pub fn all(&self) -> Pending<T> {
        pending()
    }

    pub fn each(&self) -> Pending<T> {
        pending()
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
