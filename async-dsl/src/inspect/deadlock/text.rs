//! The report of a deadlock.

use std::fmt;

use super::actors::{actors, inside};
use super::{Deadlock, OtherThreads};
use crate::inspect::rows::RowInfo;
use crate::inspect::view::{ChannelInfo, Parked, Snapshot, TaskInfo, TaskState, WaitsFor};
use crate::runtime::place::Place;

pub(super) fn named(channel: &ChannelInfo) -> String {
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
pub(super) struct Body<'a>(pub(super) &'a Deadlock);

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
        let mut actors = actors(place.waits_for, own, &self.0.snapshot);
        actors.retain(|actor| Some(*actor) != own);
        match place.waits_for {
            WaitsFor::Take(number) => {
                if let Some(channel) = channel(number) {
                    write_channel(f, channel, "a value from")?;
                    self.write_who(f, channel, "put", &actors)?;
                }
            }
            WaitsFor::Put(number) => {
                if let Some(channel) = channel(number) {
                    let what = if channel.capacity == Some(0) {
                        "a taker of"
                    } else {
                        "room in"
                    };
                    write_channel(f, channel, what)?;
                    self.write_who(f, channel, "take", &actors)?;
                    self.write_held_up(f, channel, own)?;
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
            WaitsFor::Group(number) => {
                let mut groups = self.0.snapshot.groups.iter();
                if let Some(group) = groups.find(|group| group.number == number) {
                    let who = match actors.as_slice() {
                        [] => format!("its {} tasks", group.running),
                        actors => self.task_list(actors),
                    };
                    let what = group.label();
                    writeln!(f, "      for a task of {what} to end: {who}")?;
                }
            }
            WaitsFor::Row(id) => match self.0.snapshot.row(id) {
                Some(row) => self.write_row(f, row, own, &actors)?,
                None => writeln!(f, "      for {} {}, which is gone", id.kind, id.number)?,
            },
            WaitsFor::Time
            | WaitsFor::Closure
            | WaitsFor::Socket
            | WaitsFor::Foreign
            | WaitsFor::Nothing => {}
        }
        Ok(())
    }

    /// Writes what a thing of a table of its own is waited for.
    fn write_row(
        &self,
        f: &mut fmt::Formatter<'_>,
        row: &RowInfo,
        own: Option<u64>,
        actors: &[u64],
    ) -> fmt::Result {
        let made = row
            .made_at
            .map(|place| format!(", made at {}", line(place)));
        writeln!(f, "      for {}{}", row.label(), made.unwrap_or_default())?;
        let (number, act) = match inside(row, own, &self.0.snapshot) {
            Some(WaitsFor::Take(number)) => (number, "put"),
            Some(WaitsFor::Put(number)) => (number, "take"),
            _ => {
                return match actors {
                    [] => Ok(()),
                    actors => writeln!(f, "      {} would have to act", self.task_list(actors)),
                };
            }
        };
        let mut channels = self.0.snapshot.channels.iter();
        match channels.find(|channel| channel.number == number) {
            Some(channel) => self.write_who(f, channel, act, actors),
            None => Ok(()),
        }
    }

    /// Writes what a stage keeps back while it waits to put into one of its outputs.
    fn write_held_up(
        &self,
        f: &mut fmt::Formatter<'_>,
        channel: &ChannelInfo,
        own: Option<u64>,
    ) -> fmt::Result {
        let snapshot = &self.0.snapshot;
        let rows = snapshot.tables.iter().flat_map(|table| &table.rows);
        let mut rows = rows.filter(|row| own.is_some_and(|own| row.tasks.contains(&own)));
        let Some(row) = rows.find(|row| row.puts_into.contains(&channel.number)) else {
            return Ok(());
        };
        let others = snapshot.channels.iter().filter(|other| {
            other.number != channel.number && row.puts_into.contains(&other.number)
        });
        let others: Vec<_> = others.take(5).map(named).collect();
        let more = row.puts_into.len().saturating_sub(others.len() + 1);
        let more = match (others.as_slice(), more) {
            ([], _) => return Ok(()),
            (_, 0) => String::new(),
            (_, more) => format!(" and {more} more"),
        };
        let name = row.name.as_deref().unwrap_or(row.id.kind);
        let others = others.join(", ");
        writeln!(
            f,
            "      until then the {name} puts nothing into {others}{more}"
        )
    }

    fn write_who(
        &self,
        f: &mut fmt::Formatter<'_>,
        channel: &ChannelInfo,
        act: &str,
        actors: &[u64],
    ) -> fmt::Result {
        let handles = if act == "put" {
            channel.putters
        } else {
            channel.takers
        };
        let waiting = channel.parked_takers.len() + channel.parked_putters.len();
        match actors {
            // The handles of a channel that was split are not those that wait.
            [] if handles <= waiting && !channel.is_split => writeln!(
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

fn write_channel(f: &mut fmt::Formatter<'_>, channel: &ChannelInfo, what: &str) -> fmt::Result {
    let (name, line) = (named(channel), line(channel.made_at));
    writeln!(f, "      for {what} {name}, made at {line}")
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
