//! Taking from a channel.

use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::effects::Effects;
use super::shared::Shared;
use super::state::{Answer, Got, State, Taking};
use super::wait::{Act, Arm, Wait, note_look};
use crate::commit::line::Place;
use crate::commit::party::{Asks, Party, Task};
use crate::commit::{Attempt, Attempted, Operation, Seen};
use crate::runtime::budget;
use crate::runtime::explore::access::Kind;
use crate::runtime::place::At;

/// A take, by the word or the call at this place.
#[derive(Debug)]
pub(super) struct TakeAct(At);

impl<T> Act<T> for TakeAct {
    type Output = Option<T>;

    const BEGINS: Kind = Kind::Take;

    fn begin(
        &mut self,
        state: &mut State<T>,
        asks: impl Asks,
        fx: &mut Effects<T>,
    ) -> (Place, bool) {
        state.begin_take(asks, self.0, fx)
    }

    fn collected(output: &Option<T>) -> Option<Kind> {
        Some(if output.is_some() {
            Kind::Collect
        } else {
            Kind::End
        })
    }

    #[inline]
    fn may(chan: &Shared<T>) -> bool {
        chan.may_take()
    }

    #[inline]
    fn now(&mut self, chan: &Shared<T>) -> Answer<Option<T>> {
        chan.take_or(State::take_now)
    }

    fn or_wait(
        &mut self,
        state: &mut State<T>,
        asks: impl Asks,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        state.take_or_wait(asks, &self.0, fx)
    }

    fn waiting<'a>(&self, state: &'a mut State<T>, place: &Place) -> Option<&'a mut Party> {
        let taking = state.takers.at_mut(place.seat());
        (!taking.is_served()).then_some(&mut taking.party)
    }

    #[inline]
    fn collect(
        &mut self,
        state: &mut State<T>,
        place: Place,
        left: &mut Option<Party>,
    ) -> Option<T> {
        let value = state.takers.leave_with(place, |Taking { party, got, .. }| {
            party.leave_unless_woken(left);
            match got {
                Got::Value(_, value) => Some(value),
                Got::Closed | Got::Waiting(_) | Got::Promised(_) => None,
            }
        });
        if value.is_some() {
            state.collected();
        }
        value
    }
}

impl<T> Arm<T> for TakeAct {
    fn or_promise(
        &mut self,
        state: &mut State<T>,
        party: Party,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        state.take_or_promise(party, self.0, fx)
    }

    fn again(
        &mut self,
        state: &mut State<T>,
        party: Party,
        place: &Place,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        state.take_again(party, place, fx)
    }

    fn give_up(state: &mut State<T>, place: Place, fx: &mut Effects<T>) {
        let taking = state.takers.leave(place);
        fx.keep(taking.party);
        if let Got::Value(order, value) = taking.got {
            state.give_back(order, value, fx);
        }
    }
}

/// A take that may be parked: that of a future, or that of a stream between two polls.
#[derive(Debug)]
pub(super) struct TakeState {
    wait: Wait,
    act: TakeAct,
}

impl TakeState {
    pub(super) const fn new(at: At) -> Self {
        Self {
            wait: Wait::new(),
            act: TakeAct(at),
        }
    }

    /// `asks` says who it is that has this waker.
    pub(super) fn poll<T, W: Asks>(
        &mut self,
        chan: &Shared<T>,
        cx: &mut Context<'_>,
        asks: impl FnOnce(Waker) -> W,
    ) -> Poll<Option<T>> {
        let wait = &self.wait;
        let go = ready!(budget::poll_begin(cx, || self.act.0, || wait.is_parked()));
        self.wait.poll(go, &mut self.act, chan, cx, asks)
    }

    const fn is_parked(&self) -> bool {
        self.wait.is_parked()
    }

    pub(super) fn withdraw<T>(&mut self, chan: &Shared<T>) {
        self.wait.withdraw::<T, TakeAct>(chan);
    }
}

pin_project! {
    /// The future of [`Chan::take`](super::Chan::take) and `take!`.
    ///
    /// Dropping it loses nothing: a value that was already handed to it goes to the next taker in line, or back.
    #[must_use = "a take does nothing unless it is awaited"]
    pub struct Take<'a, T> {
        chan: &'a Shared<T>,
        state: TakeState,
        // Keeps intrusive waiters possible.
        #[pin]
        _pinned: PhantomPinned,
    }

    impl<T> PinnedDrop for Take<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.state.withdraw(this.chan);
        }
    }
}

impl<'a, T> Take<'a, T> {
    pub(super) const fn new(chan: &'a Shared<T>, at: At) -> Self {
        Self {
            chan,
            state: TakeState::new(at),
            _pinned: PhantomPinned,
        }
    }
}

impl<T> Future for Take<'_, T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.state.poll(this.chan, cx, Task)
    }
}

impl<T> Operation for Take<'_, T> {
    type Output = Option<T>;

    fn attempt(self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        let this = self.project();
        let TakeState { wait, act } = this.state;
        wait.attempt(act, this.chan, attempt)
    }

    fn attempt_unpinned(&mut self) -> Option<Attempted<Self::Output>> {
        let TakeState { wait, act } = &mut self.state;
        Some(wait.attempt_now(act, self.chan))
    }

    fn collect(self: Pin<&mut Self>) -> Poll<Self::Output> {
        let this = self.project();
        let TakeState { wait, act } = this.state;
        let looked = wait.look(act, this.chan, None);
        if this.chan.object().is_explored() {
            note_look::<T, TakeAct>(this.chan, &looked);
        }
        looked
    }

    fn withdraw(self: Pin<&mut Self>) {
        let this = self.project();
        this.state.withdraw(this.chan);
    }

    fn end(self: Pin<&mut Self>) -> Poll<Option<T>> {
        let this = self.project();
        let TakeState { wait, act } = this.state;
        wait.end(act, this.chan)
    }

    fn may_be_ready(&self) -> bool {
        self.state.is_parked() || self.chan.may_take()
    }

    fn at(&self) -> At {
        self.state.act.0
    }

    fn seen(&self) -> Option<Seen> {
        Some(self.chan.seen(false))
    }
}

impl<T> fmt::Debug for Take<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Take")
            .field("at", &self.state.act.0)
            .finish_non_exhaustive()
    }
}
