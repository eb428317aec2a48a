//! The steps by which values, takers and putters move on.

use std::collections::VecDeque;

use super::{Got, Grant, Stage, State, Taking};
use crate::chan::buffer::{Discard, KEEP};
use crate::chan::effects::Effects;
use crate::commit::line::Key;
use crate::commit::party::{Asker, Claim, Who};
use crate::runtime::note::Stamp;

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
        let Some(key) = self.claim_first_taker() else {
            return Err(value);
        };
        self.stats.puts += 1;
        self.fills += 1;
        self.fill(key, self.fills, value, fx);
        Ok(())
    }

    /// Takes the first taker that can be claimed out of line.
    pub(super) fn claim_first_taker(&mut self) -> Option<Key> {
        let mut next = self.takers.first();
        while let Some(key) = next {
            if self.takers.get(key)?.who.claim() {
                self.takers.unlink(key);
                return Some(key);
            }
            next = self.takers.after(key);
        }
        None
    }

    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "a call costs as much as what it does, once a message"
    )]
    pub(super) fn fill(&mut self, key: Key, order: u64, value: T, fx: &mut Effects<T>) {
        if let Some(taking) = self.takers.get_mut(key) {
            if let Got::Waiting(stamp) | Got::Promised(stamp) = taking.got {
                stamp.raise(&mut self.longest_wait);
            }
            taking.got = Got::Value(order, value);
            self.out += 1;
            fx.wake(taking.who.take_waker());
        }
    }

    pub(super) fn promise(&mut self, key: Key) {
        self.takers.unlink(key);
        if let Some(taking) = self.takers.get_mut(key) {
            taking.got.promise();
        }
    }

    /// Puts a taker whose promise was not kept back to where it was in line, unless it has gone.
    pub(super) fn break_promise(&mut self, key: Key, fx: &mut Effects<T>) {
        if let Some(taking) = self.takers.get_mut(key) {
            if let Got::Promised(stamp) = taking.got {
                taking.got = Got::Waiting(stamp);
                self.unclaim(key, fx);
            }
        }
    }

    /// The same for all of them: a closed channel keeps no promise.
    pub(super) fn break_promises(&mut self, fx: &mut Effects<T>) {
        // Others than a rendezvous promise places, not values.
        if self.store.is_rendezvous() {
            for key in self.takers.apart() {
                self.break_promise(key, fx);
            }
        }
    }

    /// Tells the takers in line that the channel is closed, unless a value that was handed out may still come back for them.
    /// An arm that was passed over when a value was stored may be in line and open again: it gets that value.
    pub(super) fn end_takers(&mut self, fx: &mut Effects<T>) {
        while self.out == 0 || self.len() > 0 {
            let Some(key) = self.claim_first_taker() else {
                break;
            };
            match self.pop() {
                Some((order, value)) => self.fill(key, order, value, fx),
                None if self.out > 0 => return self.unclaim(key, fx),
                None => {
                    if let Some(taking) = self.takers.get_mut(key) {
                        taking.got = Got::Closed;
                        fx.wake(taking.who.take_waker());
                    }
                }
            }
        }
    }

    /// A taker has collected the value that it was handed.
    pub(in crate::chan) fn collected(&mut self, fx: &mut Effects<T>) {
        self.stats.takes += 1;
        self.users.took(self.stats.takes);
        self.no_longer_out(fx);
    }

    /// A value that was handed to a taker is its own for good, or has gone back.
    pub(super) fn no_longer_out(&mut self, fx: &mut Effects<T>) {
        self.out -= 1;
        if self.closed {
            self.end_takers(fx);
        }
    }

    /// Of a closed channel: a value that lies with a stream. Nobody can say when the stream will be polled, so a taker that
    /// would have to wait for that gets it.
    pub(super) fn with_a_stream(&self) -> Option<Key> {
        if !self.closed || self.out == 0 {
            return None;
        }
        let lies = |taking: &Taking<T>| match (&taking.who, &taking.got) {
            (Who::Stream(_), Got::Value(order, _)) => Some(*order),
            _ => None,
        };
        let found = self.takers.apart().into_iter();
        let found = found.filter_map(|key| Some((lies(self.takers.get(key)?)?, key)));
        found.min_by_key(|(order, _)| *order).map(|(_, key)| key)
    }

    /// Takes the value of [`with_a_stream`](Self::with_a_stream). The stream waits again, or hears of the end.
    pub(super) fn take_from_stream(&mut self, key: Key, fx: &mut Effects<T>) -> Option<T> {
        let taking = self.takers.get_mut(key)?;
        let got = std::mem::replace(&mut taking.got, Got::Waiting(Stamp::now()));
        let Got::Value(_, value) = got else {
            taking.got = got;
            return None;
        };
        self.takers.relink(key);
        self.collected(fx);
        Some(value)
    }

    /// Takes the value of a claimed put.
    pub(super) fn accept(&mut self, key: Key, fx: &mut Effects<T>) -> Option<T> {
        self.putters.unlink(key);
        let putting = self.putters.get_mut(key)?;
        fx.wake(putting.serve(Stage::Accepted, &mut self.longest_wait));
        self.stats.puts += 1;
        putting.value.take()
    }

    pub(super) fn grant(&mut self, key: Key, grant: Grant, fx: &mut Effects<T>) {
        self.putters.unlink(key);
        if let Some(putting) = self.putters.get_mut(key) {
            fx.wake(putting.serve(Stage::Granted(grant), &mut self.longest_wait));
        }
    }

    /// Moves everything on that can move: stored values to takers, putters into the buffer, putters to
    /// takers at a rendezvous.
    pub(super) fn settle(&mut self, fx: &mut Effects<T>) {
        while self.step(fx) {}
    }

    pub(super) fn step(&mut self, fx: &mut Effects<T>) -> bool {
        if self.takers.queued() > 0 && self.len() > 0 {
            if let Some(key) = self.claim_first_taker() {
                match self.pop() {
                    Some((order, value)) => {
                        self.fill(key, order, value, fx);
                        return true;
                    }
                    None => self.unclaim(key, fx),
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
    pub(super) fn unclaim(&mut self, key: Key, fx: &mut Effects<T>) {
        if let Some(Taking {
            who: Who::Arm(selection, _),
            ..
        }) = self.takers.get(key)
        {
            fx.wake(selection.release());
        }
        self.takers.relink(key);
    }

    /// Lets the first putter into the buffer, if there is room.
    pub(super) fn admit(&mut self, fx: &mut Effects<T>) -> bool {
        if !self.has_room() {
            return false;
        }
        let mut next = self.putters.first();
        while let Some(key) = next {
            next = self.putters.after(key);
            let Some(putting) = self.putters.get(key) else {
                break;
            };
            if !putting.who.claim() {
                continue;
            }
            if putting.value.is_none() {
                self.reserved += 1;
                self.grant(key, Grant::Place, fx);
            } else if let Some(value) = self.accept(key, fx) {
                self.stats.puts -= 1; // `push` counts it
                self.push(value, fx);
            }
            return true;
        }
        false
    }

    /// Brings one putter and one taker together that both wait.
    pub(super) fn meet(&mut self, fx: &mut Effects<T>) -> bool {
        let mut next = self.putters.first();
        while let Some(key) = next {
            next = self.putters.after(key);
            let mut taker = self.takers.first();
            while let Some(other) = taker {
                taker = self.takers.after(other);
                let (Some(putting), Some(taking)) = (self.putters.get(key), self.takers.get(other))
                else {
                    return false;
                };
                let asker = match &putting.who {
                    Who::Task(_) | Who::Stream(_) => Asker::Free,
                    Who::Arm(selection, arm) => Asker::Arm(selection, *arm),
                };
                match asker.commit_with(&taking.who) {
                    Claim::AskerTaken => break,
                    Claim::PartnerTaken => continue,
                    Claim::Won => {}
                }
                self.promise(other);
                if self.putters.get(key).is_some_and(|it| it.value.is_some()) {
                    if let Some(value) = self.accept(key, fx) {
                        self.fills += 1;
                        self.fill(other, self.fills, value, fx);
                    }
                } else {
                    self.grant(key, Grant::Partner(other), fx);
                }
                return true;
            }
            if self.putters.get(key).is_some_and(|it| !it.who.is_arm()) {
                return false; // free to meet anybody, and met nobody: neither will those behind it
            }
        }
        false
    }
}
