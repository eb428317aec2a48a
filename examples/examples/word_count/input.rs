//! The sources of text: the command line, the file system, standard input; and how text is split into words.

use std::cmp::Ordering;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::PathBuf;
use std::{fmt, fs};

use hashbrown::HashMap;
use lexopt::prelude::*;
use walkdir::WalkDir;

const USAGE: &str = "\
usage: word_count [-n LINES] [PATH…]

Prints the commonest words (runs of ASCII letters and digits) of the files, of all files in
the folders, or of standard input when there is no path.

  -n, --lines LINES   how many words to print (default 20)
  -h, --help          print this";

pub(crate) struct Options {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) lines: usize,
}

/// The options of a command line. A mistake there, or a path that does not exist, ends the program with code 2.
pub(crate) fn options_from(arguments: impl IntoIterator<Item = OsString>) -> Options {
    let options = parse(arguments).and_then(|options| {
        match options
            .paths
            .iter()
            .find(|path| path.symlink_metadata().is_err())
        {
            Some(path) => Err(format!("no such file or folder: {}", path.display()).into()),
            None => Ok(options),
        }
    });
    options.unwrap_or_else(|problem| {
        eprintln!("word_count: {problem}");
        std::process::exit(2)
    })
}

fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, lexopt::Error> {
    let mut options = Options {
        paths: Vec::new(),
        lines: 20,
    };
    let mut parser = lexopt::Parser::from_iter(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Short('n') | Long("lines") => options.lines = parser.value()?.parse()?,
            Short('h') | Long("help") => {
                println!("{USAGE}");
                std::process::exit(0)
            }
            Value(path) => options.paths.push(path.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(options)
}

/// A file to read, or the error of finding it.
pub(crate) enum File {
    Standard,
    At(PathBuf),
    Unreachable(walkdir::Error),
}

impl File {
    /// Appends the whole text to `text`; nothing of a file that is not text to its end.
    fn read(&self, text: &mut Vec<u8>) -> io::Result<()> {
        let begin = text.len();
        let read = match self {
            Self::Standard => io::stdin().read_to_end(text).map(drop),
            Self::At(path) => {
                fs::File::open(path).and_then(|mut file| file.read_to_end(text).map(drop))
            }
            Self::Unreachable(error) => {
                let kind = error.io_error().map(io::Error::kind);
                Err(kind.unwrap_or(io::ErrorKind::Other).into())
            }
        };
        let read = read.and_then(|()| match std::str::from_utf8(&text[begin..]) {
            Ok(_) => Ok(()),
            Err(_) => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not valid UTF-8",
            )),
        });
        if read.is_err() {
            text.truncate(begin);
        }
        read
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard => f.write_str("standard input"),
            Self::At(path) => write!(f, "{}", path.display()),
            Self::Unreachable(error) => {
                write!(f, "{}", error.path().unwrap_or("".as_ref()).display())
            }
        }
    }
}

/// Finds the files, some at a time, until `found` returns `false`. Links inside folders are not followed.
pub(crate) fn walk(paths: &[PathBuf], mut found: impl FnMut(Vec<File>) -> bool) {
    const SOME: usize = 64;
    if paths.is_empty() {
        found(vec![File::Standard]);
    }
    let entries = paths
        .iter()
        .flat_map(|path| WalkDir::new(path).sort_by_file_name());
    let mut files = entries.filter_map(|entry| match entry {
        Err(error) => Some(File::Unreachable(error)),
        // A path that was named is read even if it is, say, a pipe; in a folder only files are read.
        Ok(entry)
            if entry.file_type().is_file()
                || (entry.depth() == 0 && !entry.file_type().is_dir()) =>
        {
            Some(File::At(entry.into_path()))
        }
        Ok(_) => None,
    });
    loop {
        let some: Vec<File> = files.by_ref().take(SOME).collect();
        if some.is_empty() || !found(some) {
            return;
        }
    }
}

/// Reads the files and hands their text on in pieces of about 256 KiB: a small file is in one with others, and a large one is
/// cut, never inside a word. What cannot be read is skipped.
pub(crate) fn read(
    files: &[File],
    mut piece: impl FnMut(Vec<u8>),
    mut skip: impl FnMut(&File, io::Error),
) {
    const SIZE: usize = 256 << 10;
    let mut text = Vec::with_capacity(SIZE);
    for file in files {
        match file.read(&mut text) {
            Ok(()) => text.push(b'\n'),
            Err(why) => skip(file, why),
        }
        while let Some(end) = cut(&text, SIZE) {
            let rest = text.split_off(end);
            piece(std::mem::replace(&mut text, rest));
        }
    }
    piece(text);
}

/// Where the first piece of a text ends that is larger than this.
fn cut(text: &[u8], size: usize) -> Option<usize> {
    let end = text
        .get(size..)?
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric());
    end.map(|end| size + end)
}

/// Words and their numbers, by the agent that they belong to.
pub(crate) type Tables<const SHARDS: usize> = [Counts; SHARDS];

pub(crate) type Counts = HashMap<Vec<u8>, u64>;

/// Adds the words of a piece of text.
pub(crate) fn tally<const SHARDS: usize>(text: &[u8], tables: &mut Tables<SHARDS>) {
    for word in text.split(|byte| !byte.is_ascii_alphanumeric()) {
        if let Some(last) = word.last() {
            let counts = &mut tables[usize::from(*last) % SHARDS];
            *counts.entry_ref(word).or_insert(0) += 1;
        }
    }
}

/// The commonest word first, and of those that are as common the first in the alphabet.
pub(crate) fn order((word, n): (&[u8], u64), (other, m): (&[u8], u64)) -> Ordering {
    m.cmp(&n).then_with(|| word.cmp(other))
}

/// The commonest words of a table, so many at most.
pub(crate) fn commonest(counts: &Counts, most: usize) -> Vec<(Vec<u8>, u64)> {
    let mut all: Vec<_> = counts.iter().collect();
    if most < all.len() {
        all.select_nth_unstable_by(most, |a, b| order((a.0, *a.1), (b.0, *b.1)));
        all.truncate(most);
    }
    all.into_iter()
        .map(|(word, n)| (word.clone(), *n))
        .collect()
}
