//! Some files at a time on each core; the tables are added up in a tree.

use std::sync::mpsc;
use std::thread;

use rayon::iter::{ParallelBridge, ParallelIterator};

use crate::input::{self, Counts, Options, Tables};
use crate::{add, skip};

pub(crate) fn count(options: &Options) -> Counts {
    thread::scope(|scope| {
        let (found, files) = mpsc::sync_channel(8);
        scope.spawn(move || input::walk(&options.paths, |some| found.send(some).is_ok()));
        let [counts] = files
            .into_iter()
            .par_bridge()
            .fold(Tables::<1>::default, |mut tables, files| {
                let piece = |piece: Vec<u8>| input::tally(&piece, &mut tables);
                input::read(&files, piece, |file, why| skip(file, &why));
                tables
            })
            .reduce(Tables::<1>::default, |[mut counts], [more]| {
                add(&mut counts, more);
                [counts]
            });
        counts
    })
}
