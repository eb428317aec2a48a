//! Puts into a raw connection: bytes, in any of the usual types.
//!
//! `put!` calls these methods instead of those of [`Target`](crate::chan::Target), because inherent methods come first.
//! Their operand may have many types; in the trait, the type for a channel, or another framing, could not be inferred.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::conn::{Conn, ConnPutter};
use super::framing::Chunks;
use super::{Permit, Put, PutError, PutFor, Reserve};
use crate::chan::Target;
use crate::commit::{Attempt, Attempted, Operation};
use crate::runtime::place::At;

/// Bytes to put into a raw connection.
#[diagnostic::on_unimplemented(
    message = "`put!` into a raw connection takes `Bytes`, `Vec<u8>`, `&[u8]`, `String` or `&str`, not `{Self}`",
    label = "not bytes"
)]
pub trait Raw {
    /// Converts into the type that a connection writes.
    fn into_chunk(self) -> Vec<u8>;
}

macro_rules! raw {
    ($([$($generics:tt)*] $bytes:ty)+) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Raw for $bytes {
            fn into_chunk(self) -> Vec<u8> {
                self.into()
            }
        }
    )+ };
}

raw! {
    [] Vec<u8>
    [] Bytes
    [] BytesMut
    [] String
    [] &[u8]
    [const N: usize] &[u8; N]
    [const N: usize] [u8; N]
    [] &str
}

macro_rules! puts_raw {
    ($($port:ident)+) => { $(
        #[doc(hidden)]
        impl $port<Chunks> {
            pub fn async_dsl_put<B: Raw>(&self, bytes: B, at: At) -> Put<'_, Chunks> {
                self.put_operation(bytes.into_chunk(), at)
            }

            pub fn async_dsl_put_for<B: Raw>(
                &self,
                bytes: B,
                limit: Duration,
                at: At,
            ) -> PutFor<'_, Chunks> {
                self.put_for_operation(bytes.into_chunk(), limit, at)
            }

            pub fn async_dsl_reserve(&self, at: At) -> ReserveRaw<'_> {
                ReserveRaw(self.reserve_operation(at))
            }
        }
    )+ };
}

puts_raw! { Conn ConnPutter }

/// A put arm of `alt!` on a raw connection.
#[must_use = "a reservation does nothing unless it is awaited"]
#[derive(Debug)]
pub struct ReserveRaw<'a>(Reserve<'a, Chunks>);

impl Operation for ReserveRaw<'_> {
    type Output = PermitRaw;

    fn attempt(mut self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<PermitRaw> {
        Pin::new(&mut self.0).attempt(attempt).map(PermitRaw)
    }

    fn withdraw(mut self: Pin<&mut Self>) {
        Pin::new(&mut self.0).withdraw();
    }

    fn is_polled(&self) -> bool {
        self.0.is_polled()
    }

    fn at(&self) -> At {
        self.0.at()
    }
}

/// The turn of such an arm.
#[must_use = "dropping a permit gives the turn back"]
pub struct PermitRaw(Permit<Chunks>);

impl PermitRaw {
    /// As [`Permit::put`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Permit::put`].
    pub fn put<B: Raw>(self, bytes: B) -> Result<(), PutError<Vec<u8>>> {
        self.0.put(bytes.into_chunk())
    }
}

impl fmt::Debug for PermitRaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
