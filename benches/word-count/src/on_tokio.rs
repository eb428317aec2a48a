//! The example, part by part: what is a channel there is one of tokio's, and what is an agent there is a task that owns a table.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::runtime::Runtime;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::input::{self, Counts, File, Tables};
use crate::{add, skip};

const SHARDS: usize = 4;
const WORDS: usize = 1 << 16;
const DONE: &str = "no task panics";

/// A table to add, and who waits for that.
type More = (Counts, oneshot::Sender<()>);

pub(crate) fn count(paths: Vec<PathBuf>) -> Counts {
    let runtime = Runtime::new().expect("a runtime starts");
    runtime.block_on(async { runtime.spawn(all(paths)).await.expect(DONE) })
}

async fn all(paths: Vec<PathBuf>) -> Counts {
    let (found, files) = mpsc::channel::<Vec<File>>(8);
    let (texts, pieces) = mpsc::channel(8);
    // Several take from one channel, which tokio's does not allow.
    let (files, pieces) = (Arc::new(Mutex::new(files)), Arc::new(Mutex::new(pieces)));
    spawn_blocking(move || input::walk(&paths, |some| found.blocking_send(some).is_ok()));
    for _ in 0..2 {
        let (files, texts) = (files.clone(), texts.clone());
        spawn_blocking(move || {
            loop {
                let Some(some) = files.blocking_lock().blocking_recv() else {
                    return;
                };
                let piece = |piece: Vec<u8>| drop(texts.blocking_send(piece));
                input::read(&some, piece, |file, why| skip(file, &why));
            }
        });
    }
    drop(texts);

    let (shards, tables): (Vec<_>, Vec<_>) = (0..SHARDS).map(|_| shard()).unzip();
    let pool = available_parallelism().map_or(2, usize::from);
    let splitters: Vec<_> = (0..pool)
        .map(|_| tokio::spawn(split(pieces.clone(), shards.clone())))
        .collect();
    for splitter in splitters {
        splitter.await.expect(DONE);
    }
    drop(shards);
    let mut counts = Counts::new();
    for table in tables {
        counts.extend(table.await.expect(DONE));
    }
    counts
}

/// A task that adds up a part of the words, and ends when nobody sends it more.
fn shard() -> (mpsc::Sender<More>, JoinHandle<Counts>) {
    let (sender, mut more) = mpsc::channel::<More>(8);
    let table = tokio::spawn(async move {
        let mut counts = Counts::new();
        while let Some((table, done)) = more.recv().await {
            add(&mut counts, table);
            let _ = done.send(());
        }
        counts
    });
    (sender, table)
}

async fn split(pieces: Arc<Mutex<mpsc::Receiver<Vec<u8>>>>, shards: Vec<mpsc::Sender<More>>) {
    let mut tables = Tables::<SHARDS>::default();
    loop {
        let piece = pieces.lock().await.recv().await;
        let Some(piece) = piece else {
            break;
        };
        input::tally(&piece, &mut tables);
        if tables.iter().map(Counts::len).sum::<usize>() > WORDS {
            hand_over(&mut tables, &shards).await;
        }
    }
    hand_over(&mut tables, &shards).await;
}

async fn hand_over(tables: &mut Tables<SHARDS>, shards: &[mpsc::Sender<More>]) {
    let mut waits = Vec::with_capacity(SHARDS);
    for (shard, table) in shards.iter().zip(std::mem::take(tables)) {
        let (done, wait) = oneshot::channel();
        assert!(shard.send((table, done)).await.is_ok(), "{DONE}");
        waits.push(wait);
    }
    for wait in waits {
        wait.await.expect(DONE);
    }
}
