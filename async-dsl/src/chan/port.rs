//! What `take!` and `put!` accept.

use std::future::Future;
use std::time::Duration;

use super::{Chan, Put, PutFor, Putter, Reserve, Take, Taker};
use crate::commit::Operation;
use crate::runtime::place::At;

/// Something that `take!` takes from: a [`Chan`], a [`Taker`], or a reference to one.
#[diagnostic::on_unimplemented(
    message = "`take!` cannot take from `{Self}`",
    label = "not a channel",
    note = "`take!` takes from a `Chan` or a `Taker`; a promise or a task is awaited with `await!`"
)]
pub trait Source {
    /// What is taken.
    type Item;
    /// The take. Dropped before it is done, it loses nothing.
    type Take<'a>: Future<Output = Option<Self::Item>>
        + Operation<Output = Option<Self::Item>>
        + Unpin
    where
        Self: 'a;

    /// A take that has not begun.
    #[track_caller]
    fn take_operation(&self) -> Self::Take<'_>;

    /// The same, for the word at `at`.
    #[doc(hidden)]
    #[track_caller]
    fn take_operation_at(&self, _: At) -> Self::Take<'_> {
        self.take_operation()
    }
}

/// Something that `put!` puts into: a [`Chan`], a [`Putter`], or a reference to one.
#[diagnostic::on_unimplemented(
    message = "`put!` cannot put into `{Self}`",
    label = "not a channel",
    note = "`put!` puts into a `Chan` or a `Putter`; a promise is fulfilled with `resolver.deliver(value)`"
)]
pub trait Target {
    /// What is put.
    type Item;
    /// The put.
    type Put<'a>: Future
    where
        Self: 'a;
    /// The put with a limit of time.
    type PutFor<'a>: Future
    where
        Self: 'a;
    /// The reservation of a place, which an `alt!` makes before it evaluates the value.
    type Reserve<'a>: Operation
    where
        Self: 'a;

    /// A put that has not begun.
    #[track_caller]
    fn put_operation(&self, value: Self::Item) -> Self::Put<'_>;

    /// A put with a limit of time that has not begun.
    #[track_caller]
    fn put_for_operation(&self, value: Self::Item, limit: Duration) -> Self::PutFor<'_>;

    /// A reservation that has not begun.
    #[track_caller]
    fn reserve_operation(&self) -> Self::Reserve<'_>;

    /// The same as [`put_operation`](Self::put_operation), for the word at `at`.
    #[doc(hidden)]
    #[track_caller]
    fn put_operation_at(&self, value: Self::Item, _: At) -> Self::Put<'_> {
        self.put_operation(value)
    }

    #[doc(hidden)]
    #[track_caller]
    fn put_for_operation_at(&self, value: Self::Item, limit: Duration, _: At) -> Self::PutFor<'_> {
        self.put_for_operation(value, limit)
    }

    #[doc(hidden)]
    #[track_caller]
    fn reserve_operation_at(&self, _: At) -> Self::Reserve<'_> {
        self.reserve_operation()
    }
}

macro_rules! source {
    ($([$($generics:tt)*] $port:ty => $item:ty, $take:ty, $operation:path, $at:path;)+) => { $(
        impl<$($generics)*> Source for $port {
            type Item = $item;
            type Take<'a> = $take where Self: 'a;

            #[track_caller]
            fn take_operation(&self) -> Self::Take<'_> {
                $operation(self)
            }

            #[track_caller]
            fn take_operation_at(&self, at: At) -> Self::Take<'_> {
                $at(self, at)
            }
        }
    )+ };
}

source! {
    [T] Chan<T> => T, Take<'a, T>, Self::take, Self::take_at;
    [T] Taker<T> => T, Take<'a, T>, Self::take, Self::take_at;
    [C: Source + ?Sized] &C => C::Item, C::Take<'a>, C::take_operation, C::take_operation_at;
    [C: Source + ?Sized] &mut C => C::Item, C::Take<'a>, C::take_operation, C::take_operation_at;
}

macro_rules! target {
    ($($port:ident)+) => { $(
        impl<T> Target for $port<T> {
            type Item = T;
            type Put<'a> = Put<'a, T> where Self: 'a;
            type PutFor<'a> = PutFor<'a, T> where Self: 'a;
            type Reserve<'a> = Reserve<'a, T> where Self: 'a;

            #[track_caller]
            fn put_operation(&self, value: T) -> Put<'_, T> {
                self.put(value)
            }

            #[track_caller]
            fn put_for_operation(&self, value: T, limit: Duration) -> PutFor<'_, T> {
                self.put_for(value, limit)
            }

            #[track_caller]
            fn reserve_operation(&self) -> Reserve<'_, T> {
                self.reserve()
            }

            fn put_operation_at(&self, value: T, at: At) -> Put<'_, T> {
                self.put_at(value, at)
            }

            fn put_for_operation_at(&self, value: T, limit: Duration, at: At) -> PutFor<'_, T> {
                self.put_for_at(value, limit, at)
            }

            fn reserve_operation_at(&self, at: At) -> Reserve<'_, T> {
                self.reserve_at(at)
            }
        }
    )+ };
}

target! { Chan Putter }

macro_rules! target_by_reference {
    ($($reference:ty),+) => { $(
        impl<C: Target + ?Sized> Target for $reference {
            type Item = C::Item;
            type Put<'a> = C::Put<'a> where Self: 'a;
            type PutFor<'a> = C::PutFor<'a> where Self: 'a;
            type Reserve<'a> = C::Reserve<'a> where Self: 'a;

            #[track_caller]
            fn put_operation(&self, value: C::Item) -> C::Put<'_> {
                C::put_operation(self, value)
            }

            #[track_caller]
            fn put_for_operation(&self, value: C::Item, limit: Duration) -> C::PutFor<'_> {
                C::put_for_operation(self, value, limit)
            }

            #[track_caller]
            fn reserve_operation(&self) -> C::Reserve<'_> {
                C::reserve_operation(self)
            }

            #[track_caller]
            fn put_operation_at(&self, value: C::Item, at: At) -> C::Put<'_> {
                C::put_operation_at(self, value, at)
            }

            #[track_caller]
            fn put_for_operation_at(
                &self,
                value: C::Item,
                limit: Duration,
                at: At,
            ) -> C::PutFor<'_> {
                C::put_for_operation_at(self, value, limit, at)
            }

            #[track_caller]
            fn reserve_operation_at(&self, at: At) -> C::Reserve<'_> {
                C::reserve_operation_at(self, at)
            }
        }
    )+ };
}

target_by_reference! { &C, &mut C }
