//! A tuple of futures that may fail as one future: that of `try_join!`.

use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::tuple::{
    Join1, Join2, Join3, Join4, Join5, Join6, Join7, Join8, Join9, Join10, Join11, Join12, Joinable,
};
use crate::runtime::budget;

/// A tuple of 1 to 12 values that can be awaited and give a `Result`, with one type of error.
pub trait TryJoinable {
    /// A `Result` of the tuple of values.
    type Output;
    /// The future that polls them concurrently until one gives an error.
    type Future: Future<Output = Self::Output>;

    /// Returns that future; nothing is polled yet.
    fn into_try_join(self) -> Self::Future;
}

pin_project! {
    /// The future of `try_join!(a, b)`, around that of `join!(a, b)`.
    #[must_use = "futures do nothing unless awaited"]
    #[derive(Debug)]
    pub struct TryJoin<J> {
        #[pin]
        join: J,
    }
}

/// What can be polled until one of its children gives an error.
pub trait PollTry {
    /// A `Result` of the tuple of values.
    type Output;

    /// Polls the children.
    fn poll_try(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output>;
}

impl<J: PollTry> Future for TryJoin<J> {
    type Output = J::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<J::Output> {
        ready!(budget::poll_left(cx));
        let output = ready!(self.project().join.poll_try(cx));
        budget::spend();
        Poll::Ready(output)
    }
}

macro_rules! try_joinable {
    ($Join:ident: $($T:ident $V:ident $child:ident,)+) => {
        impl<Error, $($V, $T: Future<Output = Result<$V, Error>>),+> PollTry for $Join<$($T),+> {
            type Output = Result<($($V,)+), Error>;

            fn poll_try(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let mut this = self.project();
                let mut done = true;
                let mut count = 0;
                for is_before in [false, true] {
                    count = 0;
                    $(
                        if (count < *this.first) == is_before {
                            done &= this.$child.as_mut().poll_done(cx);
                            if let Some(Err(error)) = this.$child.as_mut().take_if(Result::is_err) {
                                return Poll::Ready(Err(error));
                            }
                        }
                        count += 1;
                    )+
                }
                if done {
                    // None of them is an error any more.
                    return Poll::Ready((|| Ok(($(this.$child.take()?,)+)))());
                }
                *this.first = if budget::was_stopped() { (*this.first + 1) % count } else { 0 };
                Poll::Pending
            }
        }

        impl<Error, $($V, $T: IntoFuture<Output = Result<$V, Error>>),+> TryJoinable for ($($T,)+) {
            type Output = Result<($($V,)+), Error>;
            type Future = TryJoin<$Join<$($T::IntoFuture),+>>;

            fn into_try_join(self) -> Self::Future {
                TryJoin { join: self.into_join() }
            }
        }
    };
}

lengths! {
    try_joinable: []
    (Join1: A AA a) (Join2: B BA b) (Join3: C CA c) (Join4: D DA d) (Join5: E EA e) (Join6: G GA g) (Join7: H HA h) (Join8: I IA i) (Join9: J JA j) (Join10: K KA k) (Join11: L LA l) (Join12: M MA m)
}
