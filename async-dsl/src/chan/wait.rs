//! An operation that may have to wait in a channel's line: tried, parked, checked, collected, withdrawn.

use std::task::{Context, Poll, Waker};

use super::effects::Effects;
use super::shared::Shared;
use super::state::{Answer, State};
use crate::commit::line::Place;
use crate::commit::party::{Asks, Party};
use crate::commit::{Attempt, Attempted, Depth};
use crate::runtime::explore::Go;
use crate::runtime::explore::access::{Form, Kind};
use crate::runtime::{note, simulated};

/// A take, a put or a reservation. The methods that get the state run under the channel's lock.
pub(super) trait Act<T> {
    type Output;

    /// How a search through all schedules knows its begin.
    const BEGINS: Kind;

    /// As [`or_wait`](Self::or_wait), where every schedule is explored: what is ready is kept in a waiter that is served.
    /// Returns whether it is.
    fn begin(
        &mut self,
        state: &mut State<T>,
        asks: impl Asks,
        fx: &mut Effects<T>,
    ) -> (Place, bool);

    /// How a search through all schedules knows that this output was collected, if it matters.
    fn collected(output: &Self::Output) -> Option<Kind>;

    /// Returns whether the act may be done at once, as far as that can be said without a lock: should it be tried before
    /// its waker is cloned?
    fn may(chan: &Shared<T>) -> bool;

    /// Does the act, if that can be done at once. This one locks the channel itself.
    fn now(&mut self, chan: &Shared<T>) -> Answer<Self::Output>;

    /// Does the act, or gets in line.
    fn or_wait(
        &mut self,
        state: &mut State<T>,
        asks: impl Asks,
        fx: &mut Effects<T>,
    ) -> Answer<Self::Output>;

    /// Returns the output of a waiter that was served and removed, if that can be known without the lock.
    #[inline]
    fn told(&self, _: &Shared<T>) -> Option<Self::Output> {
        None
    }

    /// Returns the party of a waiter that is not served yet.
    fn waiting<'a>(&self, state: &'a mut State<T>, place: &Place) -> Option<&'a mut Party>;

    /// Removes a waiter that was served. Returns its output, and leaves its party, if anything of it is to be dropped once
    /// the lock is released. In a section of [`Shared::collect`].
    fn collect(
        &mut self,
        state: &mut State<T>,
        place: Place,
        left: &mut Option<Party>,
    ) -> Self::Output;
}

/// An act that can be an arm of an `alt!`.
pub(super) trait Arm<T>: Act<T> {
    /// Does the act under a flag, if that can be done at once, or accepts the promise of a partner. It does not get in
    /// line.
    fn or_promise(
        &mut self,
        state: &mut State<T>,
        party: Party,
        fx: &mut Effects<T>,
    ) -> Answer<Self::Output>;

    /// As [`or_wait`](Act::or_wait), for an arm that is in line already.
    fn again(
        &mut self,
        state: &mut State<T>,
        party: Party,
        place: &Place,
        fx: &mut Effects<T>,
    ) -> Answer<Self::Output>;

    /// Removes a waiter, whether or not it was served. What it was served with goes to the next in line, or back.
    fn give_up(state: &mut State<T>, place: Place, fx: &mut Effects<T>);
}

/// The place of an act's waiter, while it has one.
#[derive(Debug, Default)]
pub(super) struct Wait(Option<Place>);

impl Wait {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    /// Returns whether it has a waiter, in line or served.
    pub(super) const fn is_parked(&self) -> bool {
        self.0.is_some()
    }

    /// Returns the place of the waiter.
    pub(super) const fn place(&self) -> Option<&Place> {
        self.0.as_ref()
    }

    /// To be called by one that got in line, and has no waiter yet.
    pub(super) fn join(&mut self, place: Place) {
        self.0 = Some(place);
    }

    /// Returns the place, for the caller to remove the waiter.
    pub(super) const fn leave(&mut self) -> Option<Place> {
        self.0.take()
    }

    /// Does the act, or parks. `asks` says who it is that has this waker.
    #[inline]
    pub(super) fn poll<T, A: Act<T>, W: Asks>(
        &mut self,
        go: Go,
        act: &mut A,
        chan: &Shared<T>,
        cx: &Context<'_>,
        asks: impl FnOnce(Waker) -> W,
    ) -> Poll<A::Output> {
        if go != Go::Free {
            return self.poll_explored(go, act, chan, cx, asks);
        }
        if self.0.is_some() {
            return self.look(act, chan, Some(cx));
        }
        // Where it will have to wait, it locks once.
        if A::may(chan) {
            if let Answer::Done(output) = act.now(chan) {
                return Poll::Ready(output);
            }
        }
        // Cloned outside the lock: the clone of a waker is foreign code.
        let asks = asks(cx.waker().clone());
        match chan.with_noted(|state, fx| act.or_wait(state, asks, fx)) {
            Answer::Done(output) => Poll::Ready(output),
            Answer::Wait(place) => {
                self.0 = Some(place);
                note::in_line();
                Poll::Pending
            }
            Answer::NotNow | Answer::Promise(_) | Answer::Lost => {
                unreachable!("a task gets what it asks for, or waits")
            }
        }
    }

    /// The same where every schedule is explored.
    #[cold]
    #[inline(never)]
    fn poll_explored<T, A: Act<T>, W: Asks>(
        &mut self,
        go: Go,
        act: &mut A,
        chan: &Shared<T>,
        cx: &Context<'_>,
        asks: impl FnOnce(Waker) -> W,
    ) -> Poll<A::Output> {
        if self.0.is_some() {
            let looked = self.look(act, chan, Some(cx));
            note_look::<T, A>(chan, &looked);
            return looked;
        }
        simulated::begins(go == Go::Begins);
        note_begin::<T, A>(chan);
        let asks = asks(cx.waker().clone());
        let (place, is_served) = chan.with_noted(|state, fx| act.begin(state, asks, fx));
        self.0 = Some(place);
        if is_served {
            simulated::defer(cx);
        } else {
            note::in_line();
        }
        Poll::Pending
    }

    /// Returns the output if the waiter was served. If not, makes sure that it will wake the task of `cx`; without `cx`
    /// it keeps its waker.
    pub(super) fn look<T, A: Act<T>>(
        &mut self,
        act: &mut A,
        chan: &Shared<T>,
        cx: Option<&Context<'_>>,
    ) -> Poll<A::Output> {
        if let Some(output) = act.told(chan) {
            self.0 = None;
            return Poll::Ready(output);
        }
        let mut fresh: Option<Waker> = None;
        let mut left = None;
        loop {
            let mut place = self.0.take();
            let looked = chan.collect(|state| {
                let here = place.take()?;
                let Some(party) = act.waiting(state, &here) else {
                    return Some(Look::Served(act.collect(state, here, &mut left)));
                };
                place = Some(here);
                let Some((cx, waker)) = cx.zip(party.waker_mut()) else {
                    return Some(Look::Waits(None));
                };
                if waker.as_ref().is_some_and(|old| old.will_wake(cx.waker())) {
                    return Some(Look::Waits(None));
                }
                match fresh.take() {
                    None => Some(Look::NeedsWaker),
                    fresh => Some(Look::Waits(std::mem::replace(waker, fresh))),
                }
            });
            self.0 = place;
            match looked {
                Some(Look::Served(output)) => return Poll::Ready(output),
                Some(Look::Waits(_old)) => {
                    note::in_line();
                    return Poll::Pending;
                }
                Some(Look::NeedsWaker) => fresh = cx.map(|cx| cx.waker().clone()),
                None => return Poll::Pending,
            }
        }
    }

    /// Attempts the act as an arm of an `alt!`.
    pub(super) fn attempt<T, A: Arm<T>>(
        &mut self,
        act: &mut A,
        chan: &Shared<T>,
        attempt: &Attempt<'_, '_>,
    ) -> Attempted<A::Output> {
        let answer = match (attempt.depth(), &self.0) {
            (Depth::Now, _) => return self.attempt_now(act, chan),
            (Depth::Begin(flag), _) => {
                let party = attempt.party(flag);
                let (place, _) = chan.with_noted(|state, fx| act.begin(state, party, fx));
                Answer::Wait(place)
            }
            (Depth::Promise(flag), _) => {
                let party = attempt.party(flag);
                chan.with_noted(|state, fx| act.or_promise(state, party, fx))
            }
            (Depth::Park(flag), None) => {
                let party = attempt.party(flag);
                chan.with_noted(|state, fx| act.or_wait(state, party, fx))
            }
            (Depth::Park(flag), Some(place)) => {
                let party = attempt.party(flag);
                chan.with_noted(|state, fx| act.again(state, party, place, fx))
            }
        };
        self.attempted::<T, A>(answer, chan)
    }

    /// Attempts the act as an arm of an `alt!` that no partner can see.
    pub(super) fn attempt_now<T, A: Arm<T>>(
        &mut self,
        act: &mut A,
        chan: &Shared<T>,
    ) -> Attempted<A::Output> {
        let answer = act.now(chan);
        self.attempted::<T, A>(answer, chan)
    }

    fn attempted<T, A: Arm<T>>(
        &mut self,
        answer: Answer<A::Output>,
        chan: &Shared<T>,
    ) -> Attempted<A::Output> {
        match answer {
            Answer::Done(output) => {
                self.withdraw::<T, A>(chan);
                Attempted::Ready(output)
            }
            Answer::Wait(place) => {
                self.0 = Some(place);
                Attempted::Idle
            }
            Answer::NotNow => Attempted::Idle,
            Answer::Promise(_) => Attempted::Partner,
            Answer::Lost => Attempted::Lost,
        }
    }

    /// Removes the waiter. What it was served with goes to the next in line, or back.
    pub(super) fn withdraw<T, A: Arm<T>>(&mut self, chan: &Shared<T>) {
        if let Some(place) = self.0.take() {
            chan.with(|state, fx| A::give_up(state, place, fx));
        }
    }

    /// Removes the waiter. Returns the output if it was served. Both in one critical section.
    pub(super) fn end<T, A: Arm<T>>(&mut self, act: &mut A, chan: &Shared<T>) -> Poll<A::Output> {
        let Some(place) = self.0.take() else {
            return Poll::Pending;
        };
        chan.with(|state, fx| {
            if act.waiting(state, &place).is_some() {
                A::give_up(state, place, fx);
                return Poll::Pending;
            }
            let mut left = None;
            let output = act.collect(state, place, &mut left);
            fx.keep(left);
            if state.is_closed() {
                state.end_takers(fx);
            }
            Poll::Ready(output)
        })
    }
}

/// The running step begins the act on this channel.
#[cold]
fn note_begin<T, A: Act<T>>(chan: &Shared<T>) {
    chan.touch(A::BEGINS);
    if A::BEGINS == Kind::Arm {
        reserves(chan);
    }
}

/// A place is reserved: it lets a later put reach a taker before an earlier one.
#[cold]
pub(super) fn reserves<T>(chan: &Shared<T>) {
    if chan.form() == Form::Fixed {
        chan.object().watch();
    }
}

/// The running step has looked for what the waiter was served with.
#[cold]
#[inline(never)]
pub(super) fn note_look<T, A: Act<T>>(chan: &Shared<T>, looked: &Poll<A::Output>) {
    match looked {
        Poll::Ready(output) if chan.object().has_served() => {
            if let Some(how) = A::collected(output) {
                chan.touch(how);
            }
        }
        // What it finds is not what it was woken for: it could have come before that.
        _ => chan.touch(Kind::Any),
    }
}

/// What [`Wait::look`] found.
enum Look<R> {
    Served(R),
    /// With the waker that was replaced, to be dropped once the lock is released.
    Waits(#[allow(dead_code, reason = "carried out of the lock to be dropped")] Option<Waker>),
    /// It has the waker of another task: look again, with a clone of this one's.
    NeedsWaker,
}
