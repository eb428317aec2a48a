//! A future that is awaited in linear code, which lends it its place.

use std::future::{IntoFuture, Pending, pending};
use std::marker::PhantomData;
use std::ops::Deref;

use super::note::{InWord, in_word};
use super::place::Word;
use super::task::{
    Attempts, Futures, JoinEach, Joinable, RaceEach, Raceable, SameErrors, SameOutputs,
    TryJoinEach, TryJoinable, join, join_each, race_each, try_join_each,
};

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
    pub fn start(self) -> InWord<T::IntoFuture> {
        in_word(self.word, self.operand.into_future())
    }

    /// The future of `await!(x)`.
    #[inline]
    pub fn one(self) -> InWord<T::IntoFuture> {
        self.start()
    }
}

impl<T: Joinable> Awaiting<T> {
    /// The future of `join!(a, b)`.
    #[inline]
    pub fn all(self) -> InWord<T::Future> {
        in_word(self.word, join(self.operand))
    }
}

impl<T: IntoIterator<Item: IntoFuture>> Awaiting<T> {
    /// The future of `join!(each list)`.
    #[inline]
    pub fn each(self) -> InWord<JoinEach<<T::Item as IntoFuture>::IntoFuture>> {
        in_word(self.word, join_each(self.operand))
    }
}

impl<T: TryJoinable> Awaiting<T> {
    /// The future of `try_join!(a, b)`.
    #[inline]
    pub fn try_all(self) -> InWord<T::Future> {
        in_word(self.word, self.operand.into_try_join())
    }
}

impl<T, E, L: IntoIterator<Item: IntoFuture<Output = Result<T, E>>>> Awaiting<L> {
    /// The future of `try_join!(each list)`.
    #[inline]
    pub fn try_each(self) -> InWord<TryJoinEach<<L::Item as IntoFuture>::IntoFuture>> {
        in_word(self.word, try_join_each(self.operand))
    }
}

impl<T: Raceable> Awaiting<T> {
    /// The future of `race!(a, b)`.
    #[inline]
    pub fn first(self) -> InWord<T::Future> {
        in_word(self.word, self.operand.into_race())
    }
}

impl<L: IntoIterator<Item: IntoFuture>> Awaiting<L> {
    /// The future of `race!(each list)`.
    #[inline]
    #[track_caller]
    pub fn first_of_each(self) -> InWord<RaceEach<<L::Item as IntoFuture>::IntoFuture>> {
        in_word(self.word, race_each(self.operand))
    }
}

/// What rustc finds where futures do not go together: a method with the bound that does not hold, which is the error.
#[doc(hidden)]
#[derive(Debug)]
pub struct Unlike<T>(NoFuture<T>);

impl<T> Deref for Awaiting<T> {
    type Target = Unlike<T>;

    fn deref(&self) -> &Unlike<T> {
        unreachable!("it does not compile")
    }
}

#[allow(clippy::unused_self, reason = "rustc must find methods")]
impl<T: Attempts> Unlike<T> {
    pub fn try_all<Output>(&self) -> Pending<Output>
    where
        T::Errors: SameErrors,
    {
        pending()
    }
}

#[allow(clippy::unused_self, reason = "rustc must find methods")]
impl<T: Futures> Unlike<T> {
    pub fn first<Output>(&self) -> Pending<Output>
    where
        T::Outputs: SameOutputs,
    {
        pending()
    }
}

/// What rustc finds where there is no [`Awaiting::start`], because `T` is no future: the same for it, so that it complains
/// about the user's `.await` in its own words, and of nothing else. Of the operands of `await!` and the other words for
/// futures it has complained already.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoFuture<T>(PhantomData<T>);

impl<T> Deref for Unlike<T> {
    type Target = NoFuture<T>;

    fn deref(&self) -> &NoFuture<T> {
        &self.0
    }
}

#[allow(clippy::unused_self, reason = "rustc must find methods")]
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

    pub fn try_all(&self) -> Pending<T> {
        pending()
    }

    pub fn try_each(&self) -> Pending<T> {
        pending()
    }

    pub fn first(&self) -> Pending<T> {
        pending()
    }

    pub fn first_of_each(&self) -> Pending<T> {
        pending()
    }
}
