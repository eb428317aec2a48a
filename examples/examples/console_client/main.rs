//! A client of the console, with line editing, a history, and completion of exported names.
//!
//! `console_client PATH` connects to a Unix socket, `console_client --tcp ADDRESS` to a port; the token is read from
//! `--token-file FILE`, or from the variable `CONSOLE_TOKEN`. `--history FILE` keeps the history.
//!
//! In a pipe it reads lines and writes answers, without a prompt; errors go to standard error, and it ends with 1 if there
//! was one.

mod edit;
mod remote;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::*;

use remote::{Answer, Place, Remote};

fn main() -> ExitCode {
    let arguments = arguments().unwrap_or_else(|problem| {
        eprintln!(
            "console_client: {problem}\n\
             usage: console_client PATH [--history FILE]\n\
             \x20      console_client --tcp ADDRESS [--token-file FILE] [--history FILE]"
        );
        std::process::exit(2)
    });
    match run(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("console_client: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether every line had a value.
fn run(arguments: Arguments) -> io::Result<bool> {
    let mut remote = Remote::connect(&arguments.place)?;
    if io::stdin().is_terminal() {
        edit::run(&mut remote, arguments.history)?;
        return Ok(true);
    }
    let mut all_good = true;
    for line in io::stdin().lines() {
        all_good &= show(&remote.ask(&line?)?)?;
    }
    Ok(all_good)
}

/// Shows an answer. Returns whether it is a value.
fn show(answer: &Answer) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    for line in &answer.lines {
        writeln!(out, "{line}")?;
    }
    if answer.is_cut {
        writeln!(out, "… the rest is left out")?;
    }
    out.flush()?;
    for (at, line) in answer.errors.iter().enumerate() {
        eprintln!("{}{line}", if at == 0 { "error: " } else { "" });
    }
    Ok(answer.errors.is_empty())
}

struct Arguments {
    place: Place,
    history: Option<PathBuf>,
}

fn arguments() -> Result<Arguments, lexopt::Error> {
    let (mut path, mut address, mut token_file, mut history) = (None, None, None, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("tcp") => address = Some(parser.value()?.string()?),
            Long("token-file") => token_file = Some(PathBuf::from(parser.value()?)),
            Long("history") => history = Some(parser.value()?.into()),
            Value(value) if path.is_none() => path = Some(value.into()),
            other => return Err(other.unexpected()),
        }
    }
    let place = match (path, address) {
        (Some(path), None) => Place::Unix(path),
        (None, Some(address)) => {
            let token = match token_file {
                Some(file) => std::fs::read_to_string(&file)
                    .map_err(|error| format!("{}: {error}", file.display()))?,
                None => std::env::var("CONSOLE_TOKEN")
                    .map_err(|_| "no --token-file and no CONSOLE_TOKEN")?,
            };
            Place::Tcp {
                address,
                token: token.trim().into(),
            }
        }
        _ => return Err("where?".into()),
    };
    Ok(Arguments { place, history })
}
