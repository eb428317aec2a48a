//! Counts the words of files and folders, or of standard input when there is no path:
//! `cargo run --release -p async-dsl-examples --example word_count -- PATH…`.
//!
//! It walks and reads on threads, counts in a pool of go blocks, adds up in agents, and prints the 20 commonest words. A word is a run
//! of ASCII letters and digits; the numbers are those of coreutils, `tr -cs '[:alnum:]' '\n' | sort | uniq -c`.
mod input;

use std::io::{self, IsTerminal, Write};

use async_dsl::prelude::*;
use indicatif::ProgressBar;
use input::{Counts, File, Tables};

const SHARDS: usize = 4;

/// So many words a block counts for itself before it hands them to the agents.
const WORDS: usize = 1 << 16;

#[async_dsl::main]
async fn main() {
    let options = input::options_from(std::env::args_os());
    let (found, files) = chan::fixed(8).split();
    let (texts, pieces) = chan::fixed(8).split();
    let (skips, skipped) = chan::fixed(8).split();
    let counts: [Agent<Counts>; SHARDS] = std::array::from_fn(|_| agent(Counts::new()));
    let progress = if io::stdout().is_terminal() {
        ProgressBar::new_spinner() // drawn on standard error, if that is a terminal too
    } else {
        ProgressBar::hidden()
    };

    // Walk on a thread, read on threads; a thread may block, and waits while the next stage is busy. What is handed on is large,
    // some files or a piece of text: a message costs what hundreds of words do.
    thread!({ input::walk(&options.paths, |files| found.put_blocking(files).is_ok()) });
    for _ in 0..2 {
        thread!(|files, texts, skips, progress| {
            while let Some(some) = files.take_blocking() {
                progress.set_message(some[0].to_string());
                progress.tick();
                let skip = |file: &File, why| drop(skips.put_blocking(format!("{file}: {why}")));
                input::read(&some, |piece| drop(texts.put_blocking(piece)), skip);
            }
        });
    }
    drop((files, texts, skips)); // now each channel ends with the threads that feed it

    // Count in a pool of go blocks, and add up in agents.
    let pool = std::thread::available_parallelism().map_or(2, usize::from);
    let splitters: Vec<Task<()>> = (0..pool)
        .map(|_| {
            go!(|pieces, counts| {
                let mut tables = Tables::<SHARDS>::default();
                while let Some(piece) = take!(pieces) {
                    input::tally(&piece, &mut tables);
                    if tables.iter().map(Counts::len).sum::<usize>() > WORDS {
                        hand_over(&mut tables, &counts).await;
                    }
                }
                hand_over(&mut tables, &counts).await;
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

    let lines = options.lines;
    let shards = counts
        .iter()
        .map(|agent| agent.with(|counts| input::commonest(counts, lines)));
    let mut counts: Vec<_> = shards.flat_map(|shard| shard.expect(COUNTS)).collect();
    counts.sort_unstable_by(|(a, n), (b, m)| input::order((a, *n), (b, *m)));
    counts.truncate(lines);
    if skips > 0 {
        eprintln!("word_count: {skips} skipped");
    }
    if let Err(why) = print(&counts) {
        eprintln!("word_count: cannot write: {why}");
        std::process::exit(1)
    }
}

const COUNTS: &str = "counting does not fail";

/// Adds what a block has counted to what the agents have. It waits until that is done, so a slow agent holds up the counting,
/// the reading and the walking.
#[linear]
async fn hand_over(tables: &mut Tables<SHARDS>, agents: &[Agent<Counts>; SHARDS]) {
    for (agent, more) in agents.iter().zip(std::mem::take(tables)) {
        let sent = update!(agent, |counts| {
            for (word, n) in more {
                *counts.entry(word).or_default() += n;
            }
        });
        sent.expect(COUNTS);
    }
    for agent in agents {
        agent.settled().await.expect(COUNTS);
    }
}

fn print(counts: &[(Vec<u8>, u64)]) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut lines = counts.iter();
    let written = lines.try_for_each(|(word, n)| {
        write!(out, "{n:>7} ")?;
        out.write_all(word)?;
        out.write_all(b"\n")
    });
    match written.and_then(|()| out.flush()) {
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Ok(()), // the reader of the pipe has seen enough
        other => other,
    }
}
