//! A tuple of futures as one future of a tuple.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::runtime::budget;

/// Awaits all futures of a tuple concurrently and returns the tuple of their outputs: `join!(a, b, c)`.
///
/// **Parks** until all of them are done. **Dropping** the future drops those that are not done, and the outputs of those
/// that are.
///
/// # Panics
///
/// With the panic of one of them, and when polled again after it is done.
///
/// # Examples
///
/// ```
/// use async_dsl::task::join;
/// use futures_lite::future::block_on;
///
/// let (number, word) = block_on(join((async { 42 }, async { "answer" })));
/// assert_eq!((number, word), (42, "answer"));
/// ```
pub fn join<T: Joinable>(tuple: T) -> T::Future {
    tuple.into_join()
}

/// A tuple of 1 to 12 values that can be awaited, for [`join`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be awaited side by side",
    label = "not a tuple of 1 to 12 futures",
    note = "for more than 12, or a number known at run time, await `each` of a list"
)]
pub trait Joinable {
    /// The tuple of outputs.
    type Output;
    /// The future that polls them concurrently.
    type Future: Future<Output = Self::Output>;

    /// Returns that future; nothing is polled yet.
    fn into_join(self) -> Self::Future;
}

pin_project! {
    /// A future, or its output until all others are done.
    #[project = ChildProjection]
    pub(super) enum Child<F: Future> {
        Running { #[pin] future: F },
        Done { output: Option<F::Output> },
    }
}

impl<F: Future> Child<F> {
    pub(super) fn new(future: F) -> Self {
        Self::Running { future }
    }

    /// Polls it. Returns whether it is done.
    pub(super) fn poll_done(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        match self.as_mut().project() {
            ChildProjection::Running { future } => match future.poll(cx) {
                Poll::Ready(output) => {
                    self.set(Self::Done {
                        output: Some(output),
                    });
                    true
                }
                Poll::Pending => false,
            },
            ChildProjection::Done { .. } => true,
        }
    }

    /// Its future, while it is not done.
    pub(super) fn running(self: Pin<&mut Self>) -> Option<Pin<&mut F>> {
        match self.project() {
            ChildProjection::Running { future } => Some(future),
            ChildProjection::Done { .. } => None,
        }
    }

    /// Takes its output, if it is done and `is_it` says so.
    pub(super) fn take_if(
        self: Pin<&mut Self>,
        is_it: impl FnOnce(&F::Output) -> bool,
    ) -> Option<F::Output> {
        match self.project() {
            ChildProjection::Done { output } => output.take_if(|output| is_it(output)),
            ChildProjection::Running { .. } => None,
        }
    }

    pub(super) fn take(self: Pin<&mut Self>) -> F::Output {
        match self.project() {
            ChildProjection::Done { output } => {
                output.take().expect("a join was polled after it was done")
            }
            ChildProjection::Running { .. } => unreachable!("an output is taken when all are done"),
        }
    }
}

macro_rules! joinable {
    ($Join:ident: $($T:ident $child:ident,)+) => {
        pin_project! {
            /// The future of [`join`] for a tuple of this length.
            #[must_use = "futures do nothing unless awaited"]
            pub struct $Join<$($T: Future),+> {
                $(#[pin] pub(super) $child: Child<$T>,)+
                // The index of the child that is polled first.
                pub(super) first: usize,
            }
        }

        impl<$($T: Future),+> Future for $Join<$($T),+> {
            type Output = ($($T::Output,)+);

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                ready!(budget::poll_left(cx));
                let mut this = self.project();
                let mut done = true;
                let mut count = 0;
                for is_before in [false, true] {
                    count = 0;
                    $(
                        if (count < *this.first) == is_before {
                            done &= this.$child.as_mut().poll_done(cx);
                        }
                        count += 1;
                    )+
                }
                if done {
                    budget::spend();
                    return Poll::Ready(($(this.$child.take(),)+));
                }
                // A child that uses up the budget in each poll must not keep the others from getting any.
                *this.first = if budget::was_stopped() { (*this.first + 1) % count } else { 0 };
                Poll::Pending
            }
        }

        impl<$($T: Future),+> fmt::Debug for $Join<$($T),+> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Join)).finish_non_exhaustive()
            }
        }

        impl<$($T: IntoFuture),+> Joinable for ($($T,)+) {
            type Output = ($($T::Output,)+);
            type Future = $Join<$($T::IntoFuture),+>;

            fn into_join(self) -> Self::Future {
                let ($($child,)+) = self;
                $Join { $($child: Child::new($child.into_future()),)+ first: 0 }
            }
        }
    };
}

lengths! {
    joinable: []
    (Join1: A a) (Join2: B b) (Join3: C c) (Join4: D d) (Join5: E e) (Join6: G g) (Join7: H h) (Join8: I i) (Join9: J j) (Join10: K k) (Join11: L l) (Join12: M m)
}
