//! The tables of crates that have things of their own: see [`Table`](super::Table).

use std::collections::{HashMap, HashSet};

use crate::runtime::listing;
use crate::runtime::place::Place;
use crate::runtime::registry::Living;
use crate::runtime::row::{Row, RowId};

/// A [`Table`](super::Table) of a dump.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TableInfo {
    /// What kind of things it has, in the singular.
    pub kind: &'static str,
    /// The same in the plural.
    pub plural: String,
    /// What a thing is called beside its own name.
    pub short: &'static str,
    /// The heads of its columns, but for the first and the last ones, which all tables have.
    pub columns: Vec<&'static str>,
    /// The things, in the order they were listed.
    pub rows: Vec<RowInfo>,
    /// The head of the first column.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) head: &'static str,
}

/// A row of such a table.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RowInfo {
    /// Which row it is.
    pub id: RowId,
    /// The thing's own name.
    pub name: Option<String>,
    /// The line that made it, if it says so.
    pub made_at: Option<Place>,
    /// The texts of the columns.
    pub cells: Vec<String>,
    /// What is said beside the name where a task waits for it.
    pub status: Option<String>,
    /// The heading of its parts.
    pub heading: Option<String>,
    /// Of what it is a part.
    pub part_of: Option<RowId>,
    /// The numbers of the channels it takes from.
    pub takes_from: Vec<u64>,
    /// The numbers of the channels it puts into.
    pub puts_into: Vec<u64>,
    /// The numbers of the channels that it stands for.
    pub stands_for: Vec<u64>,
    /// The numbers of the tasks that do its work.
    pub tasks: Vec<u64>,
    /// Whether those who wait for it may be woken from outside of the program's tasks.
    pub is_woken_from_outside: bool,
    /// It could not be read.
    pub is_busy: bool,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) made_on: u16,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) short: &'static str,
}

impl RowInfo {
    fn new(kind: &'static str, short: &'static str, living: &Living<dyn listing::Show>) -> Self {
        let (row, is_busy) = match listing::row(&*living.it) {
            Ok(row) => (row, false),
            Err(why) => (Row::new().cell(why), true),
        };
        Self {
            id: RowId::new(kind, living.number),
            name: row.name,
            made_at: row.made_at.and_then(crate::runtime::place::At::place),
            cells: row.cells,
            status: row.status,
            heading: row.heading,
            part_of: row.part_of,
            takes_from: row.takes_from,
            puts_into: row.puts_into,
            stands_for: row.stands_for,
            tasks: row.tasks,
            // Of what cannot be read nothing is certain.
            is_woken_from_outside: row.is_open || is_busy,
            is_busy,
            made_on: living.made_on,
            short,
        }
    }

    /// Returns the thing as it is named where a task waits for it.
    pub(super) fn label(&self) -> String {
        let label = match &self.name {
            Some(name) if self.short.is_empty() => format!("{name} {}", self.id.number),
            Some(name) => format!("{name} ({})", self.short),
            None => format!("{} {}", self.id.kind, self.id.number),
        };
        match &self.status {
            Some(status) => format!("{label}: {status}"),
            None => label,
        }
    }
}

/// Reads all tables.
pub(super) fn read() -> Vec<TableInfo> {
    let tables = listing::tables().into_iter();
    tables
        .map(|(table, living)| {
            let kind = &table.kind;
            let row = |living: &Living<_>| RowInfo::new(kind.name, kind.short, living);
            TableInfo {
                kind: kind.name,
                plural: kind
                    .plural
                    .map_or_else(|| format!("{}s", kind.name), str::to_owned),
                short: kind.short,
                columns: kind.columns.to_vec(),
                rows: living.iter().map(row).collect(),
                head: kind.head,
            }
        })
        .collect()
}

/// The rows that stand for channels, by the channels' numbers.
pub(super) type Owners = HashMap<u64, RowId>;

pub(super) fn owners(tables: &[TableInfo]) -> Owners {
    let rows = tables.iter().flat_map(|table| &table.rows);
    rows.flat_map(|row| row.stands_for.iter().map(|channel| (*channel, row.id)))
        .collect()
}

/// Names the rows without a name that stand for a channel with one.
pub(super) fn name(tables: &mut [TableInfo], mut names: HashMap<RowId, String>) {
    for row in tables.iter_mut().flat_map(|table| &mut table.rows) {
        if row.name.is_none() {
            row.name = names.remove(&row.id);
        }
    }
}

/// Keeps the rows that `holds` says so of, those that are `wanted`, and what they are parts of.
pub(super) fn keep(
    tables: &mut Vec<TableInfo>,
    holds: impl Fn(u16) -> bool,
    mut wanted: HashSet<RowId>,
) {
    let whole: HashMap<RowId, RowId> = tables
        .iter()
        .flat_map(|table| &table.rows)
        .filter_map(|row| Some((row.id, row.part_of?)))
        .collect();
    let rows = tables.iter().flat_map(|table| &table.rows);
    wanted.extend(rows.filter(|row| holds(row.made_on)).map(|row| row.id));
    let mut parts: Vec<RowId> = wanted.iter().copied().collect();
    while let Some(part) = parts.pop() {
        if let Some(whole) = whole.get(&part) {
            if wanted.insert(*whole) {
                parts.push(*whole);
            }
        }
    }
    for table in &mut *tables {
        table.rows.retain(|row| wanted.contains(&row.id));
    }
    tables.retain(|table| !table.rows.is_empty());
}
