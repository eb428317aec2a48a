//! The command line.

use std::time::Duration;

use lexopt::prelude::*;

const USAGE: &str = "\
usage: http_server [OPTION…]

Serves HTTP/1.1 until Ctrl-C; then answers what has begun, and ends. A second Ctrl-C ends it at once.

  --listen ADDRESS        where to listen (default 127.0.0.1:8080; port 0 is any free one)
  --head-timeout SECONDS  a request whose head is not there by then ends its connection (default 10)
  --grace SECONDS         what has begun is answered for so long after Ctrl-C (default 10)
  --log                   a line for each request, on standard error
  -h, --help              print this";

pub(crate) struct Options {
    pub(crate) listen: String,
    pub(crate) head_time: Duration,
    pub(crate) grace: Duration,
    pub(crate) log: bool,
}

/// The options of the command line. A mistake there ends the program with code 2.
pub(crate) fn options() -> Options {
    parse().unwrap_or_else(|problem| {
        eprintln!("http_server: {problem}; --help lists the options");
        std::process::exit(2)
    })
}

fn parse() -> Result<Options, lexopt::Error> {
    let mut options = Options {
        listen: "127.0.0.1:8080".to_owned(),
        head_time: Duration::from_secs(10),
        grace: Duration::from_secs(10),
        log: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("listen") => options.listen = parser.value()?.string()?,
            Long("head-timeout") => options.head_time = parser.value()?.parse_with(seconds)?,
            Long("grace") => options.grace = parser.value()?.parse_with(seconds)?,
            Long("log") => options.log = true,
            Short('h') | Long("help") => {
                println!("{USAGE}");
                std::process::exit(0)
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(options)
}

/// A positive number of seconds that a clock can hold.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let time = seconds.and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok());
    time.filter(|time| *time <= Duration::from_secs(24 * 60 * 60))
        .ok_or_else(|| "a number of seconds up to a day is expected".to_owned())
}
