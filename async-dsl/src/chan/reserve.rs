//! Reserving a place in a channel, and filling it later.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::error::Closed;
use super::look::{Look, look};
use super::shared::Shared;
use super::state::{Grant, Reserved, Stage};
use crate::commit::line::Key;
use crate::commit::party::{Asker, Mode, Who};
use crate::commit::{Attempt, Attempted, Operation};
use crate::runtime::place::At;
use crate::runtime::{budget, note};

/// The place of one reservation in a channel's line, if it has one.
#[derive(Debug)]
pub(super) struct ReserveState {
    key: Option<Key>,
    at: At,
}

impl ReserveState {
    pub(super) const fn new(at: At) -> Self {
        Self { key: None, at }
    }

    /// `None` is a closed channel.
    pub(super) fn poll<T>(
        &mut self,
        chan: &Shared<T>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Grant>> {
        ready!(budget::poll_proceed_at(cx, || self.at));
        if self.key.is_some() {
            return self.collect(chan, Some(cx));
        }
        let mut who = None;
        for mode in [Mode::Now, Mode::Park] {
            match chan.with(|state, fx| state.reserve(Asker::Free, mode, &mut who, self.at, fx)) {
                Reserved::Granted(grant) => return Poll::Ready(Some(grant)),
                Reserved::Closed => return Poll::Ready(None),
                Reserved::Parked(key) => self.key = Some(key),
                Reserved::Full => who = Some(Who::Task(Some(cx.waker().clone()))),
                Reserved::Lost => {}
            }
        }
        note::in_line();
        Poll::Pending
    }

    fn collect<T>(&mut self, chan: &Shared<T>, cx: Option<&Context<'_>>) -> Poll<Option<Grant>> {
        let Some(key) = self.key else {
            return Poll::Pending;
        };
        let grant = ready!(look(chan, cx, |state, _, keep| {
            match state.putters.get_mut(key) {
                Some(putting) if matches!(putting.stage, Stage::Waiting(_)) => {
                    keep(&mut putting.who)
                }
                _ => match state.putters.remove(key).map(|putting| putting.stage) {
                    Some(Stage::Granted(grant)) => Look::Done(Some(grant)),
                    _ => Look::Done(None),
                },
            }
        }));
        self.key = None;
        Poll::Ready(grant)
    }

    fn attempt<T>(
        &mut self,
        chan: &Shared<T>,
        attempt: &Attempt<'_, '_>,
    ) -> Attempted<Option<Grant>> {
        let (mode, mut who) = attempt.mode(self.key);
        match chan.with(|state, fx| state.reserve(attempt.asker(), mode, &mut who, self.at, fx)) {
            Reserved::Granted(grant) => {
                self.withdraw(chan);
                Attempted::Ready(Some(grant))
            }
            Reserved::Closed => {
                self.withdraw(chan);
                Attempted::Ready(None)
            }
            Reserved::Parked(key) => {
                self.key = Some(key);
                Attempted::Idle
            }
            Reserved::Full => Attempted::Idle,
            Reserved::Lost => Attempted::Lost,
        }
    }

    /// Leaves the line. A grant that was handed over goes back.
    pub(super) fn withdraw<T>(&mut self, chan: &Shared<T>) {
        if let Some(key) = self.key.take() {
            // The waiter, with its waker, is dropped after the lock is released.
            let _waiter = chan.with(|state, fx| {
                let putting = state.putters.remove(key)?;
                if let Stage::Granted(grant) = putting.stage {
                    state.forfeit(grant, fx);
                }
                Some(putting)
            });
        }
    }
}

/// The future of [`Chan::reserve`](super::Chan::reserve), and a put arm of [`alt!`](crate::alt!).
///
/// Dropping it loses nothing: it holds no value, and a place it was granted goes to the next in line.
#[must_use = "a reservation does nothing unless it is awaited"]
pub struct Reserve<'a, T> {
    chan: &'a Arc<Shared<T>>,
    state: ReserveState,
}

impl<'a, T> Reserve<'a, T> {
    pub(super) fn new(chan: &'a Arc<Shared<T>>, at: At) -> Self {
        Self {
            chan,
            state: ReserveState::new(at),
        }
    }
}

impl<T> Future for Reserve<'_, T> {
    type Output = Permit<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let chan = self.chan;
        self.state
            .poll(chan, cx)
            .map(|grant| Permit::new(chan, grant))
    }
}

impl<T> Operation for Reserve<'_, T> {
    type Output = Permit<T>;

    fn attempt(&mut self, attempt: &mut Attempt<'_, '_>) -> Attempted<Self::Output> {
        let chan = self.chan;
        self.state
            .attempt(chan, attempt)
            .map(|grant| Permit::new(chan, grant))
    }

    fn collect(&mut self) -> Poll<Self::Output> {
        let chan = self.chan;
        self.state
            .collect(chan, None)
            .map(|grant| Permit::new(chan, grant))
    }

    fn withdraw(&mut self) {
        self.state.withdraw(self.chan);
    }

    fn at(&self) -> At {
        self.state.at
    }
}

impl<T> Drop for Reserve<'_, T> {
    fn drop(&mut self) {
        self.state.withdraw(self.chan);
    }
}

impl<T> fmt::Debug for Reserve<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve")
            .field("at", &self.state.at)
            .finish_non_exhaustive()
    }
}

/// A place in a channel, or a taker at a rendezvous that waits for this value. Of a closed channel, the
/// promise that putting gives the value back.
///
/// Put soon: at a rendezvous the taker waits for this value and no other, and of an `alt!` that is this taker only
/// promises, tasks and timers can still win.
///
/// Dropping it gives the place to the next putter in line, and puts the taker back to where it was in line.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// async_dsl::block_on(async {
///     let c = chan::fixed(1);
///     drop(c.reserve().await); // the place is free again
///     c.reserve().await.put(1).unwrap();
///     assert_eq!(c.take().await, Some(1));
/// });
/// ```
#[must_use = "dropping a permit gives the reserved place back"]
pub struct Permit<T> {
    chan: Arc<Shared<T>>,
    grant: Option<Grant>,
}

impl<T> Permit<T> {
    fn new(chan: &Arc<Shared<T>>, grant: Option<Grant>) -> Self {
        Self {
            chan: Arc::clone(chan),
            grant,
        }
    }

    /// Puts the value. It never parks.
    ///
    /// # Errors
    ///
    /// [`Closed`] with the value if the channel was closed, before the reservation or since.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// async_dsl::block_on(async {
    ///     let c = chan::fixed(1);
    ///     let permit = c.reserve().await;
    ///     c.close();
    ///     assert_eq!(permit.put(1), Err(Closed(1)));
    /// });
    /// ```
    pub fn put(mut self, value: T) -> Result<(), Closed<T>> {
        match self.grant.take() {
            None => Err(Closed(value)),
            Some(grant) => self
                .chan
                .with(|state, fx| state.redeem(grant, value, fx))
                .map_err(Closed),
        }
    }
}

impl<T> Drop for Permit<T> {
    fn drop(&mut self) {
        if let Some(grant) = self.grant.take() {
            self.chan.with(|state, fx| state.forfeit(grant, fx));
        }
    }
}

impl<T> fmt::Debug for Permit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("granted", &self.grant.is_some())
            .finish_non_exhaustive()
    }
}
