//! The sources of text: the command line, the file system, standard input; and how text is split into words.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;

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

/// The options of the command line. A mistake there, or a path that does not exist, ends the program with code 2.
pub(crate) fn options() -> Options {
    let options = parse().and_then(|options| {
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

fn parse() -> Result<Options, lexopt::Error> {
    let mut options = Options {
        paths: Vec::new(),
        lines: 20,
    };
    let mut parser = lexopt::Parser::from_env();
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
    /// Returns the whole text: a file that is not text to its end does not count at all.
    pub(crate) fn read(&self) -> io::Result<String> {
        let mut bytes = Vec::new();
        match self {
            Self::Standard => drop(io::stdin().read_to_end(&mut bytes)?),
            Self::At(path) => bytes = std::fs::read(path)?,
            Self::Unreachable(error) => {
                let kind = error
                    .io_error()
                    .map_or(io::ErrorKind::Other, io::Error::kind);
                return Err(kind.into());
            }
        }
        String::from_utf8(bytes)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not valid UTF-8"))
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

/// Finds the files, until `found` returns `false`. Links inside folders are not followed.
pub(crate) fn walk(paths: &[PathBuf], found: impl Fn(File) -> bool) {
    if paths.is_empty() {
        found(File::Standard);
    }
    for entry in paths
        .iter()
        .flat_map(|path| WalkDir::new(path).sort_by_file_name())
    {
        let go_on = match entry {
            Err(error) => found(File::Unreachable(error)),
            // A path that was named is read even if it is, say, a pipe; in a folder only files are read.
            Ok(entry)
                if entry.file_type().is_file()
                    || (entry.depth() == 0 && !entry.file_type().is_dir()) =>
            {
                found(File::At(entry.into_path()))
            }
            Ok(_) => true,
        };
        if !go_on {
            return;
        }
    }
}

/// Cuts a text into pieces of about 256 KiB, never inside a word.
pub(crate) fn pieces(mut text: &str, mut piece: impl FnMut(String)) {
    const SIZE: usize = 256 << 10;
    while text.len() > SIZE {
        let boundary = (SIZE..text.len())
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(text.len());
        let Some(end) = text[boundary..].find(|c: char| !c.is_ascii_alphanumeric()) else {
            break;
        };
        let (first, rest) = text.split_at(boundary + end);
        piece(first.to_owned());
        text = rest;
    }
    piece(text.to_owned());
}

/// Returns the counted words of a piece of text, by the agent that they belong to.
pub(crate) fn tally<const SHARDS: usize>(text: &str) -> [HashMap<String, u64>; SHARDS] {
    let mut shards = std::array::from_fn(|_| HashMap::<String, u64>::new());
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        if let Some(last) = word.bytes().last() {
            let shard = &mut shards[usize::from(last) % SHARDS];
            match shard.get_mut(word) {
                Some(n) => *n += 1,
                None => drop(shard.insert(word.to_owned(), 1)),
            }
        }
    }
    shards
}
