//! The thread that watches the global scheduler for polls that take too long, and for deadlocks.
//!
//! It looks ten times a second while tasks run, and sleeps when nothing has run for a second. It costs a worker one
//! load of a flag for each 64 turns, and one when it goes idle.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use super::deadlock;
use crate::runtime::INSPECTS;
use crate::runtime::handle::Handle;
use crate::runtime::hook::Hook;
use crate::runtime::id::TaskId;
use crate::runtime::place::Place;
use crate::runtime::tick::{ASLEEP, NOW, THREAD, WATCHER, millis};

/// How often it looks.
const TICK: Duration = Duration::from_millis(100);
/// This many looks without a run make a quiet second.
const QUIET: u32 = 10;
/// In milliseconds; `u64::MAX` is never.
static THRESHOLD: AtomicU64 = AtomicU64::new(1000);

/// A task whose poll takes too long: it computes or blocks without parking, and keeps its worker from the other tasks
/// meanwhile.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LongPoll {
    /// The task's number.
    pub task: u64,
    /// Its name.
    pub name: Option<String>,
    /// The line that started it.
    pub started_at: Place,
    /// How long the poll has taken, to a tenth of a second: every look found the task there, in the same round of at
    /// most 64 turns.
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
/// unless set. It is checked every tenth of a second.
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

/// Sets the hook that is called with a task that runs for [too long](long_polls) without parking, in addition to the
/// warning. It replaces the hook set before, and is called on a thread that is no worker.
///
/// # Examples
///
/// ```
/// async_dsl::inspect::on_long_poll(|long| eprintln!("{long}"));
/// ```
pub fn on_long_poll(hook: impl Fn(&LongPoll) + Send + Sync + 'static) {
    HOOK.set(hook);
}

/// Starts the thread, with the workers. If it cannot be started, nothing is reported, and all else works.
pub(crate) fn start() {
    if INSPECTS {
        let spawned = thread::Builder::new()
            .name(THREAD.to_owned())
            .spawn(|| watch(&Handle::GLOBAL));
        match spawned {
            Ok(thread) => drop(WATCHER.set(thread.thread().clone())),
            Err(error) => tracing::warn!(%error, "could not start the thread that watches tasks"),
        }
    }
}

/// What the last look found on one worker.
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
                // The panic hook has reported a panic of this hook.
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
        // So that a run before a worker saw the flag is not missed.
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
