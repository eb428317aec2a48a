//! Tasks, and threads that wait.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use super::table::{Column, Cut, Table, counted, line, most, seconds};
use crate::inspect::rows::RowInfo;
use crate::inspect::view::{BlockOnInfo, Parked, Snapshot, TaskInfo, TaskState, WaitsFor};
use crate::runtime::blocked::BLOCK_ON;
use crate::runtime::place::Place;

fn waits_for(waits_for: WaitsFor, snapshot: &Snapshot) -> String {
    let channel = |number: u64| {
        let named = snapshot
            .channels
            .iter()
            .find(|channel| channel.number == number);
        match named.and_then(|channel| channel.name.as_deref()) {
            Some(name) => name.to_owned(),
            None => format!("channel {number}"),
        }
    };
    match waits_for {
        WaitsFor::Take(number) | WaitsFor::Put(number) => channel(number),
        WaitsFor::End { number, .. } => format!("task {number}"),
        WaitsFor::Answer(made_at) => format!("promise of {}", line(made_at)),
        WaitsFor::Settling(made_at) => format!("agent of {}", line(made_at)),
        WaitsFor::Group(number) => format!("group {number}"),
        WaitsFor::Row(id) => snapshot
            .row(id)
            .map_or_else(|| format!("{} {}", id.kind, id.number), RowInfo::label),
        WaitsFor::Time => "the time".to_owned(),
        WaitsFor::Closure => "a thread".to_owned(),
        WaitsFor::Socket => "the network".to_owned(),
        WaitsFor::Foreign => "a foreign future".to_owned(),
        WaitsFor::Nothing => "(off)".to_owned(),
    }
}

const TASKS: &[Column] = &[
    ("task", Cut::End),
    ("state", Cut::Never),
    ("since", Cut::Never),
    ("parked at", Cut::Start),
    ("word", Cut::End),
    ("waits for", Cut::End),
    ("started at", Cut::Start),
];

/// Returns the rows of one task or thread: one for each place.
fn rows(
    first: [String; 3],
    parked: &[Parked],
    last: &str,
    snapshot: &Snapshot,
) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut first = Some(first);
    for index in 0..parked.len().max(1) {
        let mut row: Vec<String> = match first.take() {
            Some(first) => first.into(),
            None => vec![String::new(); 3],
        };
        match parked.get(index) {
            None => row.extend(std::iter::repeat_n(String::new(), 3)),
            Some(place) => {
                row.push(place.place.map(line).unwrap_or_default());
                row.push(if place.is_arm {
                    format!("| {}", place.text)
                } else {
                    place.text.clone()
                });
                row.push(waits_for(place.waits_for, snapshot));
            }
        }
        row.push(if index == 0 {
            last.to_owned()
        } else {
            String::new()
        });
        rows.push(row);
    }
    rows
}

/// The common part of tasks that share a row: everything but their number, their channel, and since when.
type Alike<'a> = (u16, TaskState, Place, Option<&'a str>, Vec<Option<Place>>);

fn alike(task: &TaskInfo) -> Alike<'_> {
    let places = task.parked.iter().map(|parked| parked.place).collect();
    let name = task.name.as_deref();
    (task.scheduler, task.state, task.started_at, name, places)
}

/// Tasks that share a row.
struct Group<'a> {
    first: &'a TaskInfo,
    count: usize,
    since: Option<Duration>,
    /// Whether they wait for different things.
    differ: bool,
}

/// Groups the tasks, in the order of the first of each group.
fn groups(tasks: &[TaskInfo], each_alone: bool) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut known: HashMap<Alike<'_>, usize> = HashMap::new();
    for task in tasks {
        let new = groups.len();
        let index = if each_alone {
            new
        } else {
            *known.entry(alike(task)).or_insert(new)
        };
        if index == new {
            groups.push(Group {
                first: task,
                count: 1,
                since: task.since,
                differ: false,
            });
            continue;
        }
        let group = &mut groups[index];
        group.count += 1;
        group.since = group.since.max(task.since);
        let same = task.parked.iter().zip(&group.first.parked);
        group.differ |= same
            .into_iter()
            .any(|(one, other)| one.waits_for != other.waits_for);
    }
    groups
}

pub(super) fn write_tasks(
    snapshot: &Snapshot,
    f: &mut fmt::Formatter<'_>,
    width: usize,
) -> fmt::Result {
    let tasks = &snapshot.tasks;
    let count = |state| tasks.iter().filter(|task| task.state == state).count();
    writeln!(
        f,
        "{}: {} running, {} ready, {} parked",
        counted(tasks.len(), "task"),
        count(TaskState::Running),
        count(TaskState::Ready),
        count(TaskState::Parked)
    )?;
    let mut table = Table {
        columns: TASKS,
        rows: Vec::new(),
        more: 0,
    };
    let groups = groups(tasks, f.alternate());
    let shown = groups.len().min(most(f));
    for group in &groups[..shown] {
        let name = group.first.name.as_deref().unwrap_or_default();
        let who = match group.count {
            1 => format!("{} {name}", group.first.number),
            count => format!("{count} × {name}"),
        };
        let first = [
            who.trim_end().to_owned(),
            group.first.state.to_string(),
            group.since.map(seconds).unwrap_or_default(),
        ];
        let last = line(group.first.started_at);
        let mut rows = rows(first, &group.first.parked, &last, snapshot);
        if group.first.state == TaskState::Parked && group.first.parked.is_empty() {
            "nothing known".clone_into(&mut rows[0][5]);
        }
        if group.differ {
            for row in &mut rows {
                "each its own".clone_into(&mut row[5]);
            }
        }
        table.rows.extend(rows);
    }
    table.more = groups.len() - shown;
    table.write(f, width)
}

const BLOCKED: &[Column] = &blocked_columns("block_on at");

/// The same, if some threads are in a blocking twin.
const BLOCKING: &[Column] = &blocked_columns("called at");

const fn blocked_columns(called_at: &'static str) -> [Column; 7] {
    [
        ("thread", Cut::End),
        ("state", Cut::Never),
        ("since", Cut::Never),
        ("parked at", Cut::Start),
        ("word", Cut::End),
        ("waits for", Cut::End),
        (called_at, Cut::Start),
    ]
}

fn blocked_rows(blocked: &BlockOnInfo, snapshot: &Snapshot) -> Vec<Vec<String>> {
    let since = blocked.parked.iter().filter_map(|place| place.since).max();
    let state = if blocked.parked.is_empty() {
        TaskState::Running
    } else {
        TaskState::Parked
    };
    let first = [
        blocked
            .thread
            .clone()
            .unwrap_or_else(|| "unnamed".to_owned()),
        state.to_string(),
        since.map(seconds).unwrap_or_default(),
    ];
    rows(first, &blocked.parked, &line(blocked.called_at), snapshot)
}

pub(super) fn write_blocked(
    snapshot: &Snapshot,
    f: &mut fmt::Formatter<'_>,
    width: usize,
) -> fmt::Result {
    let blocked = &snapshot.blocked;
    if blocked.is_empty() {
        return Ok(());
    }
    let is_block_on = |blocked: &BlockOnInfo| blocked.call == BLOCK_ON;
    let (what, columns) = if blocked.iter().all(is_block_on) {
        ("in `block_on`", BLOCKED)
    } else {
        ("in blocking calls", BLOCKING)
    };
    writeln!(f, "{} {what}", counted(blocked.len(), "thread"))?;
    let shown = blocked.len().min(most(f));
    let rows = blocked[..shown].iter();
    let rows = rows.flat_map(|blocked| blocked_rows(blocked, snapshot));
    let table = Table {
        columns,
        rows: rows.collect(),
        more: blocked.len() - shown,
    };
    table.write(f, width)
}
