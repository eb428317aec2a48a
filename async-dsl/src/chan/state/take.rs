//! The operations of takes.

use super::{Answer, Got, Grant, State, Taking};
use crate::chan::effects::Effects;
use crate::commit::flag::Met;
use crate::commit::line::{Place, Seat};
use crate::commit::party::{Asks, Party};
use crate::runtime::note::Stamp;
use crate::runtime::place::At;

/// What to do with a reservation in line, whose value is still to come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Promises {
    /// Pass it over.
    Skip,
    /// Report it.
    See,
    /// Claim it.
    Meet,
}

impl<T> State<T> {
    /// Takes a value that can be had at once. Reservations are passed over.
    pub(in crate::chan) fn try_take(&mut self, fx: &mut Effects<T>) -> Answer<Option<T>> {
        self.offer(&Party::ASKS, Promises::Skip, fx)
    }

    /// Takes a value that can be had at once. A reservation that comes before one is reported, and not claimed.
    pub(in crate::chan) fn take_now(&mut self, fx: &mut Effects<T>) -> Answer<Option<T>> {
        self.offer(&Party::ASKS, Promises::See, fx)
    }

    /// Takes a value that can be had at once, or accepts the promise of a reservation; does not get in line.
    pub(in crate::chan) fn take_or_promise(
        &mut self,
        party: Party,
        at: At,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        match self.offer(&party, Promises::Meet, fx) {
            Answer::Promise(putter) => Answer::Wait(self.promised(putter, party, at, fx)),
            answer => {
                fx.keep(party);
                answer
            }
        }
    }

    /// Takes a value, or waits: promised one, or in line.
    pub(in crate::chan) fn take_or_wait(
        &mut self,
        asks: impl Asks,
        at: &At,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        match self.offer(asks.party(), Promises::Meet, fx) {
            Answer::Promise(putter) => {
                Answer::Wait(self.promised(putter, asks.into_party(), *at, fx))
            }
            Answer::NotNow => {
                let got = Got::Waiting(Stamp::now());
                Answer::Wait(self.takers.join(|| Taking {
                    party: asks.into_party(),
                    got,
                    at: *at,
                }))
            }
            answer => {
                fx.keep(asks.into_party());
                answer
            }
        }
    }

    /// As [`take_or_wait`](Self::take_or_wait), for an arm that is in line already.
    pub(in crate::chan) fn take_again(
        &mut self,
        party: Party,
        place: &Place,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        let answer = self.offer(&party, Promises::Meet, fx);
        fx.keep(party);
        if let Answer::Promise(putter) = answer {
            self.promise(place.seat());
            self.grant_partner(putter, place.seat(), fx);
            return Answer::NotNow;
        }
        answer
    }

    /// Adds a taker that has claimed a reservation: it is promised its value, and so not in line.
    fn promised(&mut self, putter: Seat, party: Party, at: At, fx: &mut Effects<T>) -> Place {
        let got = Got::Promised(Stamp::now());
        let place = self.takers.seat_apart(|| Taking { party, got, at });
        self.grant_partner(putter, place.seat(), fx);
        place
    }

    /// Grants a claimed reservation this taker.
    pub(super) fn grant_partner(&mut self, putter: Seat, taker: Seat, fx: &mut Effects<T>) {
        self.grant(putter, Grant::Partner(self.takers.ticket(taker)), fx);
    }

    /// What there is for a taker now. A promise is of a reservation, which is claimed if that was asked for.
    fn offer(
        &mut self,
        party: &Party,
        promises: Promises,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        // The value before the flag: a user's buffer may have none in spite of its length, and the flag would have been
        // won for nothing.
        if self.len() > 0 {
            if let Some((order, value)) = self.pop() {
                if !party.claim() {
                    self.returned.insert(order, value);
                    return Answer::Lost;
                }
                self.stats.takes += 1;
                self.users.took(self.stats.takes);
                self.settle(fx);
                return Answer::Done(Some(value));
            }
        }
        if self.store.is_rendezvous() && !self.closed {
            match self.meet_putter(party, promises, fx) {
                Answer::NotNow => {}
                met => return met,
            }
        }
        if let Some(seat) = self.with_a_stream() {
            if !party.claim() {
                return Answer::Lost;
            }
            return Answer::Done(Some(self.take_from_stream(seat, fx)));
        }
        if self.closed && self.out == 0 {
            return if party.claim() {
                Answer::Done(None)
            } else {
                Answer::Lost
            };
        }
        Answer::NotNow
    }

    /// Claims the first putter of a rendezvous that can be claimed.
    fn meet_putter(
        &mut self,
        party: &Party,
        promises: Promises,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        let mut next = self.putters.front();
        while let Some(seat) = next {
            next = self.putters.after(seat);
            let putting = self.putters.at(seat);
            let is_reservation = putting.is_reservation();
            match promises {
                Promises::Skip if is_reservation => continue,
                Promises::See if is_reservation => return Answer::Promise(seat),
                _ => {}
            }
            match Party::meet(party, &putting.party) {
                Met::FirstGone => return Answer::Lost,
                Met::SecondGone => {}
                Met::Both if is_reservation => return Answer::Promise(seat),
                Met::Both => {
                    let value = self.accept(seat, fx);
                    self.stats.puts += 1;
                    self.stats.takes += 1;
                    self.users.took(self.stats.takes);
                    return Answer::Done(Some(value));
                }
            }
        }
        Answer::NotNow
    }

    /// Takes `value` back from a taker that was served with it and is dropped.
    pub(in crate::chan) fn give_back(&mut self, order: u64, value: T, fx: &mut Effects<T>) {
        if let Some(seat) = self.claim_first_taker() {
            self.fill(seat, order, value, fx);
        } else {
            self.returned.insert(order, value);
        }
        self.no_longer_out();
        if self.closed {
            self.end_takers(fx);
        }
    }

    /// To be called when a taker has collected the value that it was served with; on a closed channel
    /// [`end_takers`](Self::end_takers) after it.
    pub(in crate::chan) fn collected(&mut self) {
        self.stats.takes += 1;
        self.users.took(self.stats.takes);
        self.no_longer_out();
    }

    /// Returns the stream that was served with the first value that no stream has collected yet, on a closed channel.
    /// Nothing says when it will be polled, so a taker that would have to wait for that gets the value.
    pub(super) fn with_a_stream(&self) -> Option<Seat> {
        if !self.closed || self.out == 0 {
            return None;
        }
        let lies =
            self.takers
                .apart()
                .filter_map(|(seat, taking)| match (&taking.party, &taking.got) {
                    (Party::Stream(_), Got::Value(order, _)) => Some((*order, seat)),
                    _ => None,
                });
        lies.min_by_key(|(order, _)| *order).map(|(_, seat)| seat)
    }

    /// Takes the value of [`with_a_stream`](Self::with_a_stream). The stream waits again, or gets the end.
    pub(super) fn take_from_stream(&mut self, seat: Seat, fx: &mut Effects<T>) -> T {
        let got = &mut self.takers.at_mut(seat).got;
        let Got::Value(_, value) = std::mem::replace(got, Got::Waiting(Stamp::now())) else {
            unreachable!("a value lies here")
        };
        self.takers.put_back(seat);
        self.collected();
        self.end_takers(fx); // a value lies with a stream only where the channel is closed
        value
    }
}
