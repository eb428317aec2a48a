//! When an evaluation has to stop, and waiting no longer than that.

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
    /// Its time was over.
    Deadline(Duration),
    /// Whoever asked is gone.
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

/// Learns of the cancelling.
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

/// The limits of one evaluation, as it goes on.
#[derive(Debug)]
pub(super) struct Wait {
    cancelled: Cancelled,
    deadline: Instant,
    limit: Duration,
    memory: Option<Memory>,
    stopped: Cell<Option<Stop>>,
}

/// A wait ended before what was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Its own limit was over.
    Limit,
    /// The whole evaluation has to stop.
    Stop(Stop),
}

/// What the process may still grow by. Nothing tells which thread an allocation is for, so it goes by all of them.
#[derive(Debug)]
struct Memory {
    before: usize,
    limit: usize,
    next_look: Cell<Instant>,
}

/// An evaluation cannot allocate much between two looks, and a look costs some microseconds.
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

    /// Whether the evaluation has to stop. Once it says so it goes on to.
    pub(super) fn check(&self) -> Result<(), Stop> {
        let stop = self.stopped.get().or_else(|| self.reason());
        self.stopped.set(stop);
        stop.map_or(Ok(()), Err)
    }

    /// Why the evaluation was stopped, if it was.
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

    /// Blocks this thread until `poll` is ready, for `limit` and no longer than the evaluation may take. What is ready
    /// wins.
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
