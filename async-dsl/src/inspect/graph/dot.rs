//! A graph as DOT, and as a picture.

use std::fmt::{self, Write};

use super::{Flow, Graph, Look, Node, TaskNode, line};

impl Graph {
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
        for (index, node) in self.nodes.iter().enumerate() {
            let (label, shape, fill) = match node {
                Node::Tasks(tasks) => (escaped(&tasks.label()), "ellipse", "#eeeeee"),
                Node::Channel { label, flow } => (escaped(label), "box", flow.fill()),
                Node::Row { label } => (of_record(label), "Mrecord", "#e3dcf1"),
                Node::Group { label } => (of_record(label), "Mrecord", "#f3ecd6"),
            };
            let id = node.id(index);
            writeln!(
                dot,
                "  {id} [label=\"{label}\", shape={shape}, style=filled, fillcolor=\"{fill}\"];"
            )?;
        }
        for (&(from, to), look) in &self.edges {
            let (from, to) = (self.nodes[from].id(from), self.nodes[to].id(to));
            let (color, label, style) = match look {
                Look::Plain => ("#555555", "", ""),
                Look::Member => ("#555555", "", ", style=dashed"),
                Look::Waits => ("#7d3c98", "waits", ""),
                Look::WaitsToPut => ("#c0392b", "waits", ""),
                Look::WaitsToTake => ("#2471a3", "waits", ""),
            };
            writeln!(
                dot,
                "  {from} -> {to} [color=\"{color}\", label=\"{label}\"{style}];"
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
        if !self.nodes.is_empty() {
            let mut builder = GraphBuilder::new();
            if let Ok(graph) = DotParser::new(&self.to_dot()).process() {
                builder.visit_graph(&graph);
                builder.get().do_it(false, false, false, &mut svg);
            }
        }
        svg.finalize()
    }
}

impl Node {
    fn id(&self, index: usize) -> String {
        let kind = match self {
            Self::Tasks(_) => 't',
            Self::Channel { .. } => 'c',
            Self::Row { .. } => 'r',
            Self::Group { .. } => 'g',
        };
        format!("{kind}{index}")
    }
}

impl TaskNode {
    fn label(&self) -> String {
        let line = line(self.started_at);
        let mut label = self.name.clone().unwrap_or_else(|| line.clone());
        match self.alive {
            0 => label.push_str(" (over)"),
            1 => {}
            count => label = format!("{count} × {label}"),
        }
        if self.name.is_some() {
            label = format!("{label}\n{line}");
        }
        label
    }
}

impl Flow {
    const fn fill(self) -> &'static str {
        match self {
            Self::Easy => "#ffffff",
            Self::Full => "#f4b6b0",
            Self::Starving => "#b5d3f0",
        }
    }
}

/// Escapes a text for a record of Graphviz, in which more characters have a meaning.
fn of_record(text: &str) -> String {
    let plain = |c| if "{}|<>".contains(c) { ' ' } else { c };
    escaped(&text.chars().map(plain).collect::<String>())
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
