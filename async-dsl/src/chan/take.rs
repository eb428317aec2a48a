//! Taking from a channel.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use super::look::{Look, look};
use super::shared::Shared;
use super::state::{Got, Taken};
use crate::commit::line::Key;
use crate::commit::party::{Asker, Mode, Who};
use crate::commit::{Attempt, Attempted, Operation};
use crate::runtime::place::At;
use crate::runtime::{budget, note};

/// The place of one take in a channel's line, if it has one.
#[derive(Debug)]
pub(super) struct TakeState {
    key: Option<Key>,
    at: At,
}

impl TakeState {
    pub(super) const fn new(at: At) -> Self {
        Self { key: None, at }
    }

    /// `who` makes the waiter.
    pub(super) fn poll<T>(
        &mut self,
        chan: &Shared<T>,
        cx: &mut Context<'_>,
        who: fn(Option<Waker>) -> Who,
    ) -> Poll<Option<T>> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        if self.key.is_none() {
            match chan.with(|state, fx| state.take(Asker::Free, Mode::Now, &mut None, self.at, fx))
            {
                Taken::Value(value) => return Poll::Ready(Some(value)),
                Taken::Closed => return Poll::Ready(None),
                Taken::Empty | Taken::Partner | Taken::Parked(_) | Taken::Lost => {}
            }
            let mut who = Some(who(Some(cx.waker().clone())));
            return match chan
                .with(|state, fx| state.take(Asker::Free, Mode::Park, &mut who, self.at, fx))
            {
                Taken::Value(value) => Poll::Ready(Some(value)),
                Taken::Closed => Poll::Ready(None),
                Taken::Parked(key) => {
                    self.key = Some(key);
                    note::in_line();
                    Poll::Pending
                }
                Taken::Empty | Taken::Partner | Taken::Lost => Poll::Pending,
            };
        }
        self.collect(chan, Some(cx))
    }

    /// Looks whether the waiter has been served.
    fn collect<T>(&mut self, chan: &Shared<T>, cx: Option<&Context<'_>>) -> Poll<Option<T>> {
        let Some(key) = self.key else {
            return Poll::Pending;
        };
        let value = ready!(look(chan, cx, |state, fx, keep| {
            match state.takers.get_mut(key) {
                Some(taking) if matches!(taking.got, Got::Waiting(_) | Got::Promised(_)) => {
                    keep(&mut taking.who)
                }
                _ => match state.takers.remove(key).map(|taking| taking.got) {
                    Some(Got::Value(_, value)) => {
                        state.collected(fx);
                        Look::Done(Some(value))
                    }
                    _ => Look::Done(None),
                },
            }
        }));
        self.key = None;
        Poll::Ready(value)
    }

    fn attempt<T>(&mut self, chan: &Shared<T>, attempt: &Attempt<'_, '_>) -> Attempted<Option<T>> {
        let (mode, mut who) = attempt.mode(self.key);
        match chan.with(|state, fx| state.take(attempt.asker(), mode, &mut who, self.at, fx)) {
            Taken::Value(value) => {
                self.withdraw(chan);
                Attempted::Ready(Some(value))
            }
            Taken::Closed => {
                self.withdraw(chan);
                Attempted::Ready(None)
            }
            Taken::Parked(key) => {
                self.key = Some(key);
                Attempted::Idle
            }
            Taken::Empty => Attempted::Idle,
            Taken::Partner => Attempted::Partner,
            Taken::Lost => Attempted::Lost,
        }
    }

    /// Leaves the line, unless it was served: then what it was served.
    fn end<T>(&mut self, chan: &Shared<T>) -> Poll<Option<T>> {
        let Some(key) = self.key.take() else {
            return Poll::Pending;
        };
        // The waiter, with its waker, is dropped after the lock is released.
        let taking = chan.with(|state, fx| {
            let taking = state.takers.remove(key)?;
            if matches!(taking.got, Got::Value(..)) {
                state.collected(fx);
            }
            Some(taking)
        });
        match taking.map(|taking| taking.got) {
            Some(Got::Value(_, value)) => Poll::Ready(Some(value)),
            Some(Got::Closed) => Poll::Ready(None),
            Some(Got::Waiting(_) | Got::Promised(_)) | None => Poll::Pending,
        }
    }

    /// Leaves the line. A value that was handed over goes to the next in line.
    pub(super) fn withdraw<T>(&mut self, chan: &Shared<T>) {
        if let Some(key) = self.key.take() {
            // The waiter, with its waker, is dropped after the lock is released.
            let _waiter = chan.with(|state, fx| {
                let mut taking = state.takers.remove(key)?;
                match std::mem::replace(&mut taking.got, Got::Closed) {
                    Got::Value(order, value) => state.give_back(order, value, fx),
                    other => taking.got = other,
                }
                Some(taking)
            });
        }
    }
}

/// The future of [`Chan::take`](super::Chan::take) and `take!`.
///
/// Dropping it loses nothing: a value that was already handed to it goes to the next taker in line.
#[must_use = "a take does nothing unless it is awaited"]
pub struct Take<'a, T> {
    chan: &'a Shared<T>,
    state: TakeState,
}

impl<'a, T> Take<'a, T> {
    pub(super) fn new(chan: &'a Shared<T>, at: At) -> Self {
        Self {
            chan,
            state: TakeState::new(at),
        }
    }
}

impl<T> Future for Take<'_, T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let chan = self.chan;
        self.state.poll(chan, cx, Who::Task)
    }
}

impl<T> Operation for Take<'_, T> {
    type Output = Option<T>;

    fn attempt(&mut self, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        self.state.attempt(self.chan, attempt)
    }

    fn collect(&mut self) -> Poll<Self::Output> {
        self.state.collect(self.chan, None)
    }

    fn withdraw(&mut self) {
        self.state.withdraw(self.chan);
    }

    fn end(&mut self) -> Poll<Option<T>> {
        self.state.end(self.chan)
    }

    fn at(&self) -> At {
        self.state.at
    }
}

impl<T> Drop for Take<'_, T> {
    fn drop(&mut self) {
        self.state.withdraw(self.chan);
    }
}

impl<T> fmt::Debug for Take<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Take")
            .field("at", &self.state.at)
            .finish_non_exhaustive()
    }
}
