//! Counts the words of files and folders, or of standard input when there is no path:
//! `cargo run --release -p async-dsl-examples --example word_count -- PATH…`.
//!
//! It walks and reads on threads, splits in a pool of go blocks, counts in agents, and prints the 20 commonest words. A word is a run
//! of ASCII letters and digits; the numbers are those of coreutils, `tr -cs '[:alnum:]' '\n' | sort | uniq -c`.
mod input;

use std::io::{self, IsTerminal, Write};

use async_dsl::prelude::*;
use indicatif::ProgressBar;

/// A persistent map: the copy that an agent keeps in case an action fails costs nothing.
type Counts = imbl::HashMap<String, u64>;

const SHARDS: usize = 4;

#[async_dsl::main]
async fn main() {
    let options = input::options();
    let (found, files) = chan::fixed(64).split();
    let (texts, split) = chan::fixed::<String>(8).split();
    let (skips, skipped) = chan::fixed::<String>(8).split();
    let counts: [Agent<Counts>; SHARDS] = std::array::from_fn(|_| agent(Counts::new()));
    let progress = if io::stdout().is_terminal() {
        ProgressBar::new_spinner() // drawn on standard error, if that is a terminal too
    } else {
        ProgressBar::hidden()
    };

    // Walk on a thread, read on threads; a thread may block, and waits while the next stage is busy.
    thread!({ input::walk(&options.paths, |file| found.put_blocking(file).is_ok()) });
    for _ in 0..2 {
        thread!(|files, texts, skips, progress| {
            while let Some(file) = files.take_blocking() {
                progress.set_message(file.to_string());
                progress.tick();
                match file.read() {
                    Ok(text) => input::pieces(&text, |piece| drop(texts.put_blocking(piece))),
                    Err(why) => drop(skips.put_blocking(format!("{file}: {why}"))),
                }
            }
        });
    }
    drop((files, texts, skips)); // now each channel ends with the threads that feed it

    // Split the text in a pool of go blocks, count in agents. A block waits until its counts are in,
    // so a slow agent holds up the splitting, the reading and the walking.
    let pool = std::thread::available_parallelism().map_or(2, usize::from);
    let splitters: Vec<Task<()>> = (0..pool)
        .map(|_| {
            go!(|split, counts| {
                while let Some(text) = take!(split) {
                    for (agent, more) in counts.iter().zip(input::tally::<SHARDS>(&text)) {
                        let sent = send!(agent, |mut counts| {
                            for (word, n) in more {
                                *counts.entry(word).or_default() += n;
                            }
                            counts
                        });
                        sent.expect("counting does not fail");
                        agent.settled().await.expect("counting does not fail");
                    }
                }
            })
        })
        .collect();

    let mut skips = 0;
    while let Some(warning) = take!(skipped) {
        skips += 1;
        progress.suspend(|| eprintln!("word_count: skipped {warning}"));
    }
    for task in splitters {
        task.await;
    }
    progress.finish_and_clear();

    let shards = counts.iter();
    let counts = shards.flat_map(|agent| agent.get().expect("counting does not fail"));
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by(|(word, n), (other, m)| m.cmp(n).then_with(|| word.cmp(other)));
    counts.truncate(options.lines);
    if skips > 0 {
        eprintln!("word_count: {skips} skipped");
    }
    if let Err(why) = print(&counts) {
        eprintln!("word_count: cannot write: {why}");
        std::process::exit(1)
    }
}

fn print(counts: &[(String, u64)]) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut lines = counts.iter();
    let written = lines.try_for_each(|(word, n)| writeln!(out, "{n:>7} {word}"));
    match written.and_then(|()| out.flush()) {
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Ok(()), // the reader of the pipe has seen enough
        other => other,
    }
}
