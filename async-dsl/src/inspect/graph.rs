//! The process network: which tasks put into which channels, and which take.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::view::{ChannelInfo, Snapshot, TaskInfo, WaitsFor};
use crate::chan::Kind;
use crate::runtime::place::Place;

/// The process network of a program: tasks and channels, with an edge for each task that puts or takes.
///
/// Tasks of one line (and name) are one node. Edges are drawn from the recorded [users](super::ChannelInfo::used_by) of
/// a channel, and from the parked tasks. A full channel, on which a task is parked to put, is red, and so are the edges
/// of such tasks; a starving one, on which a task is parked to take, is blue.
#[derive(Clone, Debug)]
pub struct Graph {
    tasks: Vec<TaskNode>,
    channels: Vec<ChannelNode>,
    edges: Vec<Edge>,
}

#[derive(Clone, Debug)]
struct TaskNode {
    name: Option<String>,
    started_at: Place,
    /// How many of the tasks have not ended.
    alive: usize,
}

#[derive(Clone, Debug)]
struct ChannelNode {
    label: String,
    flow: Flow,
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

    fn fill(self) -> &'static str {
        match self {
            Self::Easy => "#ffffff",
            Self::Full => "#f4b6b0",
            Self::Starving => "#b5d3f0",
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    task: usize,
    channel: usize,
    puts: bool,
    /// Some of these tasks are parked here.
    waits: bool,
}

type Key = (Place, Option<String>);

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
            tasks: Vec::new(),
            channels: Vec::new(),
            edges: Vec::new(),
        };
        let mut nodes: BTreeMap<Key, usize> = BTreeMap::new();
        let mut by_number: BTreeMap<u64, usize> = BTreeMap::new();
        for task in &self.tasks {
            let index = graph.node(&mut nodes, task.started_at, task.name.as_ref());
            graph.tasks[index].alive += 1;
            by_number.insert(task.number, index);
        }
        for channel in &self.channels {
            let index = graph.channels.len();
            graph.channels.push(ChannelNode {
                label: label(channel),
                flow: Flow::of(channel),
            });
            for user in &channel.used_by {
                let known = user.task.and_then(|task| by_number.get(&task).copied());
                // The name of an ended task is gone, but not its line: any node of that line will do.
                let same_line = || {
                    let mut nodes = 0..graph.tasks.len();
                    nodes.find(|node| graph.tasks[*node].started_at == user.started_at)
                };
                let known = known.or_else(same_line);
                let task = known.unwrap_or_else(|| graph.node(&mut nodes, user.started_at, None));
                if user.puts > 0 {
                    graph.edge(task, index, true, false);
                }
                if user.takes > 0 {
                    graph.edge(task, index, false, false);
                }
            }
        }
        for task in &self.tasks {
            graph.waits(task, by_number[&task.number], &self.channels);
        }
        graph
    }
}

impl Graph {
    fn node(
        &mut self,
        nodes: &mut BTreeMap<Key, usize>,
        started_at: Place,
        name: Option<&String>,
    ) -> usize {
        let new = self.tasks.len();
        let index = *nodes.entry((started_at, name.cloned())).or_insert(new);
        if index == new {
            self.tasks.push(TaskNode {
                name: name.cloned(),
                started_at,
                alive: 0,
            });
        }
        index
    }

    fn edge(&mut self, task: usize, channel: usize, puts: bool, waits: bool) {
        let mut edges = self.edges.iter_mut();
        let known =
            edges.find(|edge| (edge.task, edge.channel, edge.puts) == (task, channel, puts));
        match known {
            Some(known) => known.waits |= waits,
            None => self.edges.push(Edge {
                task,
                channel,
                puts,
                waits,
            }),
        }
    }

    fn waits(&mut self, task: &TaskInfo, node: usize, channels: &[ChannelInfo]) {
        for place in &task.parked {
            let (number, puts) = match place.waits_for {
                WaitsFor::Take(number) => (number, false),
                WaitsFor::Put(number) => (number, true),
                _ => continue,
            };
            let index = channels.iter().position(|channel| channel.number == number);
            if let Some(index) = index {
                self.edge(node, index, puts, true);
            }
        }
    }

    /// Returns the graph in the language of Graphviz.
    ///
    /// ```
    /// let dot = async_dsl::inspect::graph().to_dot();
    /// assert!(dot.starts_with("digraph"));
    /// ```
    pub fn to_dot(&self) -> String {
        let mut dot = String::new();
        // Writing to a string can't fail.
        let _ = self.write_dot(&mut dot);
        dot
    }

    fn write_dot(&self, dot: &mut String) -> fmt::Result {
        writeln!(dot, "digraph program {{")?;
        for (index, task) in self.tasks.iter().enumerate() {
            let place = task.started_at;
            let line = format!("{}:{}", file_name(place.file), place.line);
            let mut label = task.name.clone().unwrap_or_else(|| line.clone());
            match task.alive {
                0 => label.push_str(" (over)"),
                1 => {}
                count => label = format!("{count} × {label}"),
            }
            if task.name.is_some() {
                label = format!("{label}\n{line}");
            }
            writeln!(
                dot,
                "  t{index} [label=\"{}\", shape=ellipse, style=filled, fillcolor=\"#eeeeee\"];",
                escaped(&label)
            )?;
        }
        for (index, channel) in self.channels.iter().enumerate() {
            writeln!(
                dot,
                "  c{index} [label=\"{}\", shape=box, style=filled, fillcolor=\"{}\"];",
                escaped(&channel.label),
                channel.flow.fill()
            )?;
        }
        for edge in &self.edges {
            let (task, channel) = (format!("t{}", edge.task), format!("c{}", edge.channel));
            let (from, to) = if edge.puts {
                (task, channel)
            } else {
                (channel, task)
            };
            let color = match (edge.waits, edge.puts) {
                (false, _) => "#555555",
                (true, true) => "#c0392b",
                (true, false) => "#2471a3",
            };
            let label = if edge.waits { "waits" } else { "" };
            writeln!(
                dot,
                "  {from} -> {to} [color=\"{color}\", label=\"{label}\"];"
            )?;
        }
        writeln!(dot, "}}")
    }

    /// Returns the graph as an SVG picture, laid out by the crate `layout-rs`.
    ///
    /// ```
    /// let svg = async_dsl::inspect::graph().to_svg();
    /// assert!(svg.contains("<svg"));
    /// ```
    #[cfg(feature = "svg")]
    pub fn to_svg(&self) -> String {
        use layout::backends::svg::SVGWriter;
        use layout::gv::{DotParser, GraphBuilder};

        let mut svg = SVGWriter::new();
        // The crate cannot lay out an empty graph.
        if !self.tasks.is_empty() || !self.channels.is_empty() {
            let mut builder = GraphBuilder::new();
            if let Ok(graph) = DotParser::new(&self.to_dot()).process() {
                builder.visit_graph(&graph);
                builder.get().do_it(false, false, false, &mut svg);
            }
        }
        svg.finalize()
    }
}

/// Returns the text in a channel's box: its name, and how full it is.
fn label(channel: &ChannelInfo) -> String {
    let place = channel.made_at;
    let line = format!("{}:{}", file_name(place.file), place.line);
    let name = channel.name.clone().unwrap_or(line);
    let fill = match (channel.kind, channel.capacity) {
        (None, _) => "busy".to_owned(),
        (Some(Kind::Fixed), Some(0)) => "rendezvous".to_owned(),
        (_, None) => format!("{} of ∞", channel.len),
        (_, Some(capacity)) => format!("{} of {capacity}", channel.len),
    };
    let closed = if channel.closed { ", closed" } else { "" };
    format!("{name}\n{fill}{closed}")
}

/// Returns the last part of a path.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Escapes a text for a quoted string of Graphviz. Control characters become spaces, so that every parser accepts them.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '"' => escaped.push('\''),
            '\\' => escaped.push('/'),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
