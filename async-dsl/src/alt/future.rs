//! The future behind `alt!` and `alts`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::arms::Arms;
use super::order::Order;
use crate::commit::flag::{Flag, Phase};
use crate::commit::{Attempt, Attempted, Depth};
use crate::runtime::{budget, note};

pin_project! {
    /// The future of `alt!` and [`alts`](super::alts): the outcome of the one operation that happened.
    ///
    /// Dropping it loses nothing: no operation has happened, or its value goes back to where it came from.
    #[must_use = "an alt does nothing unless it is awaited"]
    pub struct Alt<L: Arms> {
        #[pin]
        arms: L,
        biased: bool,
        // There once it has parked.
        flag: Option<Arc<Flag>>,
    }

    impl<L: Arms> PinnedDrop for Alt<L> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(flag) = this.flag {
                let _ = flag.suspend(); // so that nobody meets an arm while another one leaves
                this.arms.withdraw();
            }
        }
    }
}

impl<L: Arms> Alt<L> {
    pub(crate) const fn new(arms: L) -> Self {
        Self {
            arms,
            biased: false,
            flag: None,
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
}

/// A choice that is being made.
struct Choosing<'a, L> {
    arms: Pin<&'a mut L>,
    biased: bool,
    flag: &'a mut Option<Arc<Flag>>,
}

impl<L: Arms> Choosing<'_, L> {
    fn order(&self) -> Order {
        Order::new(self.arms.count(), self.biased)
    }

    fn attempt(
        &mut self,
        arm: usize,
        depth: Depth<'_>,
        cx: &mut Context<'_>,
    ) -> Attempted<L::Output> {
        let mut attempt = Attempt::new(cx, depth, arm);
        self.arms.as_mut().attempt(arm, &mut attempt)
    }

    fn choose(&mut self, cx: &mut Context<'_>) -> Poll<L::Output> {
        loop {
            let step = match self.flag.clone() {
                None => self.start(cx),
                Some(flag) => self.look(&flag, cx),
            };
            match step {
                Step::Again => {}
                Step::Parked => {
                    note::in_line();
                    return Poll::Pending;
                }
                Step::Done(output) => {
                    if self.flag.is_some() {
                        self.arms.as_mut().withdraw();
                        *self.flag = None;
                    }
                    return Poll::Ready(output);
                }
            }
        }
    }

    /// The first poll: nobody can see this `alt!` yet, so a ready operation needs no flag.
    fn start(&mut self, cx: &mut Context<'_>) -> Step<L::Output> {
        for arm in self.order() {
            match self.attempt(arm, Depth::Now, cx) {
                Attempted::Ready(output) => return Step::Done(output),
                Attempted::Idle | Attempted::Lost => {}
                Attempted::Partner => {
                    let flag = Flag::new(cx.waker().clone());
                    match self.attempt(arm, Depth::Promise(&flag), cx) {
                        Attempted::Ready(output) => return Step::Done(output),
                        // In line under this flag, whether or not the promise still holds: a partner that gave it up has
                        // released the flag, which asks for a look at everything.
                        Attempted::Idle if flag.status() != (Phase::Open, false) => {
                            *self.flag = Some(flag);
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
        let flag = Flag::new(cx.waker().clone());
        *self.flag = Some(Arc::clone(&flag));
        match self.park(&flag, cx) {
            Step::Parked if self.arms.has_default() => self.second_look(&flag, cx),
            step => step,
        }
    }

    /// Takes the default if at one moment no arm was ready: looking at one arm after the other does not tell. Every channel
    /// arm is in line by now, so until the flag is closed whatever becomes ready wins it.
    fn second_look(&mut self, flag: &Arc<Flag>, cx: &mut Context<'_>) -> Step<L::Output> {
        if flag.suspend().is_err() {
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
    fn park(&mut self, flag: &Arc<Flag>, cx: &mut Context<'_>) -> Step<L::Output> {
        for arm in self.order() {
            if self.arms.is_polled(arm) {
                continue; // it has this task's waker since it was last looked at
            }
            match self.attempt(arm, Depth::Park(flag), cx) {
                Attempted::Ready(output) => return Step::Done(output),
                Attempted::Lost => return Step::Again,
                Attempted::Idle | Attempted::Partner => {}
            }
        }
        Step::Parked
    }

    /// Looks at a parked `alt!` that was woken, or polled for no reason.
    fn look(&mut self, flag: &Arc<Flag>, cx: &mut Context<'_>) -> Step<L::Output> {
        if let Phase::Won(arm) = flag.status().0 {
            if let Poll::Ready(output) = self.arms.as_mut().collect(arm as usize) {
                return Step::Done(output);
            }
        }
        match flag.set_waker(cx.waker()) {
            // Looked at once more, now that a partner would wake this task.
            (Phase::Won(arm), _) => self.meanwhile(arm, flag, cx),
            (_, rescan) if rescan || self.has_polled() => self.rescan(flag, rescan, cx),
            _ => Step::Parked,
        }
    }

    /// Looks whether the partner has brought the value that it promised, and then at promises, tasks and timers: whatever
    /// keeps it, a permit that somebody holds say, keeps none of these from winning. A value that comes after all goes
    /// to the next taker. No other partner comes in between, should this one give up.
    fn meanwhile(&mut self, arm: u32, flag: &Arc<Flag>, cx: &mut Context<'_>) -> Step<L::Output> {
        if flag.set_looking(true) == Phase::Won(arm) {
            if let Poll::Ready(output) = self.arms.as_mut().collect(arm as usize) {
                return Step::Done(output);
            }
            if let Some(output) = self.look_at_polled(cx) {
                return Step::Done(output);
            }
        }
        if flag.set_looking(false) == Phase::Won(arm) {
            Step::Parked
        } else {
            Step::Again
        }
    }

    /// Polls what is looked at by polling.
    fn look_at_polled(&mut self, cx: &mut Context<'_>) -> Option<L::Output> {
        for arm in self.order() {
            if self.arms.is_polled(arm) {
                if let Attempted::Ready(output) = self.attempt(arm, Depth::Now, cx) {
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
        flag: &Arc<Flag>,
        released: bool,
        cx: &mut Context<'_>,
    ) -> Step<L::Output> {
        if flag.suspend().is_err() {
            return Step::Again;
        }
        if let Some(output) = self.look_at_polled(cx) {
            return Step::Done(output);
        }
        if released && self.arms.has_default() {
            // The promise that kept the default from being taken was not kept: begin anew.
            self.arms.as_mut().withdraw();
            *self.flag = None;
            return Step::Again;
        }
        flag.resume();
        self.park(flag, cx)
    }
}

enum Step<O> {
    Done(O),
    Parked,
    /// Something changed meanwhile: look again.
    Again,
}

impl<L: Arms> Future for Alt<L> {
    type Output = L::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<L::Output> {
        let this = self.project();
        let mut choosing = Choosing {
            arms: this.arms,
            biased: *this.biased,
            flag: this.flag,
        };
        ready!(budget::poll_proceed_at(cx, || choosing.arms.at()));
        note::choice(|| choosing.choose(cx))
    }
}

impl<L: Arms> fmt::Debug for Alt<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alt")
            .field("arms", &self.arms.count())
            .finish_non_exhaustive()
    }
}
