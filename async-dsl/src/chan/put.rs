//! Putting into a channel.

use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::effects::Effects;
use super::error::{Closed, PutError, TryPutError};
use super::shared::{DONE, Shared};
use super::state::{Answer, State};
use super::wait::{Act, Wait};
use crate::commit::line::Place;
use crate::commit::party::{Asks, Party, Task};
use crate::runtime::budget;
use crate::runtime::explore::access::Kind;
use crate::runtime::place::At;
use crate::runtime::time::Sleep;

/// A put. It has the value until that is in the channel or in its line.
struct PutAct<T> {
    value: Option<T>,
    at: At,
    /// The turn of its waiter.
    turn: u64,
}

impl<T> Act<T> for PutAct<T> {
    type Output = Result<(), Closed<T>>;

    const BEGINS: Kind = Kind::Put;

    fn begin(
        &mut self,
        state: &mut State<T>,
        asks: impl Asks,
        fx: &mut Effects<T>,
    ) -> (Place, bool) {
        let value = self.value.take().expect(DONE);
        let (place, turn, is_done) = state.begin_put(value, asks, self.at, fx);
        self.turn = turn;
        (place, is_done)
    }

    fn collected(_: &Self::Output) -> Option<Kind> {
        None
    }

    #[inline]
    fn may(chan: &Shared<T>) -> bool {
        chan.should_try_put()
    }

    #[inline]
    fn now(&mut self, chan: &Shared<T>) -> Answer<Self::Output> {
        match chan.try_put(&mut self.value) {
            Ok(()) => Answer::Done(Ok(())),
            Err(TryPutError::Closed(value)) => Answer::Done(Err(Closed(value))),
            Err(TryPutError::Full(value)) => {
                self.value = Some(value);
                Answer::NotNow
            }
        }
    }

    fn or_wait(
        &mut self,
        state: &mut State<T>,
        asks: impl Asks,
        fx: &mut Effects<T>,
    ) -> Answer<Self::Output> {
        let value = self.value.take().expect(DONE);
        let answer = state.put_or_wait(value, asks, &self.at, fx);
        if let Answer::Wait(place) = &answer {
            self.turn = state.putters.turn(place.seat());
        }
        answer
    }

    #[inline]
    fn told(&self, chan: &Shared<T>) -> Option<Self::Output> {
        (chan.has_accepted(self.turn) && !chan.records_puts()).then_some(Ok(()))
    }

    fn waiting<'a>(&self, state: &'a mut State<T>, place: &Place) -> Option<&'a mut Party> {
        if self.turn < state.accepted() {
            return None;
        }
        let putting = state.putters.at_mut(place.seat());
        putting.stage.waits().map(|_| &mut putting.party)
    }

    fn collect(
        &mut self,
        state: &mut State<T>,
        place: Place,
        left: &mut Option<Party>,
    ) -> Self::Output {
        if let Some((value, party)) = state.leave_put(place, self.turn) {
            *left = Some(party);
            return Err(Closed(value));
        }
        state.users.put_before(state.stats.puts);
        Ok(())
    }
}

pin_project! {
    /// The future of [`Chan::put`](super::Chan::put) and `put!`.
    ///
    /// Dropping it while it is parked drops the value with it: the value was never in the channel. To get the value back
    /// after a time limit, use [`put_for`](super::Chan::put_for).
    ///
    /// # Panics
    ///
    /// When polled again after it is done.
    #[must_use = "a put does nothing unless it is awaited"]
    pub struct Put<'a, T> {
        chan: &'a Shared<T>,
        act: PutAct<T>,
        wait: Wait,
        // Keeps intrusive waiters possible.
        #[pin]
        _pinned: PhantomPinned,
    }

    impl<T> PinnedDrop for Put<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            drop(this.withdraw());
        }
    }
}

impl<'a, T> Put<'a, T> {
    pub(super) const fn new(chan: &'a Shared<T>, value: T, at: At) -> Self {
        Self {
            chan,
            act: PutAct {
                value: Some(value),
                at,
                turn: 0,
            },
            wait: Wait::new(),
            _pinned: PhantomPinned,
        }
    }

    /// Ends the put. Returns the value, unless it was accepted.
    pub(super) fn withdraw(self: Pin<&mut Self>) -> Option<T> {
        let this = self.project();
        let Some(place) = this.wait.leave() else {
            return this.act.value.take();
        };
        let turn = this.act.turn;
        if this.chan.has_accepted(turn) {
            this.chan.touch(Kind::Any);
            return None;
        }
        this.chan.with(|state, fx| {
            let (value, party) = state.leave_put(place, turn)?;
            fx.keep(party);
            Some(value)
        })
    }
}

impl<T> Future for Put<'_, T> {
    type Output = Result<(), Closed<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let wait = &*this.wait;
        let go = ready!(budget::poll_begin(cx, || this.act.at, || wait.is_parked()));
        this.wait.poll(go, this.act, this.chan, cx, Task)
    }
}

impl<T> fmt::Debug for Put<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Put")
            .field("at", &self.act.at)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`Chan::put_for`](super::Chan::put_for) and `put!` with a time limit.
    ///
    /// If the limit elapses first, the error returns the value. Dropping the future while it is parked drops the value
    /// with it.
    ///
    /// # Panics
    ///
    /// When polled again after it is done.
    #[must_use = "a put does nothing unless it is awaited"]
    pub struct PutFor<'a, T> {
        #[pin]
        put: Put<'a, T>,
        #[pin]
        limit: Sleep,
    }
}

impl<'a, T> PutFor<'a, T> {
    pub(super) fn new(chan: &'a Shared<T>, value: T, limit: Duration, at: At) -> Self {
        Self {
            put: Put::new(chan, value, at),
            limit: Sleep::new(limit, At::UNKNOWN),
        }
    }
}

impl<T> Future for PutFor<'_, T> {
    type Output = Result<(), PutError<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Poll::Ready(done) = this.put.as_mut().poll(cx) {
            return Poll::Ready(done.map_err(|Closed(value)| PutError::Closed(value)));
        }
        ready!(this.limit.poll(cx));
        // Without a value the put was accepted since it was polled.
        Poll::Ready(
            this.put
                .withdraw()
                .map_or(Ok(()), |value| Err(PutError::Elapsed(value))),
        )
    }
}

impl<T> fmt::Debug for PutFor<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutFor")
            .field("put", &self.put)
            .finish_non_exhaustive()
    }
}
