//! The process network: which tasks put into which channels, and which take.

mod dot;

use std::collections::BTreeMap;

use super::rows::RowInfo;
use super::view::{ChannelInfo, GroupInfo, Snapshot, TaskInfo, WaitsFor};
use crate::chan::Kind;
use crate::runtime::place::Place;
use crate::runtime::row::RowId;

/// The process network of a program: tasks and channels, with an edge for each task that puts or takes.
///
/// Tasks of one line (and name) are one node. Edges are drawn from the recorded [users](super::ChannelInfo::used_by) of
/// a channel, and from the parked tasks. A full channel, on which a task is parked to put, is red, and so are the edges
/// of such tasks; a starving one, on which a task is parked to take, is blue.
///
/// A stage of [`flow`](crate::flow) is one node with its task, as is what else has a [row](super::Row) with edges; its inputs and
/// outputs are drawn before it has used them. A group is joined to its tasks by dashed edges.
#[derive(Clone, Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    /// By the nodes they lead from and to.
    edges: BTreeMap<(usize, usize), Look>,
}

#[derive(Clone, Debug)]
enum Node {
    Tasks(TaskNode),
    Channel { label: String, flow: Flow },
    Row { label: String },
    Group { label: String },
}

#[derive(Clone, Debug)]
struct TaskNode {
    name: Option<String>,
    started_at: Place,
    /// How many of the tasks have not ended.
    alive: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Easy,
    /// A task is parked to put.
    Full,
    /// A task is parked to take.
    Starving,
}

impl Flow {
    fn of(channel: &ChannelInfo) -> Self {
        if !channel.parked_putters.is_empty() {
            Self::Full
        } else if !channel.parked_takers.is_empty() {
            Self::Starving
        } else {
            Self::Easy
        }
    }
}

/// What an edge looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    /// From a group to its tasks.
    Member,
    Plain,
    /// A task is parked for what has no end to put into or to take from.
    Waits,
    WaitsToTake,
    WaitsToPut,
}

type Key = (Place, Option<String>);

/// Which node is which.
#[derive(Default)]
struct Nodes {
    /// The nodes of tasks by line and name.
    lines: BTreeMap<Key, usize>,
    tasks: BTreeMap<u64, usize>,
    channels: BTreeMap<u64, usize>,
    rows: BTreeMap<RowId, usize>,
    groups: BTreeMap<u64, usize>,
}

impl Snapshot {
    /// Returns the process network.
    ///
    /// ```
    /// use async_dsl::prelude::*;
    ///
    /// let scheduler = async_dsl::scheduler::Scheduler::manual();
    /// let orders = chan::fixed::<u32>(8).named("orders");
    /// scheduler.enter(|| go!(name = "cook", |orders| { take!(orders) }));
    /// scheduler.run_until_parked();
    /// let dot = scheduler.snapshot().graph().to_dot();
    /// assert!(dot.contains("orders") && dot.contains("cook"));
    /// ```
    pub fn graph(&self) -> Graph {
        let mut graph = Graph {
            nodes: Vec::new(),
            edges: BTreeMap::new(),
        };
        let mut nodes = Nodes::default();
        let waiting = self.tasks.iter().flat_map(|task| &task.parked);
        let waited_for: Vec<WaitsFor> = waiting.map(|place| place.waits_for).collect();
        for row in self.tables.iter().flat_map(|table| &table.rows) {
            let has_edges = !row.takes_from.is_empty()
                || !row.puts_into.is_empty()
                || !row.stands_for.is_empty()
                || waited_for.contains(&WaitsFor::Row(row.id));
            if has_edges {
                let index = graph.add(Node::Row {
                    label: row_label(row),
                });
                nodes.rows.insert(row.id, index);
                let tasks = row.tasks.iter();
                nodes.tasks.extend(tasks.map(|task| (*task, index)));
            }
        }
        for task in &self.tasks {
            if nodes.tasks.contains_key(&task.number) {
                continue;
            }
            let index = graph.task(&mut nodes, task.started_at, task.name.as_ref());
            if let Node::Tasks(node) = &mut graph.nodes[index] {
                node.alive += 1;
            }
            nodes.tasks.insert(task.number, index);
        }
        for channel in &self.channels {
            graph.channel(&mut nodes, channel);
        }
        for row in self.tables.iter().flat_map(|table| &table.rows) {
            graph.row(&nodes, row);
        }
        for group in &self.groups {
            graph.group(&mut nodes, group);
        }
        for task in &self.tasks {
            graph.waits(task, &nodes, &self.channels);
        }
        graph
    }
}

impl Graph {
    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn task(&mut self, nodes: &mut Nodes, started_at: Place, name: Option<&String>) -> usize {
        let key = (started_at, name.cloned());
        if let Some(index) = nodes.lines.get(&key) {
            return *index;
        }
        let index = self.add(Node::Tasks(TaskNode {
            name: name.cloned(),
            started_at,
            alive: 0,
        }));
        nodes.lines.insert(key, index);
        index
    }

    fn edge(&mut self, from: usize, to: usize, look: Look) {
        let known = self.edges.entry((from, to)).or_insert(look);
        *known = (*known).max(look);
    }

    /// Adds a channel, or finds what stands for it, and those who have used it.
    fn channel(&mut self, nodes: &mut Nodes, channel: &ChannelInfo) {
        let owner = channel.shown_by.and_then(|row| nodes.rows.get(&row));
        let index = owner.copied().unwrap_or_else(|| {
            self.add(Node::Channel {
                label: label(channel),
                flow: Flow::of(channel),
            })
        });
        nodes.channels.insert(channel.number, index);
        for user in &channel.used_by {
            let known = user.task.and_then(|task| nodes.tasks.get(&task).copied());
            // The name of an ended task is gone, but not its line: any node of that line will do.
            let same_line = || {
                let mut lines = nodes.lines.iter();
                let line = lines.find(|((started_at, _), _)| *started_at == user.started_at);
                line.map(|(_, index)| *index)
            };
            let known = known.or_else(same_line);
            let task = known.unwrap_or_else(|| self.task(nodes, user.started_at, None));
            if task == index {
                continue; // its own part
            }
            if user.puts > 0 {
                self.edge(task, index, Look::Plain);
            }
            if user.takes > 0 {
                self.edge(index, task, Look::Plain);
            }
        }
    }

    fn row(&mut self, nodes: &Nodes, row: &RowInfo) {
        let Some(&index) = nodes.rows.get(&row.id) else {
            return;
        };
        for channel in row.takes_from.iter().filter_map(|n| nodes.channels.get(n)) {
            self.edge(*channel, index, Look::Plain);
        }
        for channel in row.puts_into.iter().filter_map(|n| nodes.channels.get(n)) {
            self.edge(index, *channel, Look::Plain);
        }
    }

    fn group(&mut self, nodes: &mut Nodes, group: &GroupInfo) {
        let index = self.add(Node::Group {
            label: group_label(group),
        });
        nodes.groups.insert(group.number, index);
        for task in group.tasks.iter().filter_map(|n| nodes.tasks.get(n)) {
            self.edge(index, *task, Look::Member);
        }
    }

    fn waits(&mut self, task: &TaskInfo, nodes: &Nodes, channels: &[ChannelInfo]) {
        let node = nodes.tasks[&task.number];
        for place in &task.parked {
            let of_channel = |number| nodes.channels.get(&number).copied();
            match place.waits_for {
                WaitsFor::Take(number) => {
                    if let Some(index) = of_channel(number) {
                        self.edge(index, node, Look::WaitsToTake);
                    }
                }
                WaitsFor::Put(number) => {
                    if let Some(index) = of_channel(number) {
                        self.edge(node, index, Look::WaitsToPut);
                    }
                }
                WaitsFor::Group(number) => {
                    if let Some(index) = nodes.groups.get(&number) {
                        self.edge(node, *index, Look::Waits);
                    }
                }
                WaitsFor::Row(row) => {
                    let Some(&index) = nodes.rows.get(&row) else {
                        continue;
                    };
                    // On a channel that the row stands for, it is known for what.
                    let mut own = channels.iter();
                    let own = own.find_map(|channel| {
                        let is_own = channel.shown_by == Some(row);
                        let waits = |waiters: &[super::Waiter]| {
                            waiters
                                .iter()
                                .any(|waiter| waiter.task == Some(task.number))
                        };
                        let puts = is_own && waits(&channel.parked_putters);
                        let takes = is_own && waits(&channel.parked_takers);
                        (puts || takes).then_some(puts)
                    });
                    match own {
                        Some(true) => self.edge(node, index, Look::WaitsToPut),
                        Some(false) => self.edge(index, node, Look::WaitsToTake),
                        None if node == index => {} // its own task
                        None => self.edge(node, index, Look::Waits),
                    }
                }
                _ => {}
            }
        }
    }
}

/// Returns the text in a channel's box: its name, and how full it is.
fn label(channel: &ChannelInfo) -> String {
    let name = channel.name.clone();
    let name = name.unwrap_or_else(|| line(channel.made_at));
    let fill = match (channel.kind, channel.capacity) {
        (None, _) => "busy".to_owned(),
        (Some(Kind::Fixed), Some(0)) => "rendezvous".to_owned(),
        (_, None) => format!("{} of ∞", channel.len),
        (_, Some(capacity)) => format!("{} of {capacity}", channel.len),
    };
    let closed = if channel.closed { ", closed" } else { "" };
    format!("{name}\n{fill}{closed}")
}

/// Returns the text of a thing of a table of its own: what it is, its line, and its status.
fn row_label(row: &RowInfo) -> String {
    let mut label = match &row.name {
        Some(name) => name.clone(),
        None => format!("{} {}", row.id.kind, row.id.number),
    };
    let place = row.made_at.map(line);
    for more in place.iter().chain(&row.status) {
        label.push('\n');
        label.push_str(more);
    }
    label
}

/// Returns the text of a group: what it is, and how many of its tasks run.
fn group_label(group: &GroupInfo) -> String {
    let name = match &group.name {
        Some(name) => name.clone(),
        None => format!("{} {}", group.kind, group.number),
    };
    let runs = match (group.running, group.limit) {
        (running, Some(limit)) => format!("{running} of {limit} run"),
        (1, None) => "1 runs".to_owned(),
        (running, None) => format!("{running} run"),
    };
    format!("{name}\n{}\n{runs}", line(group.made_at))
}

/// Returns the name of the file, and the line.
fn line(place: Place) -> String {
    format!("{}:{}", file_name(place.file), place.line)
}

/// Returns the last part of a path.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
