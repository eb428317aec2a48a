//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use async_dsl_examples::http::{Limits, Method, Trust};
use lexopt::prelude::*;

const USAGE: &str = "\
usage: http_get [OPTION…] URL

Fetches an http or https URL; prints the status, the headers and the beginning of the body.

  -I, --head               ask for the head alone
  -o, --output FILE        keep the body in FILE; - is standard output, and then nothing else goes there
      --ca FILE            trust the certificates of this PEM file, instead of those that browsers trust
      --timeout SECONDS    for everything (default 10)
      --max-body BYTES     a larger body is an error (default 16 MiB)
      --max-redirects N    how many redirects are followed (default 5)
  -h, --help               print this

Exit codes: 0 a whole response, whatever its status; 1 it could not be written; 2 a wrong command line or URL;
3 no connection; 4 timed out; 5 a broken response, one over the limits, or a redirect that is not followed.";

pub(crate) enum Output {
    Preview,
    Standard,
    File(PathBuf),
}

pub(crate) struct Options {
    pub(crate) url: String,
    pub(crate) method: Method,
    pub(crate) output: Output,
    pub(crate) trust: Trust,
    pub(crate) limits: Limits,
}

/// The options of the command line. A mistake there ends the program with code 2.
pub(crate) fn options() -> Options {
    parse().unwrap_or_else(|problem| {
        eprintln!("http_get: {problem}; --help lists the options");
        std::process::exit(2)
    })
}

fn parse() -> Result<Options, lexopt::Error> {
    let (mut url, mut ca) = (None, None::<PathBuf>);
    let (mut method, mut output) = (Method::Get, Output::Preview);
    let mut limits = Limits::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('I') | Long("head") => method = Method::Head,
            Short('o') | Long("output") => {
                let path = PathBuf::from(parser.value()?);
                output = match path.as_os_str().as_encoded_bytes() {
                    b"-" => Output::Standard,
                    _ => Output::File(path),
                };
            }
            Long("ca") => ca = Some(parser.value()?.into()),
            Long("timeout") => limits.time = parser.value()?.parse_with(seconds)?,
            Long("max-body") => limits.body = parser.value()?.parse()?,
            Long("max-redirects") => limits.redirects = parser.value()?.parse()?,
            Short('h') | Long("help") => {
                println!("{USAGE}");
                std::process::exit(0)
            }
            Value(value) if url.is_none() => url = Some(value.string()?),
            _ => return Err(argument.unexpected()),
        }
    }
    let trust = match ca {
        None => Trust::default(),
        Some(file) => std::fs::read(&file)
            .and_then(|pem| Trust::only(&pem))
            .map_err(|error| format!("--ca {}: {error}", file.display()))?,
    };
    Ok(Options {
        url: url.ok_or("a URL is missing")?,
        method,
        output,
        trust,
        limits,
    })
}

/// A positive number of seconds that a clock can hold.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let time = seconds.and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok());
    time.filter(|time| *time <= Duration::from_secs(24 * 60 * 60))
        .ok_or_else(|| "a number of seconds up to a day is expected".to_owned())
}
