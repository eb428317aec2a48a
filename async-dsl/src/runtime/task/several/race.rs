//! The first of several futures: `race!`.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::tuple::{
    Join1, Join2, Join3, Join4, Join5, Join6, Join7, Join8, Join9, Join10, Join11, Join12, Joinable,
};
use crate::runtime::running::random_below;
use crate::runtime::{budget, note};

/// A tuple of 1 to 12 values that can be awaited, with one type of output.
pub trait Raceable {
    /// The output of the first.
    type Output;
    /// The future of it.
    type Future: Future<Output = Self::Output>;

    /// Returns that future; nothing is polled yet.
    fn into_race(self) -> Self::Future;
}

pin_project! {
    /// The future of `race!(a, b)`, around that of `join!(a, b)`.
    #[must_use = "futures do nothing unless awaited"]
    #[derive(Debug)]
    pub struct Race<J> {
        #[pin]
        join: J,
        turn: First,
    }
}

/// What can be polled until one of its children is done.
pub trait PollFirst {
    /// The output of the first.
    type Output;

    /// Polls the children.
    fn poll_first(
        self: Pin<&mut Self>,
        turn: &mut First,
        cx: &mut Context<'_>,
    ) -> Poll<Self::Output>;
}

impl<J: PollFirst> Future for Race<J> {
    type Output = J::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<J::Output> {
        let this = self.project();
        poll_race(cx, |cx| this.join.poll_first(this.turn, cx))
    }
}

/// The child to poll first: one at random, then that one again, so that each has its turn under a budget.
#[derive(Debug)]
pub struct First {
    drawn: Option<usize>,
}

impl First {
    const fn new() -> Self {
        Self { drawn: None }
    }

    /// Returns which of `count` is the first in this poll.
    fn get(&mut self, count: usize) -> usize {
        *self.drawn.get_or_insert_with(|| match count {
            1 => 0,
            _ => random_below(count),
        })
    }

    /// Who used up the budget must not keep the others from getting any.
    fn leave(&mut self, count: usize) {
        if let (Some(first), true) = (&mut self.drawn, budget::was_stopped()) {
            *first = (*first + 1) % count;
        }
    }
}

/// Polls one child. It alone may end the wait, whatever the others are parked on.
fn poll_child<F: Future>(child: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
    note::foreign(|| child.poll(cx))
}

/// Polls all children with `poll`.
fn poll_race<T>(cx: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    ready!(budget::poll_left(cx));
    let output = ready!(note::choice(|| poll(cx)));
    budget::spend();
    Poll::Ready(output)
}

macro_rules! raceable {
    ($Join:ident: $($T:ident $child:ident,)+) => {
        impl<Output, $($T: Future<Output = Output>),+> PollFirst for $Join<$($T),+> {
            type Output = Output;

            fn poll_first(
                self: Pin<&mut Self>,
                turn: &mut First,
                cx: &mut Context<'_>,
            ) -> Poll<Output> {
                let mut this = self.project();
                let count = [$(stringify!($child)),+].len();
                let first = turn.get(count);
                for is_before in [false, true] {
                    let mut number = 0..;
                    $(
                        if (number.next() < Some(first)) == is_before {
                            if let Some(child) = this.$child.as_mut().running() {
                                if let Poll::Ready(output) = poll_child(child, cx) {
                                    return Poll::Ready(output);
                                }
                            }
                        }
                    )+
                }
                turn.leave(count);
                Poll::Pending
            }
        }

        impl<Output, $($T: IntoFuture<Output = Output>),+> Raceable for ($($T,)+) {
            type Output = Output;
            type Future = Race<$Join<$($T::IntoFuture),+>>;

            fn into_race(self) -> Self::Future {
                Race { join: self.into_join(), turn: First::new() }
            }
        }
    };
}

lengths! {
    raceable: []
    (Join1: A a) (Join2: B b) (Join3: C c) (Join4: D d) (Join5: E e) (Join6: G g) (Join7: H h) (Join8: I i) (Join9: J j) (Join10: K k) (Join11: L l) (Join12: M m)
}

/// Returns the future of the first output among `items`: `race!(each futures)`.
///
/// # Panics
///
/// If there is none, because that would park for ever.
#[track_caller]
pub(crate) fn race_each<I>(items: I) -> RaceEach<<I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture,
{
    let items = items.into_iter();
    let children: Vec<_> = items.map(|item| Box::pin(item.into_future())).collect();
    assert!(
        !children.is_empty(),
        "`race!(each …)` of an empty list would wait for ever"
    );
    RaceEach {
        children,
        turn: First::new(),
    }
}

/// The future of `race!(each list)`.
#[must_use = "futures do nothing unless awaited"]
pub struct RaceEach<F> {
    children: Vec<Pin<Box<F>>>,
    turn: First,
}

// Children are boxed: nothing is pinned in place.
impl<F> Unpin for RaceEach<F> {}

impl<F: Future> Future for RaceEach<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Self { children, turn } = &mut *self;
        let count = children.len();
        poll_race(cx, |cx| {
            let (after, before) = children.split_at_mut(turn.get(count));
            for child in before.iter_mut().chain(after) {
                if let Poll::Ready(output) = poll_child(child.as_mut(), cx) {
                    return Poll::Ready(output);
                }
            }
            turn.leave(count);
            Poll::Pending
        })
    }
}

impl<F> fmt::Debug for RaceEach<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RaceEach")
            .field("children", &self.children.len())
            .finish_non_exhaustive()
    }
}
