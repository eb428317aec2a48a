//! The example `word_count` as one would write it without this library: `word-count-peers plain|rayon|tokio [-n LINES] PATH…`.
//! What they print is the same; `benches/word_count` compares the times.

// How files are read and words are cut is that of the example, so that what differs is how the work is spread.
#[path = "../../../examples/examples/word_count/input.rs"]
mod input;
mod on_rayon;
mod on_tokio;
mod plain;

use std::io::{self, Write};
use std::process::ExitCode;

use input::{Counts, File, Options};

fn main() -> ExitCode {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.len() < 2 {
        eprintln!("which one is missing: plain, rayon or tokio");
        return ExitCode::from(2);
    }
    let which = arguments.remove(1);
    let options = input::options_from(arguments);
    let counts = match which.to_str() {
        Some("plain") => plain::count(&options),
        Some("rayon") => on_rayon::count(&options),
        Some("tokio") => on_tokio::count(options.paths.clone()),
        _ => {
            eprintln!("no such one: plain, rayon and tokio are there");
            return ExitCode::from(2);
        }
    };
    match print(&counts, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write: {error}");
            ExitCode::FAILURE
        }
    }
}

fn skip(file: &File, why: &io::Error) {
    eprintln!("skipped {file}: {why}");
}

/// Adds the words of one table to those of another, of which there may be none yet.
fn add(counts: &mut Counts, more: Counts) {
    if counts.is_empty() {
        *counts = more;
        return;
    }
    for (word, n) in more {
        *counts.entry(word).or_default() += n;
    }
}

fn print(counts: &Counts, options: &Options) -> io::Result<()> {
    let mut lines = input::commonest(counts, options.lines);
    lines.sort_unstable_by(|(a, n), (b, m)| input::order((a, *n), (b, *m)));
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (word, n) in lines {
        write!(out, "{n:>7} ")?;
        out.write_all(&word)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
