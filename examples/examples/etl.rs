//! Loads the logs of web servers into one CSV file: `cargo run -p async-dsl-examples --example etl -- OUT.csv LOG…`.
//!
//! Extract: each log is read on a thread, which waits while what comes after it is busy. Transform: lines become rows, some hundred of
//! them at a time, on all cores; the rows of a log stay in their order. Load: rows are written in batches, each of them safe on the disk
//! before the next. `OUT.csv` is there when all of it is. Lines that are none, and logs that cannot be read, are named and left out.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;

use async_dsl::flow;
use async_dsl::prelude::*;

/// So many lines are a message: one costs less than a line does.
const LINES: usize = 256;

/// So many rows, or what came within 100 ms, are a batch.
const ROWS: usize = 10_000;

/// What there is of a log: a line with its place, or why there are no more.
type Read = Result<(String, String), String>;

/// Reads a log on a thread.
fn extract(log: PathBuf) -> Taker<Vec<Read>> {
    let (lines, read) = chan::fixed(2).named(log.display().to_string()).split();
    thread!({
        let name = log.display();
        let mut some: Vec<Read> = Vec::new();
        let mut read = || {
            for (number, line) in (1..).zip(BufReader::new(File::open(&log)?).split(b'\n')) {
                let line = String::from_utf8_lossy(&line?).into_owned();
                some.push(Ok((format!("{name}:{number}"), line)));
                if some.len() == LINES && lines.put_blocking(mem::take(&mut some)).is_err() {
                    break; // nobody takes them any more
                }
            }
            Ok::<_, io::Error>(())
        };
        if let Err(error) = read() {
            some.push(Err(format!("{name}: {error}")));
        }
        lines.put_blocking(some).ok();
    });
    read
}

/// Makes rows of lines; what is none is an error that says where it is.
fn transform(lines: Vec<Read>) -> Vec<Result<String, String>> {
    let rows = lines.into_iter().map(|read| {
        let (place, line) = read?;
        row(&line).ok_or_else(|| format!("{place}: not a line of a log"))
    });
    rows.collect()
}

/// Returns time, host, status, bytes and path of a line in the common or the combined log format.
fn row(line: &str) -> Option<String> {
    let (host, rest) = line.split_once(' ')?;
    let (time, rest) = rest.split_once('[')?.1.split_once(']')?;
    let (request, rest) = rest.split_once('"')?.1.split_once("\" ")?;
    let path = request.split(' ').nth(1)?.replace('"', "\"\"");
    let mut numbers = rest.split(' ');
    let status: u16 = numbers.next()?.parse().ok()?;
    let bytes: u64 = match numbers.next()? {
        "-" => 0,
        bytes => bytes.parse().ok()?,
    };
    Some(format!("{time},{host},{status},{bytes},\"{path}\"\n"))
}

#[async_dsl::main]
async fn main() -> io::Result<()> {
    let mut paths = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(out) = paths.next() else {
        eprintln!("usage: etl OUT.csv LOG…");
        std::process::exit(2)
    };
    let unfinished = out.with_extension("unfinished");
    let file = Arc::new(File::create(&unfinished)?);

    let lines = flow::merge(paths.map(extract), 1);
    let cores = available_parallelism().map_or(2, usize::from);
    let rows = flow::pipeline(lines, cores, async |lines| transform(lines));
    let (rows, others) = flow::split(rows, LINES, Result::is_ok);
    let left_out = go!({
        let mut count = 0;
        while let Some(Err(why)) = take!(others) {
            eprintln!("etl: left out {why}");
            count += 1;
        }
        count
    });

    let (mut count, mut batches) = (0, 0);
    let loads = flow::batch(rows, ROWS, 100ms);
    while let Some(rows) = take!(loads) {
        (count, batches) = (count + rows.len(), batches + 1);
        let text: String = rows.into_iter().flatten().collect();
        thread!(|file| {
            (&*file).write_all(text.as_bytes())?;
            file.sync_data()
        })
        .await?;
    }
    fs::rename(unfinished, out)?;
    println!(
        "{count} rows in {batches} batches, {} left out",
        left_out.await
    );
    Ok(())
}
