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
use crate::runtime::explore::Go;
use crate::runtime::{budget, note};

pin_project! {
    /// The future of `alt!` and [`alts`](super::alts): it returns the output of the one operation that happened.
    ///
    /// Dropping it loses nothing: no operation has happened, or its value goes to the next waiter, or back.
    #[must_use = "an alt does nothing unless it is awaited"]
    pub struct Alt<L: Arms> {
        #[pin]
        arms: L,
        biased: bool,
        // `None` until a partner can see an arm.
        flag: Option<Arc<Flag>>,
    }

    impl<L: Arms> PinnedDrop for Alt<L> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(flag) = this.flag {
                let _ = flag.suspend(); // so that no partner claims an arm while others withdraw
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

/// A poll of an `alt!`.
pub(super) struct Choosing<'a, L> {
    pub(super) arms: Pin<&'a mut L>,
    pub(super) biased: bool,
    pub(super) flag: &'a mut Option<Arc<Flag>>,
}

impl<L: Arms> Choosing<'_, L> {
    fn order(&self) -> Order {
        Order::new(self.arms.count(), self.biased)
    }

    #[inline]
    pub(super) fn attempt(
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

    /// The first poll: no partner can see this `alt!` yet, so a ready operation needs no flag, and an arm that says that it
    /// is not ready is not asked under its channel's lock. Only arms that get in line are.
    fn start(&mut self, cx: &mut Context<'_>) -> Step<L::Output> {
        let mut order = self.order();
        for arm in &mut order {
            if !self.arms.may_be_ready(arm) {
                continue;
            }
            match self.attempt(arm, Depth::Now, cx) {
                Attempted::Ready(output) => return Step::Done(output),
                Attempted::Idle | Attempted::Lost => {}
                Attempted::Partner => {
                    let flag = Flag::new(cx.waker().clone());
                    match self.attempt(arm, Depth::Promise(&flag), cx) {
                        Attempted::Ready(output) => return Step::Done(output),
                        // Promised under this flag, or in line again, if the promise was broken since: that has
                        // released the flag, so that every arm is tried again.
                        Attempted::Idle if flag.status() != (Phase::Open, false) => {
                            *self.flag = Some(flag);
                            return Step::Again;
                        }
                        // The partner left before: no other party has this flag.
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
        order.again();
        match self.park(&flag, order, cx) {
            Step::Parked if self.arms.has_default() => self.second_look(&flag, cx),
            step => step,
        }
    }

    /// Takes the default if at one moment no arm was ready, which trying one arm after the other does not show. Every
    /// channel arm is in line by now, so until the flag is suspended, an arm that becomes ready wins it.
    fn second_look(&mut self, flag: &Arc<Flag>, cx: &mut Context<'_>) -> Step<L::Output> {
        if flag.suspend().is_err() {
            return Step::Again;
        }
        self.default_unless_polled(cx)
    }

    /// Takes the default, given that at one moment no channel arm was ready. Promises, tasks and timers are polled after
    /// that moment: one that is not ready now was not ready then.
    fn default_unless_polled(&mut self, cx: &mut Context<'_>) -> Step<L::Output> {
        self.look_at_polled(cx)
            .or_else(|| self.arms.default())
            .map_or(Step::Parked, Step::Done)
    }

    fn channel_arms(&self) -> usize {
        let arms = 0..self.arms.count();
        arms.filter(|&arm| !self.arms.is_polled(arm)).count()
    }

    /// Tries every channel arm under the open flag, and gets in line at each that is not ready.
    fn park(&mut self, flag: &Arc<Flag>, order: Order, cx: &mut Context<'_>) -> Step<L::Output> {
        for arm in order {
            if self.arms.is_polled(arm) {
                continue; // it has this task's waker since it was last polled
            }
            match self.attempt(arm, Depth::Park(flag), cx) {
                Attempted::Ready(output) => return Step::Done(output),
                Attempted::Lost => return Step::Again,
                Attempted::Idle | Attempted::Partner => {}
            }
        }
        Step::Parked
    }

    /// Polls a parked `alt!`, whether or not it was woken.
    fn look(&mut self, flag: &Arc<Flag>, cx: &mut Context<'_>) -> Step<L::Output> {
        if let Phase::Won(arm) = flag.status().0 {
            if let Poll::Ready(output) = self.arms.as_mut().collect(arm as usize) {
                return Step::Done(output);
            }
        }
        match flag.set_waker(cx.waker()) {
            // Checked once more, now that a partner would wake this task.
            (Phase::Won(arm), _) => self.meanwhile(arm, flag, cx),
            (_, rescan) if rescan || self.has_polled() => self.rescan(flag, rescan, cx),
            _ => Step::Parked,
        }
    }

    /// Checks whether the partner has brought the value that it promised, and then polls promises, tasks and timers: a
    /// partner that keeps the `alt!` waiting, say a permit that is held for long, does not keep these from winning. Its
    /// value then goes to the next taker. If it breaks its promise meanwhile, no other partner can claim an arm.
    #[inline]
    pub(super) fn meanwhile(
        &mut self,
        arm: u32,
        flag: &Arc<Flag>,
        cx: &mut Context<'_>,
    ) -> Step<L::Output> {
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

    /// Polls promises, tasks and timers.
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

    /// Tries every arm again: promises, tasks and timers under a suspended flag, because a successful poll consumes them;
    /// then the channels, because partners passed the suspended flag over.
    #[inline]
    pub(super) fn rescan(
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
            // The promise because of which the default was not taken was broken: start again.
            self.arms.as_mut().withdraw();
            *self.flag = None;
            return Step::Again;
        }
        flag.resume();
        self.park(flag, self.order(), cx)
    }
}

pub(super) enum Step<O> {
    Done(O),
    Parked,
    /// The flag or an arm has changed meanwhile: poll again.
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
        let (arms, flag) = (&choosing.arms, &choosing.flag);
        let go = ready!(budget::poll_begin(cx, || arms.at(), || flag.is_some()));
        note::choice(|| {
            if go == Go::Free {
                choosing.choose(cx)
            } else {
                choosing.explore(go, cx)
            }
        })
    }
}

impl<L: Arms> fmt::Debug for Alt<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alt")
            .field("arms", &self.arms.count())
            .finish_non_exhaustive()
    }
}
