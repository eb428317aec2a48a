//! A snapshot as text: tables that fit a terminal.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use crate::chan::Kind;
use crate::inspect::view::{
    AgentInfo, BlockOnInfo, ChannelInfo, GroupInfo, Parked, Snapshot, TaskInfo, TaskState, WaitsFor,
};
use crate::runtime::blocked::BLOCK_ON;
use crate::runtime::place::Place;

/// The width of a terminal, unless the format sets another.
const WIDTH: usize = 100;
/// The most rows of a table.
const ROWS: usize = 40;
/// The narrowest a column is cut to.
const NARROWEST: usize = 8;

/// Where a cell that does not fit is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// Nowhere: it is short.
    Never,
    End,
    /// At the start, because the end says more: a path.
    Start,
}

struct Table {
    columns: &'static [(&'static str, Cut)],
    rows: Vec<Vec<String>>,
    /// How many rows are left out.
    more: usize,
}

impl Table {
    fn write(&self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                let cells = self.rows.iter().map(|row| chars(&row[column]));
                cells.max().unwrap_or(0).max(chars(self.columns[column].0))
            })
            .collect();
        let gaps = 2 * self.columns.len();
        // The widest column is cut first.
        while widths.iter().sum::<usize>() + gaps > width {
            let cuttable = (0..widths.len()).filter(|column| {
                self.columns[*column].1 != Cut::Never && widths[*column] > NARROWEST
            });
            match cuttable.max_by_key(|column| widths[*column]) {
                Some(widest) => widths[widest] -= 1,
                None => break,
            }
        }
        let headers = self.columns.iter().map(|(name, _)| (*name).to_owned());
        let headers: Vec<String> = headers.collect();
        for row in std::iter::once(&headers).chain(self.rows.iter()) {
            let mut line = String::new();
            for (cell, (width, (_, cut))) in row.iter().zip(widths.iter().zip(self.columns)) {
                let cell = shortened(cell, *width, *cut);
                let padding = width.saturating_sub(chars(&cell));
                line.push_str("  ");
                line.push_str(&cell);
                line.extend(std::iter::repeat_n(' ', padding));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        match self.more {
            0 => Ok(()),
            more => writeln!(f, "  … and {more} more (`{{:#}}` shows all)"),
        }
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Cuts a text to `width`, with a `…` where something is missing.
fn shortened(text: &str, width: usize, cut: Cut) -> String {
    let len = chars(text);
    if len <= width || cut == Cut::Never {
        return text.to_owned();
    }
    match cut {
        Cut::Start => std::iter::once('…')
            .chain(text.chars().skip(len + 1 - width))
            .collect(),
        _ => text.chars().take(width - 1).chain(['…']).collect(),
    }
}

/// Returns a file and a line: the column is for machines.
fn line(place: Place) -> String {
    format!("{}:{}", place.file, place.line)
}

fn seconds(time: Duration) -> String {
    if time.is_zero() {
        return "0s".to_owned();
    }
    match time.as_secs() {
        0 => format!("{}ms", time.as_millis()),
        seconds @ 1..60 => format!("{seconds}.{}s", time.subsec_millis() / 100),
        seconds @ 60..3600 => format!("{}m {}s", seconds / 60, seconds % 60),
        seconds => format!("{}h {}m", seconds / 3600, seconds / 60 % 60),
    }
}

fn waits_for(waits_for: WaitsFor, channels: &[ChannelInfo]) -> String {
    let channel = |number: u64| {
        let named = channels.iter().find(|channel| channel.number == number);
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
        WaitsFor::Time => "the time".to_owned(),
        WaitsFor::Closure => "a thread".to_owned(),
        WaitsFor::Socket => "the network".to_owned(),
        WaitsFor::Foreign => "a foreign future".to_owned(),
        WaitsFor::Nothing => "(off)".to_owned(),
    }
}

const TASKS: &[(&str, Cut)] = &[
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
    channels: &[ChannelInfo],
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
                row.push(waits_for(place.waits_for, channels));
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

fn write_tasks(snapshot: &Snapshot, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
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
        let mut rows = rows(first, &group.first.parked, &last, &snapshot.channels);
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

fn most(f: &fmt::Formatter<'_>) -> usize {
    if f.alternate() { usize::MAX } else { ROWS }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

const BLOCKED: &[(&str, Cut)] = &blocked_columns("block_on at");

/// The same, if some threads are in a blocking twin.
const BLOCKING: &[(&str, Cut)] = &blocked_columns("called at");

const fn blocked_columns(called_at: &'static str) -> [(&'static str, Cut); 7] {
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

fn blocked_rows(blocked: &BlockOnInfo, channels: &[ChannelInfo]) -> Vec<Vec<String>> {
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
    rows(first, &blocked.parked, &line(blocked.called_at), channels)
}

const CHANNELS: &[(&str, Cut)] = &[
    ("channel", Cut::End),
    ("buffer", Cut::Never),
    ("holds", Cut::Never),
    ("parked put/take", Cut::Never),
    ("handles put/take", Cut::Never),
    ("puts", Cut::Never),
    ("takes", Cut::Never),
    ("lost", Cut::Never),
    ("most", Cut::Never),
    ("waited", Cut::Never),
    ("made at", Cut::Start),
];

fn channel_row(channel: &ChannelInfo) -> Vec<String> {
    let name = channel.name.as_deref().unwrap_or_default();
    let capacity = channel
        .capacity
        .map_or_else(|| "∞".to_owned(), |n| n.to_string());
    let kind = match channel.kind {
        None => "busy",
        Some(Kind::Fixed) if channel.capacity == Some(0) => "rendezvous",
        Some(Kind::Unbounded) => "unbounded",
        Some(Kind::Fixed) => "fixed",
        Some(Kind::Dropping) => "dropping",
        Some(Kind::Sliding) => "sliding",
        Some(Kind::Custom) => "custom",
        Some(Kind::Permits) => "permits",
        Some(Kind::Watch) => "watch",
        Some(Kind::Broadcast) => "broadcast",
    };
    vec![
        format!("{} {name}", channel.number).trim_end().to_owned(),
        if channel.closed {
            format!("{kind}, closed")
        } else {
            kind.to_owned()
        },
        format!("{}/{capacity}", channel.len),
        format!(
            "{}/{}",
            channel.parked_putters.len(),
            channel.parked_takers.len()
        ),
        format!("{}/{}", channel.putters, channel.takers),
        channel.puts.to_string(),
        channel.takes.to_string(),
        channel.discarded.to_string(),
        channel.high_water.to_string(),
        seconds(channel.longest_wait),
        line(channel.made_at),
    ]
}

const AGENTS: &[(&str, Cut)] = &[
    ("agent", Cut::End),
    ("state", Cut::Never),
    ("queued", Cut::Never),
    ("made at", Cut::Start),
    ("error", Cut::End),
];

fn agent_row(agent: &AgentInfo) -> Vec<String> {
    let name = agent.name.as_deref().unwrap_or_default();
    vec![
        format!("{} {name}", agent.number).trim_end().to_owned(),
        agent.state.to_string(),
        agent.queued.to_string(),
        line(agent.made_at),
        agent.error.clone().unwrap_or_default(),
    ]
}

const GROUPS: &[(&str, Cut)] = &[
    ("group", Cut::End),
    ("kind", Cut::Never),
    ("runs", Cut::Never),
    ("limit", Cut::Never),
    ("ended", Cut::Never),
    ("made at", Cut::Start),
];

fn group_row(group: &GroupInfo) -> Vec<String> {
    let name = group.name.as_deref().unwrap_or_default();
    let limit = group
        .limit
        .map_or_else(|| "∞".to_owned(), |n| n.to_string());
    vec![
        format!("{} {name}", group.number).trim_end().to_owned(),
        group.kind.to_string(),
        group.running.to_string(),
        limit,
        group.ended.to_string(),
        line(group.made_at),
    ]
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = f.width().unwrap_or(WIDTH);
        let most = most(f);
        write_tasks(self, f, width)?;
        if !self.blocked.is_empty() {
            let is_block_on = |blocked: &BlockOnInfo| blocked.call == BLOCK_ON;
            let (what, columns) = if self.blocked.iter().all(is_block_on) {
                ("in `block_on`", BLOCKED)
            } else {
                ("in blocking calls", BLOCKING)
            };
            writeln!(f, "{} {what}", counted(self.blocked.len(), "thread"))?;
            let rows = self.blocked.iter().take(most);
            let rows = rows.flat_map(|blocked| blocked_rows(blocked, &self.channels));
            let table = Table {
                columns,
                rows: rows.collect(),
                more: self.blocked.len().saturating_sub(most),
            };
            table.write(f, width)?;
        }
        if !self.channels.is_empty() {
            writeln!(f, "{}", counted(self.channels.len(), "channel"))?;
            let table = Table {
                columns: CHANNELS,
                rows: self.channels.iter().take(most).map(channel_row).collect(),
                more: self.channels.len().saturating_sub(most),
            };
            table.write(f, width)?;
        }
        if !self.agents.is_empty() {
            writeln!(f, "{}", counted(self.agents.len(), "agent"))?;
            let table = Table {
                columns: AGENTS,
                rows: self.agents.iter().take(most).map(agent_row).collect(),
                more: self.agents.len().saturating_sub(most),
            };
            table.write(f, width)?;
        }
        if !self.groups.is_empty() {
            writeln!(f, "{}", counted(self.groups.len(), "group"))?;
            let table = Table {
                columns: GROUPS,
                rows: self.groups.iter().take(most).map(group_row).collect(),
                more: self.groups.len().saturating_sub(most),
            };
            table.write(f, width)?;
        }
        Ok(())
    }
}
