//! Where tasks are parked, put together from the lines they are in and the notes they left.

use std::collections::HashMap;
use std::time::Duration;

use super::view::{Parked, TaskState, WaitsFor};
use crate::runtime::handle::Handle;
use crate::runtime::left::{Note, On};
use crate::runtime::place::{At, Place};
use crate::runtime::row::RowId;
use crate::runtime::tick::waited;

/// A waiter's place in a channel's line.
pub(super) struct InLine {
    pub(super) at: At,
    pub(super) since: u32,
    pub(super) waits_for: WaitsFor,
}

/// Returns the time since then. Both times are of the same clock.
pub(super) fn ago(since: u32, now: u32) -> Duration {
    Duration::from_millis(u64::from(waited(since, now)))
}

/// Returns the tasks that are ready or running.
pub(super) fn active(schedulers: &[Handle]) -> HashMap<u64, TaskState> {
    let mut active = HashMap::new();
    for handle in schedulers {
        let ready = handle.ready().into_iter();
        active.extend(ready.map(|id| (id.get(), TaskState::Ready)));
        active.extend(handle.running().map(|id| (id, TaskState::Running)));
    }
    active
}

/// Returns where a task is parked, from the lines it is in and the note it left.
pub(super) fn places(lines: Vec<InLine>, note: Option<Note>, now: u32) -> Vec<Parked> {
    let mut all: Vec<(At, u32, WaitsFor)> = lines
        .into_iter()
        .map(|line| (line.at, line.since, line.waits_for))
        .collect();
    if let Some(note) = note {
        // A time limit around a wait, or a foreign future that was polled: these notes say less than a line, unless
        // they are of another arm.
        let is_foreign = matches!(note.on, On::Foreign) && note.at.arms().is_none();
        let says_less = is_foreign || note.at.place().is_none();
        if all.is_empty() || !says_less {
            all.push((note.at, note.since, note.on.into()));
        }
    }
    let mut parked = Vec::new();
    while !all.is_empty() {
        let first = all.remove(0);
        let Some(arms) = first.0.arms() else {
            parked.push(place(first.0, Some(first.1), first.2, now));
            continue;
        };
        // One `alt!`: its arms in their order, with what each of them waits for.
        let (mut waiting, others): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|(at, ..)| matches!(at.arms(), Some(other) if std::ptr::eq(other, arms)));
        all = others;
        waiting.push(first);
        for arm in arms.iter() {
            let found = waiting.iter().find(|(at, ..)| at.place() == arm.place());
            parked.push(match found {
                Some((_, since, waits_for)) => place(arm, Some(*since), *waits_for, now),
                None => place(arm, None, WaitsFor::Nothing, now),
            });
        }
    }
    parked
}

pub(super) fn place(at: At, since: Option<u32>, waits_for: WaitsFor, now: u32) -> Parked {
    Parked {
        place: at.place(),
        text: at.text().unwrap_or(method(at, waits_for)).to_owned(),
        waits_for,
        is_arm: at.arms().is_some(),
        since: since.map(|since| ago(since, now)),
    }
}

/// Returns the text for an operation that is not a word.
fn method(at: At, waits_for: WaitsFor) -> &'static str {
    match waits_for {
        // Anything else that waits for a group is awaited.
        WaitsFor::Group(_) if at.place().is_some() => "go!(group = …)",
        WaitsFor::Take(_) => ".take()",
        WaitsFor::Put(_) => ".put()",
        WaitsFor::Time => "sleep()",
        WaitsFor::Settling(_) => ".settled()",
        WaitsFor::End { .. }
        | WaitsFor::Answer(_)
        | WaitsFor::Group(_)
        | WaitsFor::Row(_)
        | WaitsFor::Closure
        | WaitsFor::Socket
        | WaitsFor::Foreign => ".await",
        WaitsFor::Nothing => "",
    }
}

impl From<On> for WaitsFor {
    fn from(on: On) -> Self {
        match on {
            On::Timer => Self::Time,
            On::Task(id, line) => Self::End {
                number: id.number(),
                started_at: Place::from(line),
            },
            On::Promise(line) => Self::Answer(line.into()),
            On::Agent(line) => Self::Settling(line.into()),
            On::Group(number) => Self::Group(number),
            On::Row(kind, number) => Self::Row(RowId::new(kind.name, number)),
            On::Thread => Self::Closure,
            On::Socket => Self::Socket,
            On::Foreign => Self::Foreign,
        }
    }
}
