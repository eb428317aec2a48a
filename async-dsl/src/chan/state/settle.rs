//! The steps that bring values, takers and putters together.

use super::{Got, Grant, State};
use crate::chan::buffer::Discard;
use crate::chan::effects::Effects;
use crate::commit::flag::Met;
use crate::commit::line::Seat;
use crate::commit::party::Party;

impl<T> State<T> {
    /// Removes the next value, and returns it with its number in the order of values. A user's buffer may have none
    /// although its length is not 0.
    pub(super) fn pop(&mut self) -> Option<(u64, T)> {
        if let Some(returned) = self.returned.pop() {
            return Some(returned);
        }
        let value = self.store.pop()?;
        self.fills += 1;
        Some((self.fills, value))
    }

    /// Returns whether one more value is accepted. Values handed back and places granted take room too.
    pub(super) fn has_room(&self) -> bool {
        self.store
            .has_room(self.returned.len() + self.reserved as usize)
    }

    pub(super) fn reserve(&mut self) {
        let reserved = self.reserved.checked_add(1);
        self.reserved = reserved.expect("4 294 967 295 permits would fill a hundred gigabytes");
    }

    /// Adds a value to the buffer. The caller settles after that, if takers are in line.
    pub(super) fn push(&mut self, value: T, fx: &mut Effects<T>) {
        self.stats.puts += 1;
        match self.store.push(value) {
            Discard::Nothing => {}
            Discard::Gone => self.stats.discarded += 1,
            Discard::One(value) => {
                self.stats.discarded += 1;
                fx.discard(value);
            }
        }
        let len = self.len();
        self.stats.high_water = self.stats.high_water.max(len);
        if self.store.warns(len) {
            fx.warn(len);
        }
    }

    /// Serves the first taker in line with a value, if that may go past the buffer. Otherwise returns the value.
    pub(super) fn hand_over(&mut self, value: T, fx: &mut Effects<T>) -> Result<(), T> {
        if self.takers.queued() == 0 || !self.store.may_bypass() || self.len() > 0 {
            return Err(value);
        }
        let Some(seat) = self.claim_first_taker() else {
            return Err(value);
        };
        self.stats.puts += 1;
        self.fills += 1;
        self.fill(seat, self.fills, value, fx);
        Ok(())
    }

    /// Claims the first taker that can be claimed, and removes it from the line.
    pub(super) fn claim_first_taker(&mut self) -> Option<Seat> {
        let mut next = self.takers.front();
        while let Some(seat) = next {
            if self.takers.at(seat).party.claim() {
                self.takers.unlink(seat);
                return Some(seat);
            }
            next = self.takers.after(seat);
        }
        self.takers.none_claimed();
        None
    }

    /// Serves a claimed taker with a value.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "a call costs as much as what it does, once a message"
    )]
    pub(super) fn fill(&mut self, seat: Seat, order: u64, value: T, fx: &mut Effects<T>) {
        let taking = self.takers.at_mut(seat);
        fx.wake(taking.serve(|| Got::Value(order, value), &mut self.longest_wait));
        self.out += 1;
    }

    /// Promises a claimed taker a value that is still to come.
    pub(super) fn promise(&mut self, seat: Seat) {
        self.takers.unlink(seat);
        let taking = self.takers.at_mut(seat);
        if let Got::Waiting(stamp) = taking.got {
            taking.got = Got::Promised(stamp);
        }
    }

    /// Returns a taker whose promise was not kept to its position in line.
    pub(super) fn break_promise(&mut self, seat: Seat, fx: &mut Effects<T>) {
        let taking = self.takers.at_mut(seat);
        if let Got::Promised(stamp) = taking.got {
            taking.got = Got::Waiting(stamp);
            self.unclaim(seat, fx);
        }
    }

    /// Breaks all promises: a closed channel keeps none.
    pub(super) fn break_promises(&mut self, fx: &mut Effects<T>) {
        // Only at a rendezvous is a taker promised anything: elsewhere a reservation is granted a place.
        if self.store.is_rendezvous() {
            let apart: Vec<Seat> = self.takers.apart().map(|(seat, _)| seat).collect();
            for seat in apart {
                self.break_promise(seat, fx);
            }
        }
    }

    /// Ends the takers in line of a closed channel, unless a value that was handed out may still come back for them.
    /// An arm that was passed over when a value was stored may be in line with its flag open again: it gets that value.
    pub(in crate::chan) fn end_takers(&mut self, fx: &mut Effects<T>) {
        while self.out == 0 || self.len() > 0 {
            let Some(seat) = self.claim_first_taker() else {
                break;
            };
            match self.pop() {
                Some((order, value)) => self.fill(seat, order, value, fx),
                None if self.out > 0 => return self.unclaim(seat, fx),
                None => {
                    let taking = self.takers.at_mut(seat);
                    taking.got = Got::Closed;
                    fx.wake(taking.party.take_waker());
                }
            }
        }
    }

    /// To be called when a taker that was handed a value has collected it, or given it back, and on a closed channel that
    /// [may end others](Self::end_takers).
    pub(super) const fn no_longer_out(&mut self) {
        self.out -= 1;
    }

    /// Takes the value out of a claimed put. The caller counts it.
    pub(super) fn accept(&mut self, seat: Seat, fx: &mut Effects<T>) -> T {
        self.accepted = self.putters.turn(seat) + 1;
        let longest_wait = &mut self.longest_wait;
        let (value, waker) = self
            .putters
            .remove(seat, |putting| putting.accept(longest_wait));
        fx.wake(waker);
        value
    }

    pub(super) fn grant(&mut self, seat: Seat, grant: Grant, fx: &mut Effects<T>) {
        self.putters.unlink(seat);
        let putting = self.putters.at_mut(seat);
        fx.wake(putting.grant(grant, &mut self.longest_wait));
    }

    /// Serves every waiter that can be served: takers with stored values, putters with room, both with each other at a
    /// rendezvous.
    pub(super) fn settle(&mut self, fx: &mut Effects<T>) {
        while self.step(fx) {}
    }

    fn step(&mut self, fx: &mut Effects<T>) -> bool {
        if self.takers.queued() > 0 && self.len() > 0 {
            if let Some(seat) = self.claim_first_taker() {
                match self.pop() {
                    Some((order, value)) => {
                        self.fill(seat, order, value, fx);
                        return true;
                    }
                    None => self.unclaim(seat, fx),
                }
            }
        }
        if self.putters.queued() == 0 || self.closed {
            return false;
        }
        if self.store.is_rendezvous() {
            self.takers.queued() > 0 && self.meet(fx)
        } else {
            self.admit(fx)
        }
    }

    /// Returns a taker that was claimed in vain to its position in line.
    fn unclaim(&mut self, seat: Seat, fx: &mut Effects<T>) {
        fx.wake(self.takers.at(seat).party.release());
        self.takers.put_back(seat);
    }

    /// Serves the first putter that can be claimed, if there is room: accepts its value, or grants it a place.
    fn admit(&mut self, fx: &mut Effects<T>) -> bool {
        if !self.has_room() {
            return false;
        }
        let mut next = self.putters.front();
        while let Some(seat) = next {
            next = self.putters.after(seat);
            let putting = self.putters.at(seat);
            if !putting.party.claim() {
                continue;
            }
            if putting.is_reservation() {
                self.reserve();
                self.grant(seat, Grant::Place, fx);
            } else {
                let value = self.accept(seat, fx);
                self.push(value, fx);
            }
            return true;
        }
        false
    }

    /// Claims one putter and one taker in line of a rendezvous for each other. Returns whether there were two such.
    fn meet(&mut self, fx: &mut Effects<T>) -> bool {
        let mut next = self.putters.front();
        while let Some(putter) = next {
            next = self.putters.after(putter);
            let putting = self.putters.at(putter);
            let mut taker = self.takers.front();
            while let Some(seat) = taker {
                taker = self.takers.after(seat);
                match Party::meet(&putting.party, &self.takers.at(seat).party) {
                    Met::FirstGone => break,
                    Met::SecondGone => continue,
                    Met::Both => {}
                }
                let is_reservation = putting.is_reservation();
                self.promise(seat);
                if is_reservation {
                    self.grant_partner(putter, seat, fx);
                } else {
                    let value = self.accept(putter, fx);
                    self.stats.puts += 1;
                    self.fills += 1;
                    self.fill(seat, self.fills, value, fx);
                }
                return true;
            }
            if !putting.party.is_arm() {
                return false; // it needs no claim, so no taker can be claimed: nor for those behind it
            }
        }
        false
    }
}
