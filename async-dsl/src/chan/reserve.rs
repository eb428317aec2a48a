//! Reserving a place in a channel, and filling it later.

use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::effects::Effects;
use super::error::Closed;
use super::shared::Shared;
use super::state::{Answer, Grant, Putting, Stage, State};
use super::wait::{Act, Arm, Wait, reserves};
use crate::commit::line::Place;
use crate::commit::party::{Asks, Party, Task};
use crate::commit::{Attempt, Attempted, Operation, Seen};
use crate::runtime::budget;
use crate::runtime::explore::access::Kind;
use crate::runtime::place::At;

/// A reservation, by the word or the call at this place. `None` is a closed channel.
#[derive(Clone, Copy)]
struct ReserveAct(At);

/// Removes the waiter. Returns what it was granted, and its party.
fn leave<T>(state: &mut State<T>, place: Place) -> (Option<Grant>, Party) {
    let Putting { party, stage, .. } = state.putters.leave(place);
    let grant = match stage {
        Stage::Granted(grant) => Some(grant),
        _ => None,
    };
    (grant, party)
}

impl<T> Act<T> for ReserveAct {
    type Output = Option<Grant>;

    const BEGINS: Kind = Kind::Arm;

    fn begin(
        &mut self,
        state: &mut State<T>,
        asks: impl Asks,
        fx: &mut Effects<T>,
    ) -> (Place, bool) {
        state.begin_reserve(asks, self.0, fx)
    }

    fn collected(_: &Option<Grant>) -> Option<Kind> {
        None
    }

    #[inline]
    fn may(chan: &Shared<T>) -> bool {
        chan.should_try_put()
    }

    fn now(&mut self, chan: &Shared<T>) -> Answer<Option<Grant>> {
        chan.with(|state, fx| state.reserve_now(&Party::ASKS, fx))
    }

    fn or_wait(
        &mut self,
        state: &mut State<T>,
        asks: impl Asks,
        fx: &mut Effects<T>,
    ) -> Answer<Option<Grant>> {
        state.reserve_or_wait(asks, &self.0, fx)
    }

    fn waiting<'a>(&self, state: &'a mut State<T>, place: &Place) -> Option<&'a mut Party> {
        let putting = state.putters.at_mut(place.seat());
        putting.stage.waits().map(|_| &mut putting.party)
    }

    fn collect(
        &mut self,
        state: &mut State<T>,
        place: Place,
        left: &mut Option<Party>,
    ) -> Option<Grant> {
        let (grant, party) = leave(state, place);
        *left = Some(party);
        grant
    }
}

impl<T> Arm<T> for ReserveAct {
    /// A reservation accepts no promises: it is the side that promises.
    fn or_promise(
        &mut self,
        state: &mut State<T>,
        party: Party,
        fx: &mut Effects<T>,
    ) -> Answer<Option<Grant>> {
        let answer = state.reserve_now(&party, fx);
        fx.keep(party);
        answer
    }

    fn again(
        &mut self,
        state: &mut State<T>,
        party: Party,
        _: &Place,
        fx: &mut Effects<T>,
    ) -> Answer<Option<Grant>> {
        <Self as Arm<T>>::or_promise(self, state, party, fx)
    }

    fn give_up(state: &mut State<T>, place: Place, fx: &mut Effects<T>) {
        let (grant, party) = leave(state, place);
        fx.keep(party);
        if let Some(grant) = grant {
            state.forfeit(grant, fx);
        }
    }
}

/// A reservation that may be parked: that of a future, or that of a sink between two polls.
#[derive(Debug)]
pub(super) struct ReserveState {
    wait: Wait,
    at: At,
}

impl ReserveState {
    pub(super) const fn new(at: At) -> Self {
        let wait = Wait::new();
        Self { wait, at }
    }

    /// Returns `None` if the channel is closed.
    pub(super) fn poll<T>(
        &mut self,
        chan: &Shared<T>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Grant>> {
        let wait = &self.wait;
        let go = ready!(budget::poll_begin(cx, || self.at, || wait.is_parked()));
        self.wait.poll(go, &mut ReserveAct(self.at), chan, cx, Task)
    }

    const fn is_parked(&self) -> bool {
        self.wait.is_parked()
    }

    /// Leaves the line. A grant that was not collected is given back.
    pub(super) fn withdraw<T>(&mut self, chan: &Shared<T>) {
        self.wait.withdraw::<T, ReserveAct>(chan);
    }
}

pin_project! {
    /// The future of [`Chan::reserve`](super::Chan::reserve), and a put arm of [`alt!`](crate::alt!).
    ///
    /// Dropping it loses nothing: it holds no value, and a place that it was granted goes to the next putter in line.
    #[must_use = "a reservation does nothing unless it is awaited"]
    pub struct Reserve<'a, T> {
        chan: &'a Arc<Shared<T>>,
        state: ReserveState,
        // Keeps intrusive waiters possible.
        #[pin]
        _pinned: PhantomPinned,
    }

    impl<T> PinnedDrop for Reserve<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.state.withdraw(this.chan);
        }
    }
}

impl<'a, T> Reserve<'a, T> {
    pub(super) const fn new(chan: &'a Arc<Shared<T>>, at: At) -> Self {
        Self {
            chan,
            state: ReserveState::new(at),
            _pinned: PhantomPinned,
        }
    }
}

impl<T> Future for Reserve<'_, T> {
    type Output = Permit<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let granted = this.state.poll(this.chan, cx);
        granted.map(|grant| Permit::new(this.chan, grant))
    }
}

impl<T> Operation for Reserve<'_, T> {
    type Output = Permit<T>;

    fn attempt(self: Pin<&mut Self>, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        let this = self.project();
        let ReserveState { wait, at } = this.state;
        let attempted = wait.attempt(&mut ReserveAct(*at), this.chan, attempt);
        attempted.map(|grant| Permit::new(this.chan, grant))
    }

    fn attempt_unpinned(&mut self) -> Option<Attempted<Self::Output>> {
        let act = &mut ReserveAct(self.state.at);
        let attempted = self.state.wait.attempt_now(act, self.chan);
        Some(attempted.map(|grant| Permit::new(self.chan, grant)))
    }

    fn collect(self: Pin<&mut Self>) -> Poll<Self::Output> {
        let this = self.project();
        let granted = this
            .state
            .wait
            .look(&mut ReserveAct(this.state.at), this.chan, None);
        granted.map(|grant| Permit::new(this.chan, grant))
    }

    fn withdraw(self: Pin<&mut Self>) {
        let this = self.project();
        this.state.withdraw(this.chan);
    }

    fn may_be_ready(&self) -> bool {
        self.state.is_parked() || self.chan.may_put()
    }

    fn at(&self) -> At {
        self.state.at
    }

    fn seen(&self) -> Option<Seen> {
        reserves(self.chan);
        Some(self.chan.seen(true))
    }
}

impl<T> fmt::Debug for Reserve<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve")
            .field("at", &self.state.at)
            .finish_non_exhaustive()
    }
}

/// A reserved place in a channel, or at a rendezvous a taker that waits for this value. On a closed channel,
/// [`put`](Self::put) returns the value as an error.
///
/// Put soon: at a rendezvous the taker waits for this value and no other; if it is an `alt!`, only its promises, tasks
/// and timers can still win.
///
/// Dropping it gives the place to the next putter in line, and returns the taker to its position in line.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async {
///     let c = chan::fixed(1);
///     drop(c.reserve().await); // the place is free again
///     c.reserve().await.put(1).unwrap();
///     assert_eq!(c.take().await, Some(1));
/// });
/// ```
#[must_use = "dropping a permit gives the reserved place back"]
pub struct Permit<T> {
    chan: Arc<Shared<T>>,
    grant: Option<Grant>,
}

impl<T> Permit<T> {
    fn new(chan: &Arc<Shared<T>>, grant: Option<Grant>) -> Self {
        Self {
            chan: Arc::clone(chan),
            grant,
        }
    }

    /// Puts the value. It never parks.
    ///
    /// # Errors
    ///
    /// [`Closed`] with the value if the channel was closed, before the reservation or since.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async {
    ///     let c = chan::fixed(1);
    ///     let permit = c.reserve().await;
    ///     c.close();
    ///     assert_eq!(permit.put(1), Err(Closed(1)));
    /// });
    /// ```
    pub fn put(mut self, value: T) -> Result<(), Closed<T>> {
        match self.grant.take() {
            None => Err(Closed(value)),
            Some(grant) => self
                .chan
                .with(|state, fx| state.redeem(grant, value, fx))
                .map_err(Closed),
        }
    }
}

impl<T> Drop for Permit<T> {
    fn drop(&mut self) {
        if let Some(grant) = self.grant.take() {
            self.chan.with(|state, fx| state.forfeit(grant, fx));
        }
    }
}

impl<T> fmt::Debug for Permit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("granted", &self.grant.is_some())
            .finish_non_exhaustive()
    }
}
