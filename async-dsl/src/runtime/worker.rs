//! The threads of the global scheduler.

#[cfg(not(any(async_dsl_loom, async_dsl_shuttle)))]
use std::future::Future;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(not(any(async_dsl_loom, async_dsl_shuttle)))]
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use super::handle::Handle;
use super::note::Ticking;
use super::queue::Next;
use super::slot::Slot;
use super::workers::count;
use super::{block, budget, forked, running, tick, turn};
use crate::inspect;

/// Turns that a worker runs before it polls the reactor.
pub(crate) const RUNS_PER_LOOK: usize = 64;

static STARTED: OnceLock<()> = OnceLock::new();

/// Starts the workers, once.
pub(crate) fn start() {
    STARTED.get_or_init(|| {
        forked::workers_start();
        let mut running = 0;
        for index in 0..count() {
            match thread::Builder::new()
                .name(format!("async-dsl-worker-{index}"))
                .spawn(move || work(&Handle::GLOBAL, index))
            {
                Ok(_) => running += 1,
                Err(error) if running == 0 => panic!("could not start a worker thread: {error}"),
                Err(error) => {
                    tracing::warn!(%error, running, "could not start all worker threads");
                    break;
                }
            }
        }
        inspect::start_watch();
    });
}

/// Runs the tasks of a scheduler until it is stopped.
pub(crate) fn work(scheduler: &Handle, index: usize) {
    running::set_shard(index + 1);
    scheduler.add_thread();
    let slot = &scheduler.slots[index + 1];
    let _entered = running::enter(scheduler);
    // Tasks can't unwind into the loop; a fault of the reactor could, and must not end the worker.
    while catch_unwind(AssertUnwindSafe(|| run_until_stopped(scheduler, slot))).is_err() {}
    // A task that was running when the scheduler was stopped has parked since.
    scheduler.cancel_all();
}

fn run_until_stopped(scheduler: &Handle, slot: &Slot) {
    let mut worker = scheduler.queue.worker();
    let _works = running::lend_local(worker.local());
    let mut guard = Guard::default();
    let ticking = Ticking::start();
    block::in_reactor(poll_fn(|cx| {
        if scheduler.is_global() {
            tick::stir();
            ticking.set(tick::coarse);
        } else {
            ticking.tick(Instant::now);
        }
        slot.round();
        scheduler.table.end_round(running::shard());
        for _ in 0..RUNS_PER_LOOK {
            match worker.next() {
                Next::Run(runnable) => {
                    turn::run(runnable, slot, budget::PER_POLL);
                }
                Next::Stopped => return Poll::Ready(()),
                Next::Empty => {
                    scheduler.table.end_round(running::shard());
                    if worker.park(cx.waker()) {
                        if scheduler.is_global() {
                            tick::stir();
                        }
                        guard.sleeps(worker.guards(), cx);
                        return Poll::Pending;
                    }
                }
            }
        }
        // Come back after one round through the reactor.
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
}

/// The timer of a worker that looks from time to time whether another has too much to do.
#[derive(Default)]
struct Guard {
    #[cfg(not(any(async_dsl_loom, async_dsl_shuttle)))]
    timer: Option<async_io::Timer>,
}

#[cfg(not(any(async_dsl_loom, async_dsl_shuttle)))]
impl Guard {
    /// It parks; the task of `cx` is woken after this time, if there is one.
    fn sleeps(&mut self, time: Option<Duration>, cx: &mut Context<'_>) {
        let Some(time) = time else {
            self.timer = None;
            return;
        };
        match &mut self.timer {
            Some(timer) => timer.set_after(time),
            None => self.timer = Some(async_io::Timer::after(time)),
        }
        if let Some(timer) = &mut self.timer {
            if Pin::new(timer).poll(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
        }
    }
}

#[cfg(any(async_dsl_loom, async_dsl_shuttle))]
impl Guard {
    /// Time does not pass there.
    #[allow(clippy::unused_self)]
    fn sleeps(&mut self, _: Option<Duration>, _: &mut Context<'_>) {}
}
