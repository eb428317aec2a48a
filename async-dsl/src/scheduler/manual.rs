//! Driving a scheduler by hand.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use async_io::Timer;

use super::root::Root;
use crate::inspect::Quiet;
use crate::runtime::block;
use crate::runtime::blocked::Blocked;
use crate::runtime::budget::PER_POLL;
use crate::runtime::handle::{Handle, Runnable};
use crate::runtime::note::Ticking;
use crate::runtime::place::Line;
use crate::runtime::queue::Next;
use crate::runtime::running;
use crate::runtime::schedule::busy;
use crate::runtime::sync::atomic::Ordering;
use crate::runtime::turn::run;
use crate::runtime::worker::RUNS_PER_LOOK;

impl Handle {
    /// Runs up to `most` of the tasks that are ready now, each once, in order. This thread must have entered the
    /// scheduler. `busy` grows by the operations of tasks that could have gone on.
    pub(crate) fn run_ready(&self, most: usize, busy: &mut u64) -> usize {
        if let Some(sim) = self.sim() {
            return self.run_simulated(sim, most);
        }
        let most = self.queue.len().min(most);
        self.run_each(most, || self.queue.pop(), busy)
    }

    /// Runs so many tasks, if there are so many.
    fn run_each(&self, most: usize, next: impl Fn() -> Next<Runnable>, busy: &mut u64) -> usize {
        let slot = &self.slots[0];
        for ran in 0..most {
            match next() {
                Next::Run(runnable) => {
                    *busy += u64::from(run(runnable, slot, PER_POLL));
                }
                Next::Empty | Next::Stopped => return ran,
            }
        }
        if most == 0 && self.queue.is_stopped() {
            self.cancel_all();
        }
        most
    }

    pub(super) fn run_once(&self) -> usize {
        let _entered = running::enter(self);
        let _ticking = self.ticking();
        self.run_ready(usize::MAX, &mut 0)
    }

    fn ticking(&self) -> Ticking {
        let ticking = Ticking::start();
        ticking.tick(|| self.clock().now());
        ticking
    }

    pub(super) fn run_until_parked(&self) -> usize {
        let _entered = running::enter(self);
        let _ticking = self.ticking();
        let mut turns = 0;
        loop {
            match self.run_ready(usize::MAX, &mut 0) {
                0 => return turns,
                ran => turns += ran,
            }
        }
    }

    /// Runs tasks until they are parked, or have done so much that a virtual clock must move.
    fn settle(&self, busy: &mut u64) {
        let _entered = running::enter(self);
        let _ticking = self.ticking();
        while self.run_ready(usize::MAX, busy) > 0 {
            let must_move = match self.sim() {
                Some(sim) => sim.is_busy(),
                None => busy::must_move(busy),
            };
            if must_move {
                return;
            }
        }
        *busy = 0;
    }

    /// Moves a virtual clock from timer to timer, and lets tasks run at each step.
    pub(super) fn advance(&self, by: Duration) {
        let mut busy = 0;
        self.settle(&mut busy);
        let target = self.clock().now().checked_add(by);
        while let Some(end) = self.clock().next_end() {
            if target.is_some_and(|target| target < end) {
                break;
            }
            self.clock().move_to(end);
            self.settle(&mut busy);
        }
        if let Some(target) = target {
            self.clock().move_to(target);
        }
    }

    /// Runs the scheduler's tasks on this thread until `future` is ready.
    pub(super) fn drive<F: Future>(&self, future: F, at: Line) -> F::Output {
        if let Some(sim) = self.sim() {
            return self
                .simulate(sim, u64::MAX, future, at)
                .unwrap_or_else(|stuck| panic!("{stuck}"));
        }
        let _entered = running::enter(self);
        let mut future = pin!(future);
        let mut worker = self.queue.worker();
        let _drives = running::lend_local(worker.local());
        let mut root = None;
        let mut patience = None;
        let ticking = Ticking::start();
        let blocked = Blocked::new(at, Some(self));
        let mut quiet = Quiet::default();
        let mut busy = 0;
        block::in_reactor(poll_fn(|cx| {
            ticking.tick(|| self.clock().now());
            let root = root.get_or_insert_with(|| Root::new(cx.waker().clone()));
            let mut turns = 0;
            while turns < RUNS_PER_LOOK {
                let polls = root.woken.load(Ordering::Acquire);
                if polls {
                    // Read again as it is cleared: what a waker did that came since is for this poll.
                    root.woken.swap(false, Ordering::AcqRel);
                    let _scope = blocked.begin_poll(PER_POLL);
                    let waker = Waker::from(Arc::clone(root));
                    if let Poll::Ready(output) =
                        future.as_mut().poll(&mut Context::from_waker(&waker))
                    {
                        return Poll::Ready(output);
                    }
                    if root.woken.load(Ordering::Acquire) {
                        busy += u64::from((PER_POLL - running::budget()).max(1));
                    }
                    blocked.parked();
                }
                let most = worker.round().min(RUNS_PER_LOOK);
                let ran = self.run_each(most, || worker.first(), &mut busy);
                turns += ran + usize::from(polls);
                if ran > 0 || polls {
                    quiet.disturb();
                }
                if ran > 0 || root.woken.load(Ordering::Acquire) {
                    if busy::must_move(&mut busy) {
                        let _ = self.skip_to_next_end(&mut patience, cx);
                    }
                    continue;
                }
                busy = 0;
                if self.skip_to_next_end(&mut patience, cx).is_ready() {
                    ticking.tick(|| self.clock().now());
                    continue;
                }
                if worker.park(cx.waker()) || self.queue.is_stopped() {
                    blocked.waits();
                    quiet.begins(self, cx);
                    return Poll::Pending;
                }
            }
            // Let the reactor have a turn.
            cx.waker().wake_by_ref();
            Poll::Pending
        }))
    }

    /// Moves a virtual clock to the next timer, when all tasks are parked or never park. While a `thread!` or a socket
    /// is waited for, which may be ready before it, that timer is waited for in real time.
    fn skip_to_next_end(
        &self,
        patience: &mut Option<(Instant, Timer)>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(end) = self.clock().next_end() else {
            *patience = None;
            return Poll::Pending;
        };
        if self.expected() > 0 {
            if patience
                .as_ref()
                .is_none_or(|(waited_for, _)| *waited_for != end)
            {
                let gap = end.saturating_duration_since(self.clock().now());
                *patience = Some((end, Timer::after(gap)));
            }
            if let Some((_, timer)) = patience {
                std::task::ready!(Pin::new(timer).poll(cx));
            }
        }
        *patience = None;
        self.clock().move_to(end);
        Poll::Ready(())
    }
}
