//! What takers and putters ask of a channel.

use std::task::Waker;

use super::{Given, Got, Grant, Putting, Reserved, Stage, State, Taken, Taking};
use crate::chan::effects::Effects;
use crate::commit::party::{Asker, Claim, Mode, Who};
use crate::runtime::note::Stamp;
use crate::runtime::place::At;

impl<T> State<T> {
    // ---- take ----

    /// `who` is left where it is unless it gets in line, so that it is never dropped under the lock.
    pub(in crate::chan) fn take(
        &mut self,
        asker: Asker<'_>,
        mode: Mode,
        who: &mut Option<Who>,
        at: At,
        fx: &mut Effects<T>,
    ) -> Taken<T> {
        // The value before the flag: a user's buffer may have none in spite of its length, and a flag won for it would
        // be won for ever.
        if self.len() > 0 {
            if let Some((order, value)) = self.pop() {
                if !asker.commit() {
                    self.returned.push_front((order, value));
                    return Taken::Lost;
                }
                self.stats.takes += 1;
                self.users.took(self.stats.takes);
                self.settle(fx);
                return Taken::Value(value);
            }
        }
        let mut partner = false;
        if self.store.is_rendezvous() && !self.closed {
            let mut next = self.putters.first();
            while let Some(key) = next {
                next = self.putters.after(key);
                let Some(putting) = self.putters.get(key) else {
                    break;
                };
                if putting.value.is_some() {
                    match asker.commit_with(&putting.who) {
                        Claim::AskerTaken => return Taken::Lost,
                        Claim::PartnerTaken => continue,
                        Claim::Won => {}
                    }
                    let Some(value) = self.accept(key, fx) else {
                        continue;
                    };
                    self.stats.takes += 1;
                    self.users.took(self.stats.takes);
                    return Taken::Value(value);
                }
                match &mode {
                    Mode::Sync => continue,
                    Mode::Now => {
                        partner = true;
                        break;
                    }
                    Mode::Promise | Mode::Park | Mode::Again(_) => {}
                }
                match asker.commit_with(&putting.who) {
                    Claim::AskerTaken => return Taken::Lost,
                    Claim::PartnerTaken => continue,
                    Claim::Won => {}
                }
                let taker = match mode {
                    Mode::Again(taker) => {
                        self.promise(taker);
                        taker
                    }
                    _ => match who.take() {
                        Some(who) => self.takers.insert(
                            Taking {
                                who,
                                got: Got::Promised(Stamp::now()),
                                at,
                            },
                            false,
                        ),
                        None => return Taken::Empty,
                    },
                };
                self.grant(key, Grant::Partner(taker), fx);
                return Taken::Parked(taker);
            }
        }
        if let Some(key) = self.with_a_stream() {
            if !asker.commit() {
                return Taken::Lost;
            }
            if let Some(value) = self.take_from_stream(key, fx) {
                return Taken::Value(value);
            }
        }
        if self.closed && self.out == 0 {
            return if asker.commit() {
                Taken::Closed
            } else {
                Taken::Lost
            };
        }
        match mode {
            Mode::Park if who.is_some() => {
                let got = Got::Waiting(Stamp::now()); // before `who` is moved, which it would keep from registers
                match who.take() {
                    Some(who) => Taken::Parked(self.takers.insert(Taking { who, got, at }, true)),
                    None => Taken::Empty,
                }
            }
            Mode::Again(key) => Taken::Parked(key),
            _ if partner => Taken::Partner,
            _ => Taken::Empty,
        }
    }

    /// A taker that was handed `value` went away without it.
    pub(in crate::chan) fn give_back(&mut self, order: u64, value: T, fx: &mut Effects<T>) {
        if let Some(key) = self.claim_first_taker() {
            self.fill(key, order, value, fx);
        } else {
            let place = self.returned.partition_point(|(other, _)| *other < order);
            self.returned.insert(place, (order, value));
        }
        self.no_longer_out(fx);
    }

    // ---- put ----

    pub(in crate::chan) fn put(
        &mut self,
        value: T,
        waker: &mut Option<Waker>,
        at: At,
        fx: &mut Effects<T>,
    ) -> Given<T> {
        if self.closed {
            return Given::Closed(value);
        }
        if self.putters.queued() > 0 {
            self.settle(fx);
        }
        let value = match self.hand_over(value, fx) {
            Ok(()) => {
                self.users.put(self.stats.puts);
                return Given::Accepted;
            }
            Err(value) => value,
        };
        // `settle` has let in everybody who came before and still waits.
        if self.has_room() {
            self.users.put(self.stats.puts + 1);
            self.push(value, fx);
            if self.takers.queued() > 0 {
                self.settle(fx);
            }
            return Given::Accepted;
        }
        match waker.take() {
            None => Given::Full(value),
            Some(waker) => {
                let who = Who::Task(Some(waker));
                let putting = Putting {
                    who,
                    value: Some(value),
                    stage: Stage::Waiting(Stamp::now()),
                    at,
                };
                Given::Parked(self.putters.insert(putting, true))
            }
        }
    }

    // ---- reserve ----

    pub(in crate::chan) fn reserve(
        &mut self,
        asker: Asker<'_>,
        mode: Mode,
        who: &mut Option<Who>,
        at: At,
        fx: &mut Effects<T>,
    ) -> Reserved {
        if self.closed {
            return if asker.commit() {
                Reserved::Closed
            } else {
                Reserved::Lost
            };
        }
        if self.store.is_rendezvous() {
            let mut next = self.takers.first();
            while let Some(key) = next {
                next = self.takers.after(key);
                let Some(taking) = self.takers.get(key) else {
                    break;
                };
                match asker.commit_with(&taking.who) {
                    Claim::AskerTaken => return Reserved::Lost,
                    Claim::PartnerTaken => continue,
                    Claim::Won => {}
                }
                self.promise(key);
                return Reserved::Granted(Grant::Partner(key));
            }
        } else {
            // This may serve the asker's own waiter; then `commit` fails, and the asker finds its grant.
            if self.putters.queued() > 0 {
                self.settle(fx);
            }
            if self.has_room() {
                if !asker.commit() {
                    return Reserved::Lost;
                }
                self.reserved += 1;
                return Reserved::Granted(Grant::Place);
            }
        }
        match (mode, who.take_if(|_| matches!(mode, Mode::Park))) {
            (_, Some(who)) => {
                let putting = Putting {
                    who,
                    value: None,
                    stage: Stage::Waiting(Stamp::now()),
                    at,
                };
                Reserved::Parked(self.putters.insert(putting, true))
            }
            (Mode::Again(key), _) => Reserved::Parked(key),
            _ => Reserved::Full,
        }
    }

    /// Keeps the promise of a grant.
    pub(in crate::chan) fn redeem(
        &mut self,
        grant: Grant,
        value: T,
        fx: &mut Effects<T>,
    ) -> Result<(), T> {
        match grant {
            Grant::Place => {
                self.reserved -= 1;
                if self.closed {
                    return Err(value);
                }
            }
            Grant::Partner(key) => {
                if matches!(
                    self.takers.get(key),
                    Some(Taking {
                        got: Got::Promised(_),
                        ..
                    })
                ) {
                    self.stats.puts += 1;
                    self.users.put(self.stats.puts);
                    self.fills += 1;
                    self.fill(key, self.fills, value, fx);
                    return Ok(());
                }
                if self.closed {
                    return Err(value);
                }
            }
        }
        self.users.put(self.stats.puts + 1);
        if let Err(value) = self.hand_over(value, fx) {
            if self.store.is_rendezvous() {
                // The taker went away after the promise: the value waits for the next one.
                self.stats.puts += 1;
                self.fills += 1;
                self.returned.push_back((self.fills, value));
            } else {
                self.push(value, fx);
            }
        }
        // A value that went past the buffer leaves the place it was granted to the next in line.
        self.settle(fx);
        Ok(())
    }

    /// Gives up a grant: the place is free again, the taker goes back to where it was in line.
    pub(in crate::chan) fn forfeit(&mut self, grant: Grant, fx: &mut Effects<T>) {
        match grant {
            Grant::Place => self.reserved -= 1,
            Grant::Partner(key) => self.break_promise(key, fx),
        }
        self.settle(fx);
    }
}
