//! A table that fits a terminal.

use std::fmt;
use std::time::Duration;

use crate::runtime::place::Place;

/// The width of a terminal, unless the format sets another.
pub(super) const WIDTH: usize = 100;
/// The most rows of a table.
const ROWS: usize = 40;
/// The narrowest a column is cut to.
const NARROWEST: usize = 8;

/// Where a cell that does not fit is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Nowhere: it is short.
    Never,
    End,
    /// At the start, because the end says more: a path.
    Start,
}

/// What a column is called, and where its cells are cut.
pub(super) type Column = (&'static str, Cut);

pub(super) struct Table<'a> {
    pub(super) columns: &'a [Column],
    pub(super) rows: Vec<Vec<String>>,
    /// How many rows are left out.
    pub(super) more: usize,
}

impl Table<'_> {
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
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
pub(super) fn line(place: Place) -> String {
    format!("{}:{}", place.file, place.line)
}

pub(super) fn seconds(time: Duration) -> String {
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
pub(super) fn most(f: &fmt::Formatter<'_>) -> usize {
    if f.alternate() { usize::MAX } else { ROWS }
}

pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
