//! Whether a scheduler is in a deadlock.

use std::collections::HashSet;

use super::actors::actors;
use super::text::{Body, named};
use super::{Deadlock, OtherThreads};
use crate::inspect::view::{BlockOnInfo, Parked, Snapshot, TaskInfo, TaskState, WaitsFor};
use crate::inspect::{snapshot, threads};
use crate::runtime::blocked::{self, BLOCK_ON};
use crate::runtime::handle::Handle;

/// Whether something outside the tables may wake it: a timer, a socket, a foreign future.
fn may_be_woken(parked: &[Parked], snapshot: &Snapshot) -> bool {
    parked.iter().any(|place| match place.waits_for {
        // One that has left its table since: nothing is known of it.
        WaitsFor::Row(id) => snapshot.row(id).is_none_or(|row| row.is_woken_from_outside),
        WaitsFor::Time | WaitsFor::Closure | WaitsFor::Socket | WaitsFor::Foreign => true,
        WaitsFor::Take(_)
        | WaitsFor::Put(_)
        | WaitsFor::End { .. }
        | WaitsFor::Answer(_)
        | WaitsFor::Settling(_)
        | WaitsFor::Group(_)
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
        .any(|task| task.state != TaskState::Parked || may_be_woken(&task.parked, &snapshot));
    let waits = snapshot.blocked.iter();
    let main_runs = waits.clone().any(|blocked| blocked.parked.is_empty())
        || waits
            .clone()
            .any(|blocked| may_be_woken(&blocked.parked, &snapshot));
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

/// Finds a circle of tasks in which each waits for the next only.
fn circle(snapshot: &Snapshot) -> Vec<u64> {
    let next = |task: &TaskInfo| -> Option<u64> {
        let all: HashSet<u64> = task
            .parked
            .iter()
            .flat_map(|place| actors(place.waits_for, Some(task.number), snapshot))
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
