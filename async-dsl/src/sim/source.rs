//! The text of a program's lines, for reports, where its files can be read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::runtime::place::Line;

/// Files already read, each as its lines.
#[derive(Debug, Default)]
pub(super) struct Source(HashMap<&'static str, Vec<String>>);

/// A line longer than this is cut.
const WIDTH: usize = 90;

impl Source {
    /// Returns the text of the line, or its place if it cannot be read.
    pub(super) fn text(&mut self, line: Line) -> String {
        let lines = self
            .0
            .entry(line.file())
            .or_insert_with(|| read(line.file()).unwrap_or_default());
        let index = line.line().saturating_sub(1) as usize;
        let Some(text) = lines.get(index).map(|text| text.trim()) else {
            return line.to_string();
        };
        if text.chars().count() <= WIDTH {
            return text.to_owned();
        }
        text.chars().take(WIDTH - 1).chain(['…']).collect()
    }
}

/// Reads a file whose path starts at the root of a workspace, while the program may run in one of its packages.
fn read(file: &str) -> Option<Vec<String>> {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let text = here
        .ancestors()
        .take(4)
        .find_map(|folder| std::fs::read_to_string(folder.join(Path::new(file))).ok())?;
    Some(text.lines().map(String::from).collect())
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::*;

    #[test]
    fn a_line_is_shown_as_it_is_written() {
        let text = Source::default().text(Location::caller());
        assert_eq!(
            text,
            "let text = Source::default().text(Location::caller());"
        );
    }
}
