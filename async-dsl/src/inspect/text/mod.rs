//! A snapshot as text: tables that fit a terminal.

mod own;
mod table;
mod tasks;

use std::fmt;

use crate::chan::Kind;
use crate::inspect::view::{AgentInfo, ChannelInfo, GroupInfo, Snapshot};

use own::write_tables;
use table::{Column, Cut, Table, WIDTH, counted, line, most, seconds};
use tasks::{write_blocked, write_tasks};

const CHANNELS: &[Column] = &[
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

const AGENTS: &[Column] = &[
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

const GROUPS: &[Column] = &[
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

/// Writes one table, if it has a row.
fn write<T>(
    f: &mut fmt::Formatter<'_>,
    width: usize,
    (what, columns): (&str, &[Column]),
    things: &[T],
    row: impl Fn(&T) -> Vec<String>,
) -> fmt::Result {
    if things.is_empty() {
        return Ok(());
    }
    writeln!(f, "{}", counted(things.len(), what))?;
    let shown = things.len().min(most(f));
    let table = Table {
        columns,
        rows: things[..shown].iter().map(row).collect(),
        more: things.len() - shown,
    };
    table.write(f, width)
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = f.width().unwrap_or(WIDTH);
        write_tasks(self, f, width)?;
        write_blocked(self, f, width)?;
        let channels = self.channels.iter();
        let channels = channels.filter(|channel| channel.shown_by.is_none());
        let channels: Vec<&ChannelInfo> = channels.collect();
        write(f, width, ("channel", CHANNELS), &channels, |channel| {
            channel_row(channel)
        })?;
        write(f, width, ("agent", AGENTS), &self.agents, agent_row)?;
        write(f, width, ("group", GROUPS), &self.groups, group_row)?;
        write_tables(self, f, width)
    }
}
