//! One thread, a loop.

use crate::input::{self, Counts, Options, Tables};
use crate::skip;

pub(crate) fn count(options: &Options) -> Counts {
    let mut tables = Tables::<1>::default();
    input::walk(&options.paths, |files| {
        let piece = |piece: Vec<u8>| input::tally(&piece, &mut tables);
        input::read(&files, piece, |file, why| skip(file, &why));
        true
    });
    let [counts] = tables;
    counts
}
