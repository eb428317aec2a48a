//! Editing lines on a terminal.

use std::io;
use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Context, Editor, Helper};

use crate::remote::Remote;
use crate::show;

pub(crate) fn run(remote: &mut Remote, history: Option<PathBuf>) -> io::Result<()> {
    let mut editor = Editor::<Names, DefaultHistory>::new().map_err(io::Error::other)?;
    if let Some(file) = &history {
        // The first time there is no file yet.
        let _ = editor.load_history(file);
    }
    println!("help() tells what there is; Ctrl-D ends the session");
    loop {
        // The names may have changed.
        editor.set_helper(Some(Names(remote.names()?)));
        let line = match editor.readline("> ") {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(io::Error::other(error)),
        };
        if line.trim().is_empty() {
            continue;
        }
        editor.add_history_entry(&line).map_err(io::Error::other)?;
        show(&remote.ask(&line)?)?;
    }
    match history {
        Some(file) => editor.save_history(&file).map_err(io::Error::other),
        None => Ok(()),
    }
}

const FUNCTIONS: [&str; 13] = [
    "agents()",
    "chans()",
    "counters()",
    "debug(",
    "dump()",
    "get(\"",
    "help()",
    "names()",
    "print(",
    "put(\"",
    "run_once()",
    "take(\"",
    "tasks()",
];

/// Completes functions, and inside quotes the names that are exported.
struct Names(Vec<String>);

impl Completer for Names {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let before = &line[..at];
        let is_text = before.matches('"').count() % 2 == 1;
        let start = if is_text {
            before.rfind('"').map_or(0, |quote| quote + 1)
        } else {
            let of_word = |char: char| char.is_alphanumeric() || char == '_';
            before.trim_end_matches(of_word).len()
        };
        let word = &before[start..];
        let found = if is_text {
            let names = self.0.iter().filter(|name| name.starts_with(word));
            names.map(|name| format!("{name}\"")).collect()
        } else {
            let functions = FUNCTIONS
                .iter()
                .filter(|function| function.starts_with(word));
            functions.map(ToString::to_string).collect()
        };
        Ok((start, found))
    }
}

impl Hinter for Names {
    type Hint = String;
}
impl Highlighter for Names {}
impl Validator for Names {}
impl Helper for Names {}
