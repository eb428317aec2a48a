//! The tables of things that have tables of their own.

use std::fmt;

use super::table::{Column, Cut, Table, line, most};
use crate::inspect::rows::{RowInfo, TableInfo};
use crate::inspect::view::{ChannelInfo, Snapshot};

/// The most channels that are named in one cell.
const NAMED: usize = 8;

/// Returns the channels of these numbers that are alive.
fn channels(numbers: &[u64], channels: &[ChannelInfo]) -> String {
    let named = numbers.iter().take(NAMED).filter_map(|number| {
        // They are in the order of their numbers.
        let found = channels.binary_search_by_key(number, |channel| channel.number);
        let channel = &channels[found.ok()?];
        let name = channel.name.as_deref().unwrap_or_default();
        Some(format!("{number} {name}").trim_end().to_owned())
    });
    let more = numbers.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("and {more} more"));
    named.chain(more).collect::<Vec<_>>().join(", ")
}

/// What a table has beside its own columns.
struct Extras {
    takes_from: bool,
    puts_into: bool,
    made_at: bool,
}

impl Extras {
    fn of(rows: &[&RowInfo]) -> Self {
        let any = |has: fn(&RowInfo) -> bool| rows.iter().any(|row| has(row));
        Self {
            takes_from: any(|row| !row.takes_from.is_empty()),
            puts_into: any(|row| !row.puts_into.is_empty()),
            made_at: any(|row| row.made_at.is_some()),
        }
    }

    fn columns(&self, table: &TableInfo) -> Vec<Column> {
        let mut columns = vec![(table.head, Cut::End)];
        columns.extend(self.takes_from.then_some(("takes from", Cut::End)));
        columns.extend(self.puts_into.then_some(("puts into", Cut::End)));
        columns.extend(table.columns.iter().map(|head| (*head, Cut::End)));
        columns.extend(self.made_at.then_some(("made at", Cut::Start)));
        columns
    }

    fn cells(&self, table: &TableInfo, row: &RowInfo, snapshot: &Snapshot) -> Vec<String> {
        let name = row.name.as_deref().unwrap_or_default();
        let name = format!("{} {name}", row.id.number);
        let mut cells = vec![name.trim_end().to_owned()];
        let listed = |numbers| channels(numbers, &snapshot.channels);
        cells.extend(self.takes_from.then(|| listed(&row.takes_from)));
        cells.extend(self.puts_into.then(|| listed(&row.puts_into)));
        let own = row.cells.iter().cloned();
        let own = own.chain(std::iter::repeat(String::new()));
        cells.extend(own.take(table.columns.len()));
        let made_at = || row.made_at.map(line).unwrap_or_default();
        cells.extend(self.made_at.then(made_at));
        cells
    }
}

/// A whole with parts is their heading only.
fn is_heading(row: &RowInfo, snapshot: &Snapshot) -> bool {
    let mut all = snapshot.tables.iter().flat_map(|table| &table.rows);
    row.heading.is_some() && all.any(|part| part.part_of == Some(row.id))
}

pub(super) fn write_tables(
    snapshot: &Snapshot,
    f: &mut fmt::Formatter<'_>,
    width: usize,
) -> fmt::Result {
    for table in &snapshot.tables {
        // The rows below each heading, in the order of the first of them.
        let mut parts: Vec<(Option<&RowInfo>, Vec<&RowInfo>)> = Vec::new();
        for row in table.rows.iter().filter(|row| !is_heading(row, snapshot)) {
            let whole = row.part_of.and_then(|whole| snapshot.row(whole));
            let whole = whole.filter(|whole| whole.heading.is_some());
            let id = |whole: Option<&RowInfo>| whole.map(|whole| whole.id);
            let mut known = parts.iter_mut();
            match known.find(|(known, _)| id(*known) == id(whole)) {
                Some((_, rows)) => rows.push(row),
                None => parts.push((whole, vec![row])),
            }
        }
        for (whole, rows) in parts {
            let count = rows.len();
            let what = if count == 1 {
                table.kind
            } else {
                &table.plural
            };
            match whole.and_then(|whole| whole.heading.as_deref()) {
                Some(heading) => writeln!(f, "{count} {what} of {heading}")?,
                None => writeln!(f, "{count} {what}")?,
            }
            let extras = Extras::of(&rows);
            let shown = count.min(most(f));
            let cells = rows[..shown].iter();
            let cells = cells.map(|row| extras.cells(table, row, snapshot));
            let table = Table {
                columns: &extras.columns(table),
                rows: cells.collect(),
                more: count - shown,
            };
            table.write(f, width)?;
        }
    }
    Ok(())
}
