//! What a stage of `flow` has to know of its channels: that nobody takes from its output any more, and which values it had to
//! discard.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::polled::StreamState;
use super::shared::Shared;
use super::state::{Putting, Stage};
use super::{Putter, Taker};
use crate::commit::line::Place;
use crate::commit::party::Party;
use crate::runtime::place::At;

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
                    *place = Some(state.putters.seat_apart(Putting { party, stage, at }));
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
