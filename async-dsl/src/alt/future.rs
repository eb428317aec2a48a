//! The future behind `alt!` and `alts`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::arms::Arms;
use super::order::Order;
use crate::commit::flag::{Phase, Selection};
use crate::commit::{Attempt, Attempted, Depth};
use crate::runtime::{budget, note};

/// The future of `alt!` and [`alts`](super::alts): gives the outcome of the one operation that happened.
///
/// Dropping it loses nothing: no operation has happened, or its value goes back to where it came from.
#[must_use = "an alt does nothing unless it is awaited"]
pub struct Alt<L: Arms> {
    arms: L,
    biased: bool,
    /// There once it has parked.
    selection: Option<Arc<Selection>>,
}

impl<L: Arms> Alt<L> {
    pub(crate) const fn new(arms: L) -> Self {
        Self {
            arms,
            biased: false,
            selection: None,
        }
    }

    /// Takes ready operations in order, instead of choosing uniformly at random.
    pub fn biased(mut self) -> Self {
        self.biased = true;
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.arms.count() == 0
    }

    fn order(&self) -> Order {
        Order::new(self.arms.count(), self.biased)
    }

    fn attempt(
        &mut self,
        arm: usize,
        depth: Depth,
        selection: Option<&Arc<Selection>>,
        cx: &mut Context<'_>,
    ) -> Attempted<L::Output> {
        self.arms.attempt(
            arm,
            &mut Attempt {
                cx,
                depth,
                selection,
                arm,
            },
        )
    }

    fn choose(&mut self, cx: &mut Context<'_>) -> Poll<L::Output> {
        loop {
            let step = match self.selection.clone() {
                None => self.start(cx),
                Some(selection) => self.look(&selection, cx),
            };
            match step {
                Step::Again => {}
                Step::Parked => {
                    note::in_line();
                    return Poll::Pending;
                }
                Step::Done(output) => {
                    if self.selection.is_some() {
                        self.arms.withdraw();
                        self.selection = None;
                    }
                    return Poll::Ready(output);
                }
            }
        }
    }

    /// The first poll: nobody can see this `alt!` yet, so a ready operation needs no flag.
    fn start(&mut self, cx: &mut Context<'_>) -> Step<L::Output> {
        for arm in self.order() {
            match self.attempt(arm, Depth::Now, None, cx) {
                Attempted::Ready(output) => return Step::Done(output),
                Attempted::Idle | Attempted::Lost => {}
                Attempted::Partner => {
                    let selection = Selection::new(cx.waker().clone());
                    match self.attempt(arm, Depth::Promise, Some(&selection), cx) {
                        Attempted::Ready(output) => return Step::Done(output),
                        // In line under this flag, whether or not the promise still holds: a partner that gave it up has
                        // released the flag, which asks for a look at everything.
                        Attempted::Idle if selection.status() != (Phase::Open, false) => {
                            self.selection = Some(selection);
                            return Step::Again;
                        }
                        // The partner went away before: nobody has seen this flag.
                        Attempted::Idle | Attempted::Partner | Attempted::Lost => {}
                    }
                }
            }
        }
        if self.arms.has_default() && self.channel_arms() < 2 {
            return self.default_unless_polled(cx);
        }
        let selection = Selection::new(cx.waker().clone());
        self.selection = Some(Arc::clone(&selection));
        match self.park(&selection, cx) {
            Step::Parked if self.arms.has_default() => self.second_look(&selection, cx),
            step => step,
        }
    }

    /// Takes the default if at one moment no arm was ready: looking at one arm after the other does not tell. Every channel
    /// arm is in line by now, so until the flag is closed whatever becomes ready wins it.
    fn second_look(&mut self, selection: &Arc<Selection>, cx: &mut Context<'_>) -> Step<L::Output> {
        if selection.suspend().is_err() {
            return Step::Again;
        }
        self.default_unless_polled(cx)
    }

    /// Takes the default, given that at one moment no channel arm was ready. Promises, tasks and timers are looked at after
    /// it: what is not ready now was not ready then.
    fn default_unless_polled(&mut self, cx: &mut Context<'_>) -> Step<L::Output> {
        self.look_at_polled(cx)
            .or_else(|| self.arms.default())
            .map_or(Step::Parked, Step::Done)
    }

    fn channel_arms(&self) -> usize {
        let arms = 0..self.arms.count();
        arms.filter(|&arm| !self.arms.is_polled(arm)).count()
    }

    /// Tries every channel arm under the open flag, and gets in line where nothing is ready.
    fn park(&mut self, selection: &Arc<Selection>, cx: &mut Context<'_>) -> Step<L::Output> {
        for arm in self.order() {
            if self.arms.is_polled(arm) {
                continue; // it has this task's waker since it was last looked at
            }
            match self.attempt(arm, Depth::Park, Some(selection), cx) {
                Attempted::Ready(output) => return Step::Done(output),
                Attempted::Lost => return Step::Again,
                Attempted::Idle | Attempted::Partner => {}
            }
        }
        Step::Parked
    }

    /// Looks at a parked `alt!` that was woken, or polled for no reason.
    fn look(&mut self, selection: &Arc<Selection>, cx: &mut Context<'_>) -> Step<L::Output> {
        if let Phase::Won(arm) = selection.status().0 {
            if let Poll::Ready(output) = self.arms.collect(arm) {
                return Step::Done(output);
            }
        }
        match selection.set_waker(cx.waker()) {
            // Looked at once more, now that a partner would wake this task.
            (Phase::Won(arm), _) => self.meanwhile(arm, selection, cx),
            (_, rescan) if rescan || self.has_polled() => self.rescan(selection, rescan, cx),
            _ => Step::Parked,
        }
    }

    /// Looks whether the partner has brought the value that it promised, and then at promises, tasks and timers: whatever
    /// keeps it, a permit that somebody holds say, keeps none of these from winning. A value that comes after all goes
    /// to the next taker. No other partner comes in between, should this one give up.
    fn meanwhile(
        &mut self,
        arm: usize,
        selection: &Arc<Selection>,
        cx: &mut Context<'_>,
    ) -> Step<L::Output> {
        if selection.set_looking(true) == Phase::Won(arm) {
            if let Poll::Ready(output) = self.arms.collect(arm) {
                return Step::Done(output);
            }
            if let Some(output) = self.look_at_polled(cx) {
                return Step::Done(output);
            }
        }
        if selection.set_looking(false) == Phase::Won(arm) {
            Step::Parked
        } else {
            Step::Again
        }
    }

    /// Polls what is looked at by polling.
    fn look_at_polled(&mut self, cx: &mut Context<'_>) -> Option<L::Output> {
        for arm in self.order() {
            if self.arms.is_polled(arm) {
                if let Attempted::Ready(output) = self.attempt(arm, Depth::Now, None, cx) {
                    return Some(output);
                }
            }
        }
        None
    }

    fn has_polled(&self) -> bool {
        (0..self.arms.count()).any(|arm| self.arms.is_polled(arm))
    }

    /// Looks at everything again: promises, tasks and timers behind a closed flag, because looking consumes
    /// them; then the channels, because partners passed the closed flag over.
    fn rescan(
        &mut self,
        selection: &Arc<Selection>,
        released: bool,
        cx: &mut Context<'_>,
    ) -> Step<L::Output> {
        if selection.suspend().is_err() {
            return Step::Again;
        }
        if let Some(output) = self.look_at_polled(cx) {
            return Step::Done(output);
        }
        if released && self.arms.has_default() {
            // The promise that kept the default from being taken was not kept: begin anew.
            self.arms.withdraw();
            self.selection = None;
            return Step::Again;
        }
        selection.resume();
        self.park(selection, cx)
    }
}

enum Step<O> {
    Done(O),
    Parked,
    /// Something changed meanwhile: look again.
    Again,
}

// No field is ever pinned.
impl<L: Arms> Unpin for Alt<L> {}

impl<L: Arms> Future for Alt<L> {
    type Output = L::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<L::Output> {
        ready!(budget::poll_proceed_at(cx, || self.arms.at()));
        note::choice(|| self.choose(cx))
    }
}

impl<L: Arms> Drop for Alt<L> {
    fn drop(&mut self) {
        if let Some(selection) = &self.selection {
            let _ = selection.suspend(); // so that nobody meets an arm while another one leaves
            self.arms.withdraw();
        }
    }
}

impl<L: Arms> fmt::Debug for Alt<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alt")
            .field("arms", &self.arms.count())
            .finish_non_exhaustive()
    }
}
