//! Fetches a URL: prints the status, the headers and the beginning of the body.
//!
//! The client itself is in `examples/src/http`: one file for each step of a request, all of it linear code.
mod options;
mod show;

use std::io::{self, Write};
use std::process::ExitCode;

use async_dsl::prelude::*;
use async_dsl_examples::http::{Client, Error, Response};
use options::{Options, Output};

#[async_dsl::main]
async fn main() -> ExitCode {
    let options = options::options();
    let client = Client {
        limits: options.limits.clone(),
        trust: options.trust.clone(),
    };
    let response = client.request(options.method, &options.url).await;
    let response = match response {
        Ok(response) => response,
        Err(error) => {
            eprintln!("http_get: {error}");
            return code(&error).into();
        }
    };
    for (status, url) in &response.redirects {
        eprintln!("http_get: {status} at {url}");
    }
    // Writing a file blocks, so it does not belong on a worker.
    let printed = thread!({ print(&response, &options) });
    match printed.await {
        // The reader of the pipe has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http_get: cannot write: {error}");
            ExitCode::FAILURE
        }
        Ok(()) => ExitCode::SUCCESS,
    }
}

fn print(response: &Response, options: &Options) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match &options.output {
        Output::Preview => {
            show::head(&mut out, response)?;
            show::preview(&mut out, &response.body)?;
        }
        Output::Standard => out.write_all(&response.body)?,
        Output::File(path) => {
            show::head(&mut out, response)?;
            std::fs::write(path, &response.body)?;
        }
    }
    out.flush()
}

/// Returns an exit code for each case that a script wants to tell apart.
fn code(error: &Error) -> u8 {
    match error {
        Error::Url(..) => 2,
        Error::Connect(_) | Error::Tls(..) => 3,
        Error::Elapsed(..) => 4,
        Error::Broken(..) | Error::Malformed(_) | Error::TooLarge { .. } | Error::Redirect(..) => 5,
    }
}
