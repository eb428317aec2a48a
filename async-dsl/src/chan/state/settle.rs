//! The steps by which values, takers and putters move on.

use std::collections::VecDeque;

use super::{Got, Grant, State};
use crate::chan::buffer::{Discard, KEEP};
use crate::chan::effects::Effects;
use crate::commit::flag::Met;
use crate::commit::line::Seat;
use crate::commit::party::Party;

impl<T> State<T> {
    /// The next value and its place in the order of values. A user's buffer that said it had one may have none.
    pub(super) fn pop(&mut self) -> Option<(u64, T)> {
        if let Some(returned) = self.returned.pop_front() {
            if self.returned.is_empty() && self.returned.capacity() > KEEP {
                self.returned = VecDeque::new();
            }
            return Some(returned);
        }
        let value = self.store.pop()?;
        self.fills += 1;
        Some((self.fills, value))
    }

    /// Whether one more value is accepted. Values that were handed back and places that are granted take room too.
    pub(super) fn has_room(&self) -> bool {
        self.store.has_room(self.returned.len() + self.reserved)
    }

    /// Adds a value to the buffer; `settle` lets takers know.
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
        if self.store.is_unbounded() && len >= self.warn_at {
            fx.warn(len);
            self.warn_at = len.saturating_mul(2);
        }
    }

    /// Hands a value straight to the first taker in line, if it may go past the buffer.
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

    /// Takes the first taker that can be claimed out of line.
    pub(super) fn claim_first_taker(&mut self) -> Option<Seat> {
        let mut next = self.takers.front();
        while let Some(seat) = next {
            if self.takers.at(seat).party.claim() {
                self.takers.unlink(seat);
                return Some(seat);
            }
            next = self.takers.after(seat);
        }
        None
    }

    /// Hands a value to a taker that was claimed.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "a call costs as much as what it does, once a message"
    )]
    pub(super) fn fill(&mut self, seat: Seat, order: u64, value: T, fx: &mut Effects<T>) {
        let taking = self.takers.at_mut(seat);
        fx.wake(taking.serve(Got::Value(order, value), &mut self.longest_wait));
        self.out += 1;
    }

    /// A taker that was claimed waits for a value that is still to come.
    pub(super) fn promise(&mut self, seat: Seat) {
        self.takers.unlink(seat);
        let taking = self.takers.at_mut(seat);
        if let Got::Waiting(stamp) = taking.got {
            taking.got = Got::Promised(stamp);
        }
    }

    /// Puts a taker whose promise was not kept back to where it was in line.
    pub(super) fn break_promise(&mut self, seat: Seat, fx: &mut Effects<T>) {
        let taking = self.takers.at_mut(seat);
        if let Got::Promised(stamp) = taking.got {
            taking.got = Got::Waiting(stamp);
            self.unclaim(seat, fx);
        }
    }

    /// The same for all of them: a closed channel keeps no promise.
    pub(super) fn break_promises(&mut self, fx: &mut Effects<T>) {
        // Others than a rendezvous promise places, not values.
        if self.store.is_rendezvous() {
            let apart: Vec<Seat> = self.takers.apart().map(|(seat, _)| seat).collect();
            for seat in apart {
                self.break_promise(seat, fx);
            }
        }
    }

    /// Tells the takers in line that the channel is closed, unless a value that was handed out may still come back for them.
    /// An arm that was passed over when a value was stored may be in line and open again: it gets that value.
    pub(super) fn end_takers(&mut self, fx: &mut Effects<T>) {
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

    /// A value that was handed to a taker is its own for good, or has gone back.
    pub(super) fn no_longer_out(&mut self, fx: &mut Effects<T>) {
        self.out -= 1;
        if self.closed {
            self.end_takers(fx);
        }
    }

    /// Takes the value of a claimed put. Whoever gets it counts it.
    pub(super) fn accept(&mut self, seat: Seat, fx: &mut Effects<T>) -> T {
        self.putters.unlink(seat);
        let (value, waker) = self.putters.at_mut(seat).accept(&mut self.longest_wait);
        fx.wake(waker);
        value
    }

    pub(super) fn grant(&mut self, seat: Seat, grant: Grant, fx: &mut Effects<T>) {
        self.putters.unlink(seat);
        let putting = self.putters.at_mut(seat);
        fx.wake(putting.grant(grant, &mut self.longest_wait));
    }

    /// Moves everything on that can move: stored values to takers, putters into the buffer, putters to
    /// takers at a rendezvous.
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

    /// A taker that was claimed in vain goes back to where it was in line.
    fn unclaim(&mut self, seat: Seat, fx: &mut Effects<T>) {
        fx.wake(self.takers.at(seat).party.release());
        self.takers.put_back(seat);
    }

    /// Lets the first putter into the buffer, if there is room.
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
                self.reserved += 1;
                self.grant(seat, Grant::Place, fx);
            } else {
                let value = self.accept(seat, fx);
                self.push(value, fx);
            }
            return true;
        }
        false
    }

    /// Brings one putter and one taker together that both wait.
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
                return false; // free to meet anybody, and met nobody: neither will those behind it
            }
        }
        false
    }
}
