//! Finding deadlocks, and which tasks wait for each other in them.
//!
//! A task that is parked on a channel is woken by a user of its other end: another task, or a thread that is not the
//! scheduler's. The tasks are all known, and parked; of the threads it is known whether there are any, on systems that
//! list a process's threads. Only without them is a deadlock certain.

use std::collections::HashSet;
use std::fmt;

use super::view::{BlockOnInfo, ChannelInfo, Parked, Snapshot, TaskInfo, TaskState, WaitsFor};
use super::{snapshot, threads};
use crate::runtime::blocked::{self, BLOCK_ON};
use crate::runtime::handle::Handle;
use crate::runtime::hook::Hook;
use crate::runtime::place::Place;

/// A deadlock: every task is parked, and nothing they wait for is in progress.
///
/// Its text says of each task where it is parked, for what, and which task would have to act.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Deadlock {
    /// The state of the program.
    pub snapshot: Snapshot,
    /// Tasks that wait for each other in a circle, by their numbers; empty if there is none.
    pub circle: Vec<u64>,
    /// The threads that might still act.
    pub others: OtherThreads,
}

/// Threads that are not the scheduler's and might hold what a task waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum OtherThreads {
    /// There are none, or they do not count: the deadlock is certain.
    None,
    /// Threads with these names, and users of a channel that are not the scheduler's tasks.
    Some(Vec<String>),
    /// The system does not list them.
    Unknown,
}

impl Deadlock {
    /// Whether no other thread can end it.
    ///
    /// ```
    /// async_dsl::inspect::on_deadlock(|deadlock| {
    ///     eprintln!("{deadlock}");
    ///     if deadlock.is_certain() {
    ///         std::process::exit(1);
    ///     }
    /// });
    /// ```
    pub fn is_certain(&self) -> bool {
        self.others == OtherThreads::None
    }
}

/// Whether something outside the tables may wake it: a timer, a socket, a foreign future.
fn may_be_woken(parked: &[Parked]) -> bool {
    parked.iter().any(|place| match place.waits_for {
        WaitsFor::Time | WaitsFor::Closure | WaitsFor::Socket | WaitsFor::Foreign => true,
        WaitsFor::Take(_)
        | WaitsFor::Put(_)
        | WaitsFor::End { .. }
        | WaitsFor::Answer(_)
        | WaitsFor::Settling(_)
        | WaitsFor::Nothing => false,
    })
}

/// Returns the deadlock of a scheduler's tasks; `None` if something is still in progress.
///
/// The caller has checked that no task is ready. `closed` means that nothing outside the scheduler can act.
pub(crate) fn find(handle: &Handle, closed: bool) -> Option<Deadlock> {
    let clock = handle.clock();
    if clock.pending() > 0 || handle.expected() > 0 {
        return None;
    }
    let snapshot = snapshot::take(&snapshot::Scope::Of(handle.clone()));
    let runs = snapshot
        .tasks
        .iter()
        .any(|task| task.state != TaskState::Parked || may_be_woken(&task.parked));
    let waits = snapshot.blocked.iter();
    let main_runs = waits.clone().any(|blocked| blocked.parked.is_empty())
        || waits.clone().any(|blocked| may_be_woken(&blocked.parked));
    if runs || main_runs || snapshot.blocked.is_empty() {
        return None;
    }
    let others = if closed {
        OtherThreads::None
    } else {
        others(handle, &snapshot)
    };
    let in_twins = |blocked: &BlockOnInfo| blocked.call != BLOCK_ON;
    if others != OtherThreads::None && snapshot.blocked.iter().all(in_twins) {
        // Threads that wait for work, which other threads may still bring.
        return None;
    }
    Some(Deadlock {
        circle: circle(&snapshot),
        others,
        snapshot,
    })
}

/// Returns what `handle`'s tasks wait for, ignoring other threads: for a simulation, which no other thread can affect.
pub(crate) fn waiting(handle: &Handle) -> String {
    let snapshot = snapshot::take(&snapshot::Scope::Of(handle.clone()));
    let deadlock = Deadlock {
        circle: circle(&snapshot),
        others: OtherThreads::None,
        snapshot,
    };
    Body(&deadlock).to_string()
}

fn others(handle: &Handle, snapshot: &Snapshot) -> OtherThreads {
    let mut ours = handle.threads();
    // What the other schedulers do is unknown here, as is how long the threads that drive them will wait.
    let blocked = blocked::all().into_iter();
    let blocked = blocked.filter(|waiting| waiting.drives.unwrap_or(0) == handle.number());
    ours.extend(blocked.map(|waiting| waiting.thread.name().map(String::from)));
    let Some(mut others) = threads::others(&ours) else {
        return OtherThreads::Unknown;
    };
    let known: HashSet<u64> = snapshot.tasks.iter().map(|task| task.number).collect();
    for channel in &snapshot.channels {
        let waiters = channel.parked_takers.iter().chain(&channel.parked_putters);
        let strangers =
            waiters.filter(|waiter| waiter.task.is_some_and(|task| !known.contains(&task)));
        others.extend(strangers.map(|_| format!("a user of {}", named(channel))));
    }
    if others.is_empty() {
        OtherThreads::None
    } else {
        OtherThreads::Some(others)
    }
}

/// Returns the tasks that would have to act for a task parked at this place, as far as they are known.
fn actors(place: &Parked, snapshot: &Snapshot) -> Vec<u64> {
    let channel = |number: u64| {
        snapshot
            .channels
            .iter()
            .find(|channel| channel.number == number)
    };
    let alive = |number: &u64| snapshot.tasks.iter().any(|task| task.number == *number);
    let mut actors: Vec<u64> = match place.waits_for {
        WaitsFor::End { number, .. } => vec![number],
        WaitsFor::Take(number) => channel(number).map_or_else(Vec::new, |channel| {
            // If takers put back what they took, the last taker has it.
            let holder = channel.last_taken_by.filter(|_| channel.len == 0);
            let holder = holder.filter(|holder| {
                let mut users = channel.used_by.iter();
                users.any(|user| user.task == Some(*holder) && user.puts > 0 && user.takes > 0)
                    || puts_back(channel)
            });
            if let Some(holder) = holder {
                vec![holder]
            } else {
                let users = channel.used_by.iter().filter(|user| user.puts > 0);
                users.filter_map(|user| user.task).collect()
            }
        }),
        WaitsFor::Put(number) => channel(number).map_or_else(Vec::new, |channel| {
            let users = channel.used_by.iter().filter(|user| user.takes > 0);
            users.filter_map(|user| user.task).collect()
        }),
        WaitsFor::Answer(_)
        | WaitsFor::Settling(_)
        | WaitsFor::Time
        | WaitsFor::Closure
        | WaitsFor::Socket
        | WaitsFor::Foreign
        | WaitsFor::Nothing => Vec::new(),
    };
    actors.retain(alive);
    actors
}

/// Whether a channel looks like a lock: it holds one value at most, and started full.
fn puts_back(channel: &ChannelInfo) -> bool {
    channel.capacity == Some(1) && channel.high_water == 1 && channel.takes == channel.puts
}

/// Finds a circle of tasks in which each waits for the next only.
fn circle(snapshot: &Snapshot) -> Vec<u64> {
    let next = |task: &TaskInfo| -> Option<u64> {
        let all: HashSet<u64> = task
            .parked
            .iter()
            .flat_map(|place| actors(place, snapshot))
            .filter(|actor| *actor != task.number)
            .collect();
        (all.len() == 1).then(|| all.into_iter().next()).flatten()
    };
    let task = |number: u64| snapshot.tasks.iter().find(|task| task.number == number);
    let mut judged = HashSet::new();
    for start in &snapshot.tasks {
        let mut path: Vec<u64> = Vec::new();
        let mut here = Some(start);
        while let Some(current) = here {
            if let Some(from) = path.iter().position(|number| *number == current.number) {
                return path.split_off(from);
            }
            if !judged.insert(current.number) {
                break;
            }
            path.push(current.number);
            here = next(current).and_then(task);
        }
    }
    Vec::new()
}

fn named(channel: &ChannelInfo) -> String {
    let number = channel.number;
    match &channel.name {
        Some(name) => format!("`{name}`"),
        None => format!("channel {number}"),
    }
}

fn line(place: Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// The report below its first line.
struct Body<'a>(&'a Deadlock);

impl Body<'_> {
    fn task_name(&self, number: u64) -> String {
        let mut tasks = self.0.snapshot.tasks.iter();
        let task = tasks.find(|task| task.number == number);
        match task.and_then(|task| task.name.as_deref()) {
            Some(name) => format!("task {number} \"{name}\""),
            None => format!("task {number}"),
        }
    }

    fn task_list(&self, numbers: &[u64]) -> String {
        let mut numbers = numbers.to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        let more = numbers.len().saturating_sub(5);
        let names = numbers.iter().take(5).map(|number| self.task_name(*number));
        let mut text = names.collect::<Vec<_>>().join(", ");
        if more > 0 {
            text += " and ";
            text += &more.to_string();
            text += " more";
        }
        text
    }

    fn write_place(
        &self,
        f: &mut fmt::Formatter<'_>,
        place: &Parked,
        own: Option<u64>,
    ) -> fmt::Result {
        if place.waits_for == WaitsFor::Nothing {
            return Ok(());
        }
        match place.place {
            Some(at) => writeln!(f, "    at {}: {}", line(at), place.text)?,
            None => writeln!(f, "    at an `.await`")?,
        }
        let channels = &self.0.snapshot.channels;
        let channel = |number: u64| channels.iter().find(|channel| channel.number == number);
        let mut actors = actors(place, &self.0.snapshot);
        actors.retain(|actor| Some(*actor) != own);
        match place.waits_for {
            WaitsFor::Take(number) => {
                if let Some(channel) = channel(number) {
                    self.write_channel(
                        f,
                        channel,
                        "a value from",
                        "put",
                        channel.putters,
                        &actors,
                    )?;
                }
            }
            WaitsFor::Put(number) => {
                if let Some(channel) = channel(number) {
                    let what = if channel.capacity == Some(0) {
                        "a taker of"
                    } else {
                        "room in"
                    };
                    self.write_channel(f, channel, what, "take", channel.takers, &actors)?;
                }
            }
            WaitsFor::End { number, started_at } => {
                writeln!(
                    f,
                    "      for {} to end, started at {}",
                    self.task_name(number),
                    line(started_at)
                )?;
            }
            WaitsFor::Answer(made_at) => {
                writeln!(
                    f,
                    "      for the promise made at {}: whoever holds its resolver would have to deliver",
                    line(made_at)
                )?;
            }
            WaitsFor::Settling(made_at) => {
                writeln!(f, "      for the agent made at {} to settle", line(made_at))?;
            }
            WaitsFor::Time
            | WaitsFor::Closure
            | WaitsFor::Socket
            | WaitsFor::Foreign
            | WaitsFor::Nothing => {}
        }
        Ok(())
    }

    fn write_channel(
        &self,
        f: &mut fmt::Formatter<'_>,
        channel: &ChannelInfo,
        what: &str,
        act: &str,
        handles: usize,
        actors: &[u64],
    ) -> fmt::Result {
        writeln!(
            f,
            "      for {what} {}, made at {}",
            named(channel),
            line(channel.made_at)
        )?;
        let waiting = channel.parked_takers.len() + channel.parked_putters.len();
        match actors {
            [] if handles <= waiting => writeln!(
                f,
                "      nobody else can {act}: {}",
                match handles {
                    1 => "its only handle is the one that waits here".to_owned(),
                    _ => format!("its {handles} handles are as many as those that wait"),
                }
            ),
            [] => {
                let done = if act == "put" {
                    channel.puts
                } else {
                    channel.takes
                };
                let who = match done {
                    0 => format!(
                        "nobody has {} yet",
                        if act == "put" { "put" } else { "taken" }
                    ),
                    _ => format!(
                        "those who have {} are over",
                        if act == "put" { "put" } else { "taken" }
                    ),
                };
                writeln!(f, "      {who}; {handles} of its handles could {act}")
            }
            [holder]
                if channel.last_taken_by == Some(*holder) && act == "put" && channel.len == 0 =>
            {
                writeln!(
                    f,
                    "      which {} took last: it would have to {act}",
                    self.task_name(*holder)
                )
            }
            actors => writeln!(f, "      {} would have to {act}", self.task_list(actors)),
        }
    }
}

/// The most tasks written out.
const TASKS: usize = 30;

impl fmt::Display for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Snapshot { tasks, blocked, .. } = &self.0.snapshot;
        for waiting in blocked {
            let thread = waiting.thread.as_deref().unwrap_or("unnamed");
            writeln!(
                f,
                "  thread \"{thread}\" in `{}` at {} waits",
                waiting.call,
                line(waiting.called_at)
            )?;
            for place in &waiting.parked {
                self.write_place(f, place, None)?;
            }
        }
        if tasks.is_empty() {
            writeln!(f, "  no task is alive that could do anything")?;
        }
        let in_circle = |task: &&TaskInfo| self.0.circle.contains(&task.number);
        let first = tasks.iter().filter(in_circle);
        let rest = tasks.iter().filter(|task| !in_circle(task));
        for task in first.chain(rest).take(TASKS) {
            let since = task
                .since
                .map(|since| format!(" since {since:.1?}"))
                .unwrap_or_default();
            let state = match task.state {
                TaskState::Parked => format!("waits{since}"),
                state => format!("is {state}"),
            };
            writeln!(
                f,
                "  {}, started at {}, {state}",
                self.task_name(task.number),
                line(task.started_at)
            )?;
            if task.state == TaskState::Parked && task.parked.is_empty() {
                writeln!(
                    f,
                    "    for nothing that is known: its waker is gone, or was not kept"
                )?;
            }
            for place in &task.parked {
                self.write_place(f, place, Some(task.number))?;
            }
        }
        if tasks.len() > TASKS {
            writeln!(f, "  … and {} more tasks", tasks.len() - TASKS)?;
        }
        if let [first, ..] = self.0.circle.as_slice() {
            let circle = self.0.circle.iter().chain([first]);
            let circle: Vec<_> = circle.map(|number| self.task_name(*number)).collect();
            writeln!(f, "  in a circle: {}", circle.join(" → "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.others {
            OtherThreads::None => f.write_str(
                "deadlock: nothing can run, and nothing is waited for that could come\n",
            )?,
            OtherThreads::Some(_) | OtherThreads::Unknown => {
                f.write_str(
                    "nothing runs: every task waits, and no timer and no socket is waited for\n",
                )?;
            }
        }
        Body(self).fmt(f)?;
        match &self.others {
            OtherThreads::None => Ok(()),
            OtherThreads::Some(others) => {
                writeln!(
                    f,
                    "  may still be woken by other threads: {}",
                    others.join(", ")
                )
            }
            OtherThreads::Unknown => {
                writeln!(
                    f,
                    "  may still be woken by other threads, which this system does not tell of"
                )
            }
        }
    }
}

static HOOK: Hook<Deadlock> = Hook::new();

/// Sets the hook that is called with a deadlock; it replaces the hook set before. Without one a certain deadlock is
/// written to standard error, and one that other threads might end is not reported.
///
/// It is called when all tasks have been parked for a second, with no timer, socket or `thread!` in progress, while a
/// thread waits in `block_on`, or in a blocking twin such as `take_blocking` if no other thread is left that could act;
/// and again only after a task has run. The program goes on waiting. On a
/// [simulated](crate::scheduler::Scheduler::simulated) scheduler it is not called: there a deadlock fails at once.
///
/// # Examples
///
/// ```
/// async_dsl::inspect::on_deadlock(|deadlock| eprintln!("{deadlock}"));
/// ```
pub fn on_deadlock(hook: impl Fn(&Deadlock) + Send + Sync + 'static) {
    HOOK.set(hook);
}

/// Calls the hook.
pub(crate) fn report(deadlock: &Deadlock) {
    let hook = HOOK.get();
    match hook {
        Some(hook) => hook(deadlock),
        None if deadlock.is_certain() => eprint!("{deadlock}"),
        None => {}
    }
}
