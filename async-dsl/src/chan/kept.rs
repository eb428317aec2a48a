//! A take that stays in line when it has got its value: an arm of a choice that is made once and awaited many times.

use std::sync::Arc;
use std::task::Poll;

use super::Taker;
use super::effects::Effects;
use super::hint;
use super::state::{Answer, Got, State};
use super::take::TakeAct;
use super::wait::Wait;
use crate::commit::Attempted;
use crate::commit::flag::Flag;
use crate::commit::line::Place;
use crate::commit::party::Party;
use crate::runtime::note::Stamp;
use crate::runtime::place::At;

/// See the [module](self). `arm` is the number under which the flag knows it; each look at the channel says in the flag's
/// marks whether there is to be another.
#[derive(Debug)]
pub(crate) struct KeptTake<T> {
    taker: Taker<T>,
    arm: u32,
    wait: Wait,
}

impl<T> KeptTake<T> {
    pub(crate) const fn new(taker: Taker<T>, arm: u32) -> Self {
        Self {
            taker,
            arm,
            wait: Wait::new(),
        }
    }

    pub(crate) fn into_taker(self) -> Taker<T> {
        self.taker
    }

    /// Returns `false` only if a take could not be done at once.
    pub(crate) fn may_be_ready(&self) -> bool {
        self.taker.shared.may_take()
    }

    /// Takes what can be had at once. No partner can win the flag meanwhile, so nothing needs to be claimed.
    pub(crate) fn now(&mut self, flag: &Flag) -> Attempted<Option<T>> {
        self.look(flag, |state, _, fx| state.take_now(fx))
    }

    /// Takes what can be had at once or is promised, under the open flag, or gets in line.
    pub(crate) fn or_wait(&mut self, flag: &Arc<Flag>) -> Attempted<Option<T>> {
        let party = Party::Arm(Arc::clone(flag), self.arm);
        self.look(flag, |state, place, fx| match place {
            Some(place) => state.take_again(party, place, fx),
            None => state.take_or_wait(party, &At::UNKNOWN, fx), // where it parks is in the flag
        })
    }

    /// Attempts it, and goes to the end of the line if it got a value, or leaves the line of a channel that has ended.
    fn look(
        &mut self,
        flag: &Flag,
        attempt: impl FnOnce(&mut State<T>, Option<&Place>, &mut Effects<T>) -> Answer<Option<T>>,
    ) -> Attempted<Option<T>> {
        let Self { taker, arm, wait } = self;
        taker.shared.with(|state, fx| {
            let attempted = match attempt(state, wait.place(), fx) {
                Answer::Done(Some(value)) => {
                    if let Some(place) = wait.place() {
                        stay(state, place);
                    }
                    Attempted::Ready(Some(value))
                }
                Answer::Done(None) => {
                    if let Some(place) = wait.leave() {
                        fx.keep(state.takers.leave(place).party);
                    }
                    Attempted::Ready(None)
                }
                Answer::Wait(place) => {
                    wait.join(place);
                    Attempted::Idle
                }
                Answer::NotNow => Attempted::Idle,
                Answer::Promise(_) => Attempted::Partner,
                Answer::Lost => Attempted::Lost,
            };
            looked(state, wait, flag, *arm);
            attempted
        })
    }

    /// Returns the output after a partner has won the flag for this arm. Pending while that has only promised it.
    pub(crate) fn collect(&mut self, flag: &Flag) -> Poll<Option<T>> {
        let Self { taker, arm, wait } = self;
        taker.shared.with(|state, fx| {
            let Some(place) = wait.place() else {
                return Poll::Pending;
            };
            let taking = state.takers.at_mut(place.seat());
            if !taking.is_served() {
                return Poll::Pending;
            }
            let got = std::mem::replace(&mut taking.got, Got::Waiting(Stamp::now()));
            let output = if let Got::Value(_, value) = got {
                Some(value)
            } else {
                None
            };
            if !state.is_closed() {
                stay(state, place);
            } else if let Some(place) = wait.leave() {
                fx.keep(state.takers.leave(place).party);
            }
            if output.is_some() {
                state.collected();
                if state.is_closed() {
                    state.end_takers(fx);
                }
            }
            looked(state, wait, flag, *arm);
            Poll::Ready(output)
        })
    }

    /// Leaves the line. What it was served with goes to the next in line, or back.
    pub(crate) fn withdraw(&mut self, flag: &Flag) {
        self.wait.withdraw::<T, TakeAct>(&self.taker.shared);
        flag.marks().set(self.arm, true);
    }
}

/// The waiter goes to the end of the line, and waits from now on.
fn stay<T>(state: &mut State<T>, place: &Place) {
    state.takers.rejoin(place.seat());
}

/// To be called at the end of a look. An arm that is in no line has to be looked at again; and one in line if what was
/// left there may be had.
fn looked<T>(state: &State<T>, wait: &Wait, flag: &Flag, arm: u32) {
    let again = !wait.is_parked() || state.hint() & hint::TAKE != 0;
    flag.marks().set(arm, again);
}
