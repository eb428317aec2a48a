//! What a stage of `flow` has to know of its channels: that nobody takes from its output any more, and which values it had to
//! discard.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use super::polled::StreamState;
use super::shared::Shared;
use super::state::{Putting, Stage};
use super::{Closed, Put, Putter, Taker, Target};
use crate::commit::line::Place;
use crate::commit::party::Party;
use crate::runtime::place::{At, Line};

/// Ready once the channel is closed: its last taker was dropped, or somebody closed it. It keeps neither end alive.
pub(crate) struct Gone<T> {
    shared: Arc<Shared<T>>,
    place: Option<Place>,
    at: At,
}

impl<T> Gone<T> {
    pub(crate) fn is_gone(&self) -> bool {
        self.shared.was_closed()
    }

    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        // Declared before the lock is taken: a waker is cloned and dropped under no lock.
        let mut waker: Option<Waker> = None;
        loop {
            if self.is_gone() {
                return Poll::Ready(());
            }
            let (place, at) = (&mut self.place, self.at);
            let registered = self.shared.with(|state, _| {
                if state.is_closed() {
                    return None;
                }
                let Some(seat) = place.as_ref().map(Place::seat) else {
                    let party = Party::Task(Some(waker.take()?));
                    let stage = Stage::Watches;
                    *place = Some(state.putters.seat_apart(|| Putting { party, stage, at }));
                    return Some(None);
                };
                let known = state.putters.at_mut(seat).party.waker_mut()?;
                if known
                    .as_ref()
                    .is_some_and(|known| known.will_wake(cx.waker()))
                {
                    return Some(None);
                }
                Some(known.replace(waker.take()?))
            });
            match registered {
                Some(_old) => return Poll::Pending,
                None => waker = Some(cx.waker().clone()),
            }
        }
    }
}

impl<T> Drop for Gone<T> {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            self.shared.with(|state, fx| {
                let watching = state.putters.leave(place);
                fx.keep(watching.party);
            });
        }
    }
}

impl<T> Putter<T> {
    /// Waits until nobody takes from the channel any more.
    pub(crate) fn gone(&self) -> Gone<T> {
        Gone {
            shared: Arc::clone(&self.shared),
            place: None,
            at: At::line(self.shared.made_at()),
        }
    }

    /// Counts values that were discarded before they came into the channel.
    pub(crate) fn count_discarded(&self, values: u64) {
        self.shared.with(|state, _| state.stats.discarded += values);
    }

    /// Returns a put whose value counts as discarded if it is dropped before it is done.
    pub(crate) fn put_counted(&self, value: T, at: At) -> PutCounted<'_, T> {
        PutCounted {
            put: self.put_operation(value, at),
            putter: self,
        }
    }
}

pin_project! {
    /// The future of [`Putter::put_counted`].
    pub(crate) struct PutCounted<'a, T> {
        #[pin]
        put: Put<'a, T>,
        putter: &'a Putter<T>,
    }

    impl<T> PinnedDrop for PutCounted<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let value = this.put.withdraw();
            if value.is_some() {
                this.putter.count_discarded(1);
            }
        }
    }
}

impl<T> Future for PutCounted<'_, T> {
    type Output = Result<(), Closed<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().put.poll(cx)
    }
}

impl<T> Taker<T> {
    /// As a stream, it parks at this line: that of the stage, and not that of the channel.
    pub(crate) fn parks_at(mut self, at: Line) -> Self {
        self.stream.withdraw(&self.shared);
        self.stream = StreamState::new(At::line(at));
        self
    }
}

/// Makes a taker of a channel again. It does not count as one.
pub(crate) struct TakerAgain<T>(Arc<Shared<T>>);

impl<T> TakerAgain<T> {
    pub(crate) fn of(taker: &Taker<T>) -> Self {
        Self(Arc::clone(&taker.shared))
    }

    /// Returns a taker; if there was none any more, it is one of a channel that is closed and empty.
    pub(crate) fn taker(&self) -> Taker<T> {
        self.0.add_taker();
        Taker {
            stream: StreamState::new(At::line(self.0.made_at())),
            shared: Arc::clone(&self.0),
        }
    }
}

#[cfg(all(test, async_dsl_loom))]
mod models;
