//! The thread that looks after the global scheduler: for polls that take too long, and for deadlocks.
//!
//! It looks ten times a second while tasks run, and sleeps when nothing has run for a second. Workers pay for it with
//! one look at a flag for each 64 turns, and one when they go idle.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use super::deadlock;
use crate::runtime::handle::Handle;
use crate::runtime::hook::Hook;
use crate::runtime::id::TaskId;
use crate::runtime::note::{ON, millis};
use crate::runtime::place::Place;
use crate::runtime::tick::{ASLEEP, NOW, THREAD, WATCHER};

/// How often it looks.
const TICK: Duration = Duration::from_millis(100);
/// So many looks at which nothing ran make a quiet second.
const QUIET: u32 = 10;
/// In milliseconds; `u64::MAX` is never.
static THRESHOLD: AtomicU64 = AtomicU64::new(1000);

/// A task that is being polled for too long: it computes or blocks without parking, and keeps its worker from the other
/// tasks meanwhile.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LongPoll {
    /// The task's number.
    pub task: u64,
    /// Its name.
    pub name: Option<String>,
    /// The line that started it.
    pub started_at: Place,
    /// For how long it has been polled, to a tenth of a second: each look found it there, in the same round of at most
    /// 64 turns.
    pub running_for: Duration,
}

impl fmt::Display for LongPoll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            task,
            started_at,
            running_for,
            ..
        } = self;
        write!(f, "task {task}, started at {started_at}")?;
        if let Some(name) = &self.name {
            write!(f, " as \"{name}\"")?;
        }
        write!(f, ", has run for {running_for:.1?} without parking")
    }
}

static HOOK: Hook<LongPoll> = Hook::new();

/// Sets after how long without parking a task of the global scheduler is reported; `None` is never, and one second
/// unless set. It is looked at every tenth of a second.
///
/// Each such poll is reported once, while it goes on: as a warning through `tracing`, and to the hook of
/// [`on_long_poll`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// async_dsl::inspect::long_polls(Some(Duration::from_millis(250)));
/// async_dsl::inspect::long_polls(None);
/// ```
pub fn long_polls(threshold: Option<Duration>) {
    let millis = threshold.map_or(u64::MAX, |time| {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
    });
    THRESHOLD.store(millis, Ordering::Relaxed);
}

/// Sets what is told of a task that runs for [too long](long_polls) without parking, beside the warning. It replaces the
/// hook set before, and runs on a thread of its own.
///
/// # Examples
///
/// ```
/// async_dsl::inspect::on_long_poll(|long| eprintln!("{long}"));
/// ```
pub fn on_long_poll(hook: impl Fn(&LongPoll) + Send + Sync + 'static) {
    HOOK.set(hook);
}

/// Starts it, with the workers. Without the thread nobody is told, and all else works.
pub(crate) fn start() {
    if ON {
        let spawned = thread::Builder::new()
            .name(THREAD.to_owned())
            .spawn(|| watch(&Handle::GLOBAL));
        match spawned {
            Ok(thread) => drop(WATCHER.set(thread.thread().clone())),
            Err(error) => tracing::warn!(%error, "could not start the thread that watches tasks"),
        }
    }
}

/// What was seen of one worker.
#[derive(Clone, Copy)]
struct Seen {
    poll: (u64, u64),
    since: Instant,
    reported: bool,
}

fn watch(handle: &Handle) {
    let start = Instant::now();
    let mut workers: Vec<Seen> = Vec::new();
    let mut quiet = 0;
    loop {
        thread::park_timeout(TICK);
        let now = Instant::now();
        NOW.store(millis(now).max(1), Ordering::Relaxed);
        let mut ran = false;
        for (index, poll) in handle.polls().enumerate() {
            if workers.len() == index {
                workers.push(Seen {
                    poll: (0, 0),
                    since: start,
                    reported: false,
                });
            }
            let seen = &mut workers[index];
            if seen.poll != poll {
                ran |= seen.poll.1 != poll.1;
                *seen = Seen {
                    poll,
                    since: now,
                    reported: false,
                };
            }
            if poll.0 == 0 {
                continue;
            }
            ran = true;
            let running_for = now - seen.since;
            let limit = THRESHOLD.load(Ordering::Relaxed);
            if !seen.reported && running_for.as_millis() >= u128::from(limit) {
                seen.reported = true;
                let told = || report(handle, TaskId::of(poll.0), running_for);
                // A hook that panics has been reported by the panic hook.
                let _ = catch_unwind(AssertUnwindSafe(told));
            }
        }
        quiet = if ran || !handle.is_idle() {
            0
        } else {
            quiet + 1
        };
        if quiet < QUIET {
            continue;
        }
        if quiet == QUIET {
            let told = || {
                if let Some(found) = deadlock::find(handle, false) {
                    deadlock::report(&found);
                }
            };
            let _ = catch_unwind(AssertUnwindSafe(told));
        }
        ASLEEP.store(true, Ordering::SeqCst);
        // What ran before the flag was seen is not missed.
        let unchanged = handle
            .polls()
            .zip(&workers)
            .all(|(poll, seen)| poll == seen.poll);
        while unchanged && ASLEEP.load(Ordering::SeqCst) {
            thread::park();
        }
        ASLEEP.store(false, Ordering::SeqCst);
    }
}

fn report(handle: &Handle, id: TaskId, running_for: Duration) {
    let Some(listed) = handle.tasks().into_iter().find(|task| task.id == id) else {
        return;
    };
    let long = LongPoll {
        task: id.number(),
        name: listed.name.map(Into::into),
        started_at: listed.started_at.into(),
        running_for,
    };
    tracing::warn!(
        started_at = %long.started_at,
        ?running_for,
        "a task runs for long without parking"
    );
    let hook = HOOK.get();
    if let Some(hook) = hook {
        hook(&long);
    }
}
