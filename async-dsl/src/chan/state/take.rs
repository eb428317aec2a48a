//! What takers ask of a channel.

use super::{Answer, Got, Grant, State, Taking};
use crate::chan::effects::Effects;
use crate::commit::flag::Met;
use crate::commit::line::{Place, Seat};
use crate::commit::party::Party;
use crate::runtime::note::Stamp;
use crate::runtime::place::At;

/// What to do about a reservation in line, whose value is still to come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Promises {
    /// Pass it over.
    Skip,
    /// Say that there is one.
    See,
    /// Claim it.
    Meet,
}

/// What there is for a taker.
enum Offer<T> {
    Value(T),
    /// A reservation, which is claimed if that was asked for.
    Promise(Seat),
    Closed,
    Nothing,
    /// The taker was won by another arm.
    Lost,
}

impl<T> State<T> {
    /// Takes what is there already.
    pub(in crate::chan) fn try_take(&mut self, fx: &mut Effects<T>) -> Answer<Option<T>> {
        answer(self.offer(&Party::ASKS, Promises::Skip, fx))
    }

    /// Takes what can be had at once. A reservation in front is said, and left as it is.
    pub(in crate::chan) fn take_now(&mut self, fx: &mut Effects<T>) -> Answer<Option<T>> {
        answer(self.offer(&Party::ASKS, Promises::See, fx))
    }

    /// The same for a party that accepts the promise of a reservation, but does not get in line.
    pub(in crate::chan) fn take_or_promise(
        &mut self,
        party: Party,
        at: At,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        match self.offer(&party, Promises::Meet, fx) {
            Offer::Promise(putter) => Answer::Wait(self.promised(putter, party, at, fx)),
            offer => {
                fx.keep(party);
                answer(offer)
            }
        }
    }

    /// Takes, or waits: promised a value, or in line.
    pub(in crate::chan) fn take_or_wait(
        &mut self,
        party: Party,
        at: At,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        match self.offer(&party, Promises::Meet, fx) {
            Offer::Promise(putter) => Answer::Wait(self.promised(putter, party, at, fx)),
            Offer::Nothing => {
                let got = Got::Waiting(Stamp::now()); // before `party` is moved, which it would keep from registers
                Answer::Wait(self.takers.join(Taking { party, got, at }))
            }
            offer => {
                fx.keep(party);
                answer(offer)
            }
        }
    }

    /// The same for an arm that is in line already.
    pub(in crate::chan) fn take_again(
        &mut self,
        party: Party,
        place: &Place,
        fx: &mut Effects<T>,
    ) -> Answer<Option<T>> {
        let offer = self.offer(&party, Promises::Meet, fx);
        fx.keep(party);
        if let Offer::Promise(putter) = offer {
            self.promise(place.seat());
            self.grant_partner(putter, place.seat(), fx);
            return Answer::NotNow;
        }
        answer(offer)
    }

    /// Seats a taker apart that has met a reservation.
    fn promised(&mut self, putter: Seat, party: Party, at: At, fx: &mut Effects<T>) -> Place {
        let got = Got::Promised(Stamp::now());
        let place = self.takers.seat_apart(Taking { party, got, at });
        self.grant_partner(putter, place.seat(), fx);
        place
    }

    /// A claimed reservation gets its taker.
    pub(super) fn grant_partner(&mut self, putter: Seat, taker: Seat, fx: &mut Effects<T>) {
        self.grant(putter, Grant::Partner(self.takers.ticket(taker)), fx);
    }

    fn offer(&mut self, party: &Party, promises: Promises, fx: &mut Effects<T>) -> Offer<T> {
        // The value before the flag: a user's buffer may have none in spite of its length, and a flag won for it would
        // be won for ever.
        if self.len() > 0 {
            if let Some((order, value)) = self.pop() {
                if !party.claim() {
                    self.returned.push_front((order, value));
                    return Offer::Lost;
                }
                self.stats.takes += 1;
                self.users.took(self.stats.takes);
                self.settle(fx);
                return Offer::Value(value);
            }
        }
        if self.store.is_rendezvous() && !self.closed {
            match self.meet_putter(party, promises, fx) {
                Offer::Nothing => {}
                met => return met,
            }
        }
        if let Some(seat) = self.with_a_stream() {
            if !party.claim() {
                return Offer::Lost;
            }
            return Offer::Value(self.take_from_stream(seat, fx));
        }
        if self.closed && self.out == 0 {
            return if party.claim() {
                Offer::Closed
            } else {
                Offer::Lost
            };
        }
        Offer::Nothing
    }

    /// The first putter of a rendezvous that can be met.
    fn meet_putter(&mut self, party: &Party, promises: Promises, fx: &mut Effects<T>) -> Offer<T> {
        let mut next = self.putters.front();
        while let Some(seat) = next {
            next = self.putters.after(seat);
            let putting = self.putters.at(seat);
            let is_reservation = putting.is_reservation();
            match promises {
                Promises::Skip if is_reservation => continue,
                Promises::See if is_reservation => return Offer::Promise(seat),
                _ => {}
            }
            match Party::meet(party, &putting.party) {
                Met::FirstGone => return Offer::Lost,
                Met::SecondGone => {}
                Met::Both if is_reservation => return Offer::Promise(seat),
                Met::Both => {
                    let value = self.accept(seat, fx);
                    self.stats.puts += 1;
                    self.stats.takes += 1;
                    self.users.took(self.stats.takes);
                    return Offer::Value(value);
                }
            }
        }
        Offer::Nothing
    }

    /// A taker that was handed `value` went away without it.
    pub(in crate::chan) fn give_back(&mut self, order: u64, value: T, fx: &mut Effects<T>) {
        if let Some(seat) = self.claim_first_taker() {
            self.fill(seat, order, value, fx);
        } else {
            let place = self.returned.partition_point(|(other, _)| *other < order);
            self.returned.insert(place, (order, value));
        }
        self.no_longer_out(fx);
    }

    /// A taker has collected the value that it was handed.
    pub(in crate::chan) fn collected(&mut self, fx: &mut Effects<T>) {
        self.stats.takes += 1;
        self.users.took(self.stats.takes);
        self.no_longer_out(fx);
    }

    /// Of a closed channel: the first value that lies with a stream. Nobody can say when the stream will be polled, so a
    /// taker that would have to wait for that gets it.
    fn with_a_stream(&self) -> Option<Seat> {
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

    /// Takes the value of [`with_a_stream`](Self::with_a_stream). The stream waits again, or hears of the end.
    fn take_from_stream(&mut self, seat: Seat, fx: &mut Effects<T>) -> T {
        let got = &mut self.takers.at_mut(seat).got;
        let Got::Value(_, value) = std::mem::replace(got, Got::Waiting(Stamp::now())) else {
            unreachable!("a value lies here")
        };
        self.takers.put_back(seat);
        self.collected(fx);
        value
    }
}

/// What is said to a taker that has no part in an offer.
fn answer<T>(offer: Offer<T>) -> Answer<Option<T>> {
    match offer {
        Offer::Value(value) => Answer::Done(Some(value)),
        Offer::Closed => Answer::Done(None),
        Offer::Promise(_) => Answer::Promise,
        Offer::Nothing => Answer::NotNow,
        Offer::Lost => Answer::Lost,
    }
}
