//! The operands of `take!` and `put!`.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::{Chan, Put, PutFor, Putter, Reserve, Take, Taker};
use crate::commit::Operation;
use crate::runtime::place::At;

/// A handle that `take!` takes from: a [`Chan`], a [`Taker`], or a reference or a box of one.
#[diagnostic::on_unimplemented(
    message = "`take!` cannot take from `{Self}`",
    label = "not a channel",
    note = "`take!` takes from a `Chan`, a `Taker`, or a stream; a promise or a task is awaited with `await!`"
)]
pub trait Source {
    /// The type of a taken value.
    type Item;
    /// The future of a take. Dropping it loses nothing.
    type Take<'a>: Future<Output = Option<Self::Item>> + Operation<Output = Option<Self::Item>>
    where
        Self: 'a;

    /// Returns a take that has not begun, for the word or the call at `at`.
    fn take_operation(&self, at: At) -> Self::Take<'_>;
}

/// A handle that `put!` puts into: a [`Chan`], a [`Putter`], or a reference or a box of one.
#[diagnostic::on_unimplemented(
    message = "`put!` cannot put into `{Self}`",
    label = "not a channel",
    note = "`put!` puts into a `Chan` or a `Putter`; a promise is fulfilled with `resolver.deliver(value)`"
)]
pub trait Target {
    /// The type of a value to put.
    type Item;
    /// The future of a put.
    type Put<'a>: Future
    where
        Self: 'a;
    /// The future of a put with a time limit.
    type PutFor<'a>: Future
    where
        Self: 'a;
    /// The future of a reservation, which an `alt!` makes before it evaluates the value.
    type Reserve<'a>: Operation
    where
        Self: 'a;

    /// Returns a put that has not begun, for the word or the call at `at`.
    fn put_operation(&self, value: Self::Item, at: At) -> Self::Put<'_>;

    /// Returns a put with a time limit that has not begun.
    fn put_for_operation(&self, value: Self::Item, limit: Duration, at: At) -> Self::PutFor<'_>;

    /// Returns a reservation that has not begun.
    fn reserve_operation(&self, at: At) -> Self::Reserve<'_>;
}

macro_rules! ports {
    ($trait:ident for ($($port:ident)+) $items:tt) => { $(ports! { @ $trait $port $items })+ };
    (@ $trait:ident $port:ident { $($items:tt)* }) => {
        impl<T> $trait for $port<T> { $($items)* }
    };
}

ports! { Source for (Chan Taker) {
    type Item = T;
    type Take<'a> = Take<'a, T> where Self: 'a;

    fn take_operation(&self, at: At) -> Take<'_, T> {
        Take::new(&self.shared, at)
    }
} }

ports! { Target for (Chan Putter) {
    type Item = T;
    type Put<'a> = Put<'a, T> where Self: 'a;
    type PutFor<'a> = PutFor<'a, T> where Self: 'a;
    type Reserve<'a> = Reserve<'a, T> where Self: 'a;

    fn put_operation(&self, value: T, at: At) -> Put<'_, T> {
        Put::new(&self.shared, value, at)
    }

    fn put_for_operation(&self, value: T, limit: Duration, at: At) -> PutFor<'_, T> {
        PutFor::new(&self.shared, value, limit, at)
    }

    fn reserve_operation(&self, at: At) -> Reserve<'_, T> {
        Reserve::new(&self.shared, at)
    }
} }

macro_rules! by_reference {
    ($($reference:ty),+) => { $(
        impl<C: Source + ?Sized> Source for $reference {
            type Item = C::Item;
            type Take<'a> = C::Take<'a> where Self: 'a;

            fn take_operation(&self, at: At) -> C::Take<'_> {
                (**self).take_operation(at)
            }
        }

        impl<C: Target + ?Sized> Target for $reference {
            type Item = C::Item;
            type Put<'a> = C::Put<'a> where Self: 'a;
            type PutFor<'a> = C::PutFor<'a> where Self: 'a;
            type Reserve<'a> = C::Reserve<'a> where Self: 'a;

            fn put_operation(&self, value: C::Item, at: At) -> C::Put<'_> {
                (**self).put_operation(value, at)
            }

            fn put_for_operation(&self, value: C::Item, limit: Duration, at: At) -> C::PutFor<'_> {
                (**self).put_for_operation(value, limit, at)
            }

            fn reserve_operation(&self, at: At) -> C::Reserve<'_> {
                (**self).reserve_operation(at)
            }
        }
    )+ };
}

by_reference! { &C, &mut C, Box<C>, Pin<&mut C>, Pin<Box<C>> }
