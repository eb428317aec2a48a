//! Operations where every schedule is explored: what is ready at once is kept as a served waiter keeps it, until the next turn.

use super::{Got, Putting, Stage, State, Taking};
use crate::chan::effects::Effects;
use crate::chan::error::TryPutError;
use crate::commit::line::Place;
use crate::commit::party::Asks;
use crate::runtime::note::Stamp;
use crate::runtime::place::At;

/// The turn of a put that was accepted at once.
const ACCEPTED: u64 = 0;

impl<T> State<T> {
    /// A take gets in line, and is served there if that can be done now. Returns whether it was.
    pub(in crate::chan) fn begin_take(
        &mut self,
        asks: impl Asks,
        at: At,
        fx: &mut Effects<T>,
    ) -> (Place, bool) {
        if let Some(seat) = self.with_a_stream() {
            let order = match &self.takers.at(seat).got {
                Got::Value(order, _) => *order,
                _ => unreachable!("a value lies here"),
            };
            let value = self.take_from_stream(seat, fx);
            self.out += 1;
            let party = asks.into_party();
            let got = Got::Value(order, value);
            return (self.takers.seat_apart(|| Taking { party, got, at }), true);
        }
        let got = Got::Waiting(Stamp::now());
        let place = self.takers.join(|| Taking {
            party: asks.into_party(),
            got,
            at,
        });
        self.settle(fx);
        if self.closed {
            self.end_takers(fx);
        }
        let is_served = self.takers.at(place.seat()).is_served();
        (place, is_served)
    }

    /// A put is done, or gets in line. Returns its turn too.
    pub(in crate::chan) fn begin_put(
        &mut self,
        value: T,
        asks: impl Asks,
        at: At,
        fx: &mut Effects<T>,
    ) -> (Place, u64, bool) {
        let (stage, is_done) = match self.put_now(value, fx) {
            Ok(()) => {
                fx.keep(asks.into_party());
                return (Place::nowhere(), ACCEPTED, true);
            }
            Err(TryPutError::Closed(value)) => (Stage::Refused(value), true),
            Err(TryPutError::Full(value)) => (Stage::Put(Stamp::now(), value), false),
        };
        let place = self.seat_putting(asks, stage, at, is_done);
        let turn = self.putters.turn(place.seat());
        (place, turn, is_done)
    }

    /// A reservation is granted, or gets in line.
    pub(in crate::chan) fn begin_reserve(
        &mut self,
        asks: impl Asks,
        at: At,
        fx: &mut Effects<T>,
    ) -> (Place, bool) {
        let answer = self.reserve_now(asks.party(), fx);
        let (stage, is_done) = match answer {
            super::Answer::Done(Some(grant)) => (Stage::Granted(grant), true),
            super::Answer::Done(None) => (Stage::Closed, true),
            _ => (Stage::Reserve(Stamp::now()), false),
        };
        (self.seat_putting(asks, stage, at, is_done), is_done)
    }

    /// Beside the line, if it is done already.
    fn seat_putting(&mut self, asks: impl Asks, stage: Stage<T>, at: At, is_done: bool) -> Place {
        let waiter = || Putting {
            party: asks.into_party(),
            stage,
            at,
        };
        if is_done {
            self.putters.seat_apart(waiter)
        } else {
            self.putters.join(waiter)
        }
    }
}
