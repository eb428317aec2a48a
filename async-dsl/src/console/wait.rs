//! When an evaluation has to stop, and blocking no longer than that.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::promise::{Promise, Resolver, promise};
use crate::runtime::block::Blocking;

/// Why an evaluation was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Its time limit elapsed.
    Deadline(Duration),
    /// The client is gone.
    Cancelled,
    /// The process grew by more than this while it ran.
    Memory(usize),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline(limit) => write!(f, "stopped: not done within {limit:?}"),
            Self::Cancelled => f.write_str("stopped: cancelled"),
            Self::Memory(limit) => write!(
                f,
                "stopped: the process grew by more than {} KiB meanwhile",
                limit / 1024
            ),
        }
    }
}

/// Cancels the evaluation when it is dropped.
#[derive(Debug)]
pub(super) struct CancelOnDrop {
    flag: Arc<AtomicBool>,
    resolver: Option<Resolver<()>>,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.flag.store(true, Ordering::Release);
        if let Some(resolver) = self.resolver.take() {
            resolver.deliver(());
        }
    }
}

/// The evaluation's view of its cancellation.
#[derive(Debug)]
pub(super) struct Cancelled {
    flag: Arc<AtomicBool>,
    promise: Promise<()>,
}

pub(super) fn cancel() -> (CancelOnDrop, Cancelled) {
    let flag = Arc::new(AtomicBool::new(false));
    let (resolver, promise) = promise();
    let guard = CancelOnDrop {
        flag: Arc::clone(&flag),
        resolver: Some(resolver),
    };
    (guard, Cancelled { flag, promise })
}

/// The limits of a running evaluation.
#[derive(Debug)]
pub(super) struct Wait {
    cancelled: Cancelled,
    deadline: Instant,
    limit: Duration,
    memory: Option<Memory>,
    stopped: Cell<Option<Stop>>,
}

/// Why a wait ended without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Its own time limit elapsed.
    Limit,
    /// The whole evaluation has to stop.
    Stop(Stop),
}

/// How much the process may still grow. Allocations are not attributed to threads, so all of the process's count.
#[derive(Debug)]
struct Memory {
    before: usize,
    limit: usize,
    next_look: Cell<Instant>,
}

/// An evaluation cannot allocate much between two checks, and a check costs some microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(1);

impl Wait {
    pub(super) fn new(cancelled: Cancelled, limit: Duration, memory: Option<usize>) -> Self {
        let now = Instant::now();
        let memory = memory.and_then(|limit| {
            Some(Memory {
                before: memory_stats::memory_stats()?.physical_mem,
                limit,
                next_look: Cell::new(now + LOOK_EVERY),
            })
        });
        Self {
            cancelled,
            deadline: now + limit,
            limit,
            memory,
            stopped: Cell::new(None),
        }
    }

    /// Checks whether the evaluation has to stop. Once it has, every later check fails too.
    pub(super) fn check(&self) -> Result<(), Stop> {
        let stop = self.stopped.get().or_else(|| self.reason());
        self.stopped.set(stop);
        stop.map_or(Ok(()), Err)
    }

    /// Returns why the evaluation was stopped, if it was.
    pub(super) fn stopped(&self) -> Option<Stop> {
        self.stopped.get()
    }

    fn reason(&self) -> Option<Stop> {
        if self.cancelled.flag.load(Ordering::Acquire) {
            return Some(Stop::Cancelled);
        }
        let now = Instant::now();
        if now >= self.deadline {
            return Some(Stop::Deadline(self.limit));
        }
        let memory = self.memory.as_ref()?;
        if now < memory.next_look.get() {
            return None;
        }
        let used = memory_stats::memory_stats()?.physical_mem;
        memory.next_look.set(Instant::now() + LOOK_EVERY);
        (used.saturating_sub(memory.before) > memory.limit).then_some(Stop::Memory(memory.limit))
    }

    /// Blocks this thread until `poll` is ready, for at most `limit` and the rest of the evaluation's time. A ready
    /// result wins.
    pub(super) fn until<T>(
        &self,
        limit: Duration,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Result<T, Over> {
        let now = Instant::now();
        let until = now.checked_add(limit).unwrap_or(self.deadline);
        let mut cancelled = (&self.cancelled.promise).into_future();
        let done = Blocking::unseen().wait_until(Some(until.min(self.deadline)), |cx| {
            if let Poll::Ready(value) = poll(cx) {
                return Poll::Ready(Some(value));
            }
            Pin::new(&mut cancelled).poll(cx).map(|_| None)
        });
        match done.flatten() {
            Some(value) => Ok(value),
            None => Err(self.check().map_or_else(Over::Stop, |()| Over::Limit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ready_wins_over_a_time_of_0() {
        let (_guard, cancelled) = cancel();
        let wait = Wait::new(cancelled, Duration::from_secs(60), None);
        assert_eq!(wait.until(Duration::ZERO, |_| Poll::Ready(42)), Ok(42));
        let never = wait.until(Duration::ZERO, |_| Poll::<()>::Pending);
        assert_eq!(never, Err(Over::Limit));
        assert_eq!(wait.stopped(), None);
    }

    #[test]
    fn a_wait_ends_with_the_evaluation() {
        let (_guard, cancelled) = cancel();
        let limit = Duration::from_millis(1);
        let wait = Wait::new(cancelled, limit, None);
        let never = wait.until(Duration::MAX, |_| Poll::<()>::Pending);
        assert_eq!(never, Err(Over::Stop(Stop::Deadline(limit))));
    }

    #[test]
    fn a_wait_ends_when_it_is_cancelled() {
        let (guard, cancelled) = cancel();
        let wait = Wait::new(cancelled, Duration::from_secs(60), None);
        assert_eq!(wait.check(), Ok(()));
        std::thread::spawn(move || drop(guard));
        let never = wait.until(Duration::MAX, |_| Poll::<()>::Pending);
        assert_eq!(never, Err(Over::Stop(Stop::Cancelled)));
        assert_eq!(wait.stopped(), Some(Stop::Cancelled));
    }
}
