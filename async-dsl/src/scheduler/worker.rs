//! The threads of the global scheduler.

use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::task::Poll;
use std::thread;
use std::time::Instant;

use super::handle::{self, Handle};
use super::queue::Next;
use super::{budget, context, forked, lock};
use crate::inspect::{self, Slot, Ticking};
use crate::sync::runtime::Mutex;

const VARIABLE: &str = "ASYNC_DSL_WORKERS";

/// Tasks a worker runs before it looks at the reactor.
pub(super) const RUNS_PER_LOOK: usize = 64;

/// How many workers there are to be, and whether that can still be changed.
enum Count {
    Free(Option<NonZeroUsize>),
    Fixed,
}

static COUNT: Mutex<Count> = Mutex::new(Count::Free(None));
static STARTED: OnceLock<()> = OnceLock::new();

/// Sets how many worker threads the global scheduler has. It goes before the environment variable
/// `ASYNC_DSL_WORKERS`, and is what `#[async_dsl::main(workers = n)]` calls.
///
/// # Panics
/// If `n` is 0, or the global scheduler is already in use.
///
/// ```
/// async_dsl::scheduler::set_workers(2);
/// assert_eq!(async_dsl::block_on(async { 42 }), 42);
/// ```
#[track_caller]
pub fn set_workers(n: usize) {
    let Some(n) = NonZeroUsize::new(n) else {
        panic!("the global scheduler needs at least one worker, not 0");
    };
    let mut count = lock(&COUNT);
    match *count {
        Count::Free(_) => *count = Count::Free(Some(n)),
        Count::Fixed => {
            drop(count);
            panic!(
                "the number of workers can't be set any more: the global scheduler is already in use"
            );
        }
    }
}

/// The number of workers; it is fixed from now on.
pub(super) fn count() -> usize {
    static FIXED: OnceLock<usize> = OnceLock::new();
    *FIXED.get_or_init(|| {
        let mut count = lock(&COUNT);
        let set = match *count {
            Count::Free(set) => set,
            Count::Fixed => None,
        };
        let n = set.unwrap_or_else(|| match std::env::var_os(VARIABLE) {
            Some(text) => {
                parse(&text.to_string_lossy()).unwrap_or_else(|problem| panic!("{problem}"))
            }
            None => thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        });
        *count = Count::Fixed;
        n.get()
    })
}

fn parse(text: &str) -> Result<NonZeroUsize, String> {
    text.trim().parse().map_err(|_| {
        format!("{VARIABLE} is {text:?}: it must be the number of worker threads, at least 1")
    })
}

/// Starts the workers, once.
pub(super) fn start() {
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
pub(super) fn work(scheduler: &Handle, index: usize) {
    context::set_shard(index + 1);
    scheduler.add_thread();
    let slot = &scheduler.slots[index + 1];
    let _entered = context::enter(scheduler.clone());
    // Tasks can't unwind into the loop; what could is a fault of the reactor, and ends no worker.
    while catch_unwind(AssertUnwindSafe(|| run_until_stopped(scheduler, slot))).is_err() {}
    // A task that was running when the scheduler was stopped has parked since.
    scheduler.cancel_all();
}

fn run_until_stopped(scheduler: &Handle, slot: &Slot) {
    let mut waiter = scheduler.queue.waiter();
    let ticking = Ticking::start();
    async_io::block_on(poll_fn(|cx| {
        if scheduler.is_global() {
            inspect::stir();
            ticking.set(inspect::coarse);
        } else {
            ticking.tick(Instant::now);
        }
        slot.round();
        for _ in 0..RUNS_PER_LOOK {
            match waiter.next() {
                Next::Run(runnable) => {
                    handle::run(runnable, slot, budget::PER_POLL);
                }
                Next::Stopped => return Poll::Ready(()),
                Next::Empty => {
                    if waiter.wait(cx.waker()) {
                        if scheduler.is_global() {
                            inspect::stir();
                        }
                        return Poll::Pending;
                    }
                }
            }
        }
        // Once around through the reactor.
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_a_number_of_threads() {
        assert_eq!(parse(" 8 "), Ok(NonZeroUsize::new(8).unwrap()));
        for wrong in ["", "0", "-1", "two", "1.5"] {
            let problem = parse(wrong).unwrap_err();
            assert!(problem.contains("ASYNC_DSL_WORKERS"), "{problem}");
        }
    }
}
