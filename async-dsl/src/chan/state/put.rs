//! The operations of puts, reservations and permits.

use super::{Answer, Got, Grant, Putting, Stage, State};
use crate::chan::effects::Effects;
use crate::chan::error::{Closed, TryPutError};
use crate::commit::flag::Met;
use crate::commit::line::{Place, Seat};
use crate::commit::party::{Asks, Party};
use crate::runtime::note::Stamp;
use crate::runtime::place::At;

impl<T> State<T> {
    /// Puts `value`, if that can be done at once.
    pub(in crate::chan) fn put_now(
        &mut self,
        value: T,
        fx: &mut Effects<T>,
    ) -> Result<(), TryPutError<T>> {
        if self.closed {
            return Err(TryPutError::Closed(value));
        }
        if self.putters.queued() > 0 {
            self.settle(fx);
        }
        let Err(value) = self.hand_over(value, fx) else {
            self.users.put(self.stats.puts);
            return Ok(());
        };
        // `settle` has let in every putter that came before, as far as there is room.
        if !self.has_room() {
            return Err(TryPutError::Full(value));
        }
        self.users.put(self.stats.puts + 1);
        self.push(value, fx);
        if self.takers.queued() > 0 {
            self.settle(fx);
        }
        Ok(())
    }

    /// Puts `value`, or gets in line with it.
    pub(in crate::chan) fn put_or_wait(
        &mut self,
        value: T,
        asks: impl Asks,
        at: &At,
        fx: &mut Effects<T>,
    ) -> Answer<Result<(), Closed<T>>> {
        let done = match self.put_now(value, fx) {
            Ok(()) => Ok(()),
            Err(TryPutError::Closed(value)) => Err(Closed(value)),
            Err(TryPutError::Full(value)) => {
                let since = Stamp::now();
                return Answer::Wait(self.putters.join(|| Putting {
                    party: asks.into_party(),
                    stage: Stage::Put(since, value),
                    at: *at,
                }));
            }
        };
        fx.keep(asks.into_party());
        Answer::Done(done)
    }

    /// Reserves a place, or a taker of a rendezvous, if that can be done at once; `None` is a closed channel.
    pub(in crate::chan) fn reserve_now(
        &mut self,
        party: &Party,
        fx: &mut Effects<T>,
    ) -> Answer<Option<Grant>> {
        if self.closed {
            return if party.claim() {
                Answer::Done(None)
            } else {
                Answer::Lost
            };
        }
        if self.store.is_rendezvous() {
            return self.meet_taker(party);
        }
        // This may serve the caller's own waiter; then `claim` fails, and the caller collects that grant.
        if self.putters.queued() > 0 {
            self.settle(fx);
        }
        if !self.has_room() {
            return Answer::NotNow;
        }
        if !party.claim() {
            return Answer::Lost;
        }
        self.reserve();
        Answer::Done(Some(Grant::Place))
    }

    /// Reserves, or gets in line.
    pub(in crate::chan) fn reserve_or_wait(
        &mut self,
        asks: impl Asks,
        at: &At,
        fx: &mut Effects<T>,
    ) -> Answer<Option<Grant>> {
        let answer = self.reserve_now(asks.party(), fx);
        if matches!(answer, Answer::NotNow) {
            let stage = Stage::Reserve(Stamp::now());
            return Answer::Wait(self.putters.join(|| Putting {
                party: asks.into_party(),
                stage,
                at: *at,
            }));
        }
        fx.keep(asks.into_party());
        answer
    }

    /// Claims the first taker of a rendezvous that can be claimed, and promises it a value.
    fn meet_taker(&mut self, party: &Party) -> Answer<Option<Grant>> {
        let mut next = self.takers.front();
        while let Some(seat) = next {
            next = self.takers.after(seat);
            match Party::meet(party, &self.takers.at(seat).party) {
                Met::FirstGone => return Answer::Lost,
                Met::SecondGone => {}
                Met::Both => {
                    self.promise(seat);
                    return Answer::Done(Some(Grant::Partner(self.takers.ticket(seat))));
                }
            }
        }
        self.takers.none_claimed();
        Answer::NotNow
    }

    /// Puts the value of a grant.
    ///
    /// # Errors
    ///
    /// The value, if the channel is closed.
    pub(in crate::chan) fn redeem(
        &mut self,
        grant: Grant,
        value: T,
        fx: &mut Effects<T>,
    ) -> Result<(), T> {
        match grant {
            Grant::Place => self.reserved -= 1,
            Grant::Partner(ticket) => {
                let promised = self.takers.find(ticket);
                if let Some(seat) = promised.filter(|seat| self.is_promised(*seat)) {
                    self.stats.puts += 1;
                    self.users.put(self.stats.puts);
                    self.fills += 1;
                    self.fill(seat, self.fills, value, fx);
                    return Ok(());
                }
            }
        }
        if self.closed {
            return Err(value);
        }
        self.users.put(self.stats.puts + 1);
        if let Err(value) = self.hand_over(value, fx) {
            if self.store.is_rendezvous() {
                // The taker left after the promise: the value is stored for the next one.
                self.stats.puts += 1;
                self.fills += 1;
                self.returned.insert(self.fills, value);
            } else {
                self.push(value, fx);
            }
        }
        // A value that went past the buffer leaves the place that was granted for it to the next putter in line.
        self.settle(fx);
        Ok(())
    }

    /// Gives a grant back: the place is free again, the taker returns to its position in line.
    pub(in crate::chan) fn forfeit(&mut self, grant: Grant, fx: &mut Effects<T>) {
        match grant {
            Grant::Place => self.reserved -= 1,
            Grant::Partner(ticket) => {
                if let Some(seat) = self.takers.find(ticket) {
                    self.break_promise(seat, fx);
                }
            }
        }
        self.settle(fx);
    }

    fn is_promised(&self, seat: Seat) -> bool {
        matches!(self.takers.at(seat).got, Got::Promised(_))
    }

    /// Removes the put of this turn from the slab, unless it was accepted. Returns its value and its party.
    pub(in crate::chan) fn leave_put(&mut self, place: Place, turn: u64) -> Option<(T, Party)> {
        if turn < self.accepted {
            return None;
        }
        let Putting { party, stage, .. } = self.putters.leave(place);
        match stage {
            Stage::Put(_, value) | Stage::Refused(value) => Some((value, party)),
            Stage::Reserve(_) | Stage::Granted(_) | Stage::Watches | Stage::Closed => None,
        }
    }
}
