//! `alt!` where every schedule is explored: it looks which arms are ready, and each of these is a branch of the search.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::arms::Arms;
use super::future::{Choosing, Step};
use crate::commit::flag::{Flag, Phase};
use crate::commit::{Attempted, Depth, Seen};
use crate::runtime::explore::Go;
use crate::runtime::explore::access::Kind;
use crate::runtime::schedule::Peek;
use crate::runtime::{note, simulated};

/// While it exists, what is polled is a part of an `alt!`, and no place to switch at.
struct Inside;

impl Inside {
    fn new() -> Self {
        simulated::inside(true);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        simulated::inside(false);
    }
}

impl<L: Arms> Choosing<'_, L> {
    /// As [`choose`](Self::choose).
    #[cold]
    #[inline(never)]
    pub(super) fn explore(&mut self, go: Go, cx: &mut Context<'_>) -> Poll<L::Output> {
        let _inside = Inside::new();
        simulated::begins(go == Go::Begins);
        loop {
            let step = match self.flag.clone() {
                None => self.begin(cx),
                Some(flag) => self.go_on(&flag, cx),
            };
            match step {
                Step::Again => {}
                Step::Parked => {
                    note::in_line();
                    return Poll::Pending;
                }
                Step::Done(output) => {
                    if let Some(flag) = self.flag.take() {
                        // That it left them was noted where it was claimed, or looked.
                        simulated::with_explorer(|explorer, _| explorer.mute(true));
                        self.arms.as_mut().withdraw();
                        simulated::with_explorer(|explorer, _| {
                            explorer.mute(false);
                            explorer.unparks(flag.address());
                        });
                    }
                    return Poll::Ready(output);
                }
            }
        }
    }

    fn channels(&self) -> Vec<(usize, Seen)> {
        let arms = 0..self.arms.count();
        arms.filter_map(|arm| Some((arm, self.arms.seen(arm)?)))
            .collect()
    }

    /// The first poll.
    fn begin(&mut self, cx: &mut Context<'_>) -> Step<L::Output> {
        let channels = self.channels();
        for (_, seen) in &channels {
            seen.object.note(Kind::Arm, || seen.form);
        }
        let ready = channels.iter().filter(|(_, seen)| seen.is_ready);
        let mut ready: Vec<usize> = ready.map(|(arm, _)| *arm).collect();
        if let Some(output) = self.look_at_the_polled(&mut ready, cx) {
            simulated::begins(false);
            return Step::Done(output);
        }
        while !ready.is_empty() {
            let arm = self.one_of(&ready);
            if self.arms.is_polled(arm) {
                // It stays ready, and is asked for its output in the next turn.
                let flag = self.keep(cx);
                flag.claim(u32::try_from(arm).unwrap_or(u32::MAX));
                return Step::Parked;
            }
            if self.begin_at(&[arm], &channels, cx) {
                return Step::Parked;
            }
            // A buffer of the user's had nothing after all.
            ready.retain(|other| *other != arm);
        }
        if self.arms.has_default() {
            // For the next turn too, so that each begin is a step that touches the same.
            let flag = self.keep(cx);
            let _ = flag.suspend();
            return Step::Parked;
        }
        let order = self.in_line(&channels);
        self.begin_at(&order, &channels, cx);
        Step::Parked
    }

    /// Keeps what is chosen, in a flag that is in no line, for the next turn.
    fn keep(&mut self, cx: &mut Context<'_>) -> Arc<Flag> {
        let flag = Flag::explored(cx.waker().clone());
        simulated::with_explorer(|explorer, _| explorer.parks(flag.address(), Vec::new()));
        *self.flag = Some(Arc::clone(&flag));
        simulated::defer(cx);
        flag
    }

    /// Gets in line at these arms, until one of them wins. Returns whether one has.
    fn begin_at(
        &mut self,
        arms: &[usize],
        channels: &[(usize, Seen)],
        cx: &mut Context<'_>,
    ) -> bool {
        let flag = match self.flag.clone() {
            Some(flag) => flag,
            None => Flag::explored(cx.waker().clone()),
        };
        *self.flag = Some(Arc::clone(&flag));
        let objects = channels.iter().filter(|(arm, _)| arms.contains(arm));
        let objects = objects
            .map(|(_, seen)| (seen.object.name(), seen.form))
            .collect();
        simulated::with_explorer(|explorer, _| explorer.parks(flag.address(), objects));
        for arm in arms {
            self.attempt(*arm, Depth::Begin(&flag), cx);
            if let Phase::Won(_) = flag.status().0 {
                simulated::defer(cx);
                return true;
            }
        }
        false
    }

    /// The order in which the channel arms get in line. It matters only where two of them are in the same line: then each of
    /// these is the first in turn.
    fn in_line(&self, channels: &[(usize, Seen)]) -> Vec<usize> {
        let mut order: Vec<usize> = channels.iter().map(|(arm, _)| *arm).collect();
        let mut seen_before: Vec<(u32, bool)> = Vec::new();
        for (_, seen) in channels {
            let line = (seen.object.name(), seen.reserves);
            if seen_before.contains(&line) {
                continue;
            }
            seen_before.push(line);
            let same = |(_, other): &&(usize, Seen)| (other.object.name(), other.reserves) == line;
            let same: Vec<usize> = channels.iter().filter(same).map(|(arm, _)| *arm).collect();
            let first = self.one_of(&same);
            order.retain(|arm| *arm != first);
            order.insert(0, first);
        }
        order
    }

    fn one_of(&self, arms: &[usize]) -> usize {
        if self.biased {
            arms[0]
        } else {
            simulated::branch(arms)
        }
    }

    /// Asks promises, tasks and timers whether they are ready, and adds those that are. Returns the output of one that cannot be
    /// asked without getting it.
    fn look_at_the_polled(
        &mut self,
        ready: &mut Vec<usize>,
        cx: &mut Context<'_>,
    ) -> Option<L::Output> {
        let mut output = None;
        for arm in 0..self.arms.count() {
            if !self.arms.is_polled(arm) {
                continue;
            }
            match simulated::peek(|| self.attempt(arm, Depth::Now, cx)) {
                (Attempted::Ready(got), _) => {
                    assert!(
                        output.is_none() && (ready.is_empty() || self.biased),
                        "an `alt!` awaits something that cannot be asked whether it is ready, beside an arm that is: a search \
                         through all schedules cannot try both. Let a task await it, and the arm the task"
                    );
                    output = Some(got);
                }
                (_, Peek::Ready) => ready.push(arm),
                (_, Peek::Pending) => {}
                // What it touches if it is ready is not known before.
                (_, Peek::Asks | Peek::No) => simulated::begins(false),
            }
        }
        ready.sort_unstable();
        output
    }

    /// A poll after the first.
    fn go_on(&mut self, flag: &Arc<Flag>, cx: &mut Context<'_>) -> Step<L::Output> {
        let channels = self.channels();
        let won = match flag.status().0 {
            Phase::Won(arm) => Some(arm as usize),
            _ => None,
        };
        if let (None, true) = (won, flag.status().0 == Phase::Suspended) {
            if let Some(output) = self.arms.default() {
                return Step::Done(output);
            }
        }
        if let Some(arm) = won.filter(|arm| self.arms.is_polled(*arm)) {
            if let Attempted::Ready(output) = self.attempt(arm, Depth::Now, cx) {
                return Step::Done(output);
            }
        }
        let served = won.and_then(|won| channels.iter().find(|(arm, _)| *arm == won));
        if !served.is_some_and(|(_, seen)| seen.object.has_served()) {
            // It was not woken by what it finds, so it could have looked before that, and left.
            for (_, seen) in &channels {
                seen.object.note(Kind::Arm, || seen.form);
            }
        }
        if let Some(won) = won {
            if let Poll::Ready(output) = self.arms.as_mut().collect(won) {
                return Step::Done(output);
            }
            let arm = u32::try_from(won).unwrap_or(u32::MAX);
            return self.meanwhile(arm, flag, cx);
        }
        let mut ready = Vec::new();
        if let Some(output) = self.look_at_the_polled(&mut ready, cx) {
            return Step::Done(output);
        }
        if !ready.is_empty() && flag.suspend().is_ok() {
            let arm = self.one_of(&ready);
            if let Attempted::Ready(output) = self.attempt(arm, Depth::Now, cx) {
                return Step::Done(output);
            }
        }
        let rescan = flag.set_waker(cx.waker()).1;
        self.rescan(flag, rescan, cx)
    }
}
