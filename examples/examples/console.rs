//! A kitchen with a console: guests order, cooks cook, and a client of the console can look and take part.
//!
//! `console PATH` listens on a Unix socket (`nc -U PATH`, or the example `console_client`), `console --tcp PORT
//! --token-file FILE` on a port of this machine. `put("stop", ())` in the console ends the program.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use async_dsl::console::{self, Options};
use async_dsl::prelude::*;
use lexopt::prelude::*;

#[async_dsl::main]
async fn main() -> ExitCode {
    let options = arguments().unwrap_or_else(|problem| {
        eprintln!(
            "console: {problem}\nusage: console PATH | console --tcp PORT [--token-file FILE]"
        );
        std::process::exit(2)
    });
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("console: {error}");
            ExitCode::FAILURE
        }
    }
}

#[linear]
async fn run(options: Options) -> io::Result<()> {
    let (orders, kitchen) = chan::fixed::<String>(8).named("orders").split();
    let dishes = chan::sliding::<String>(4).named("dishes");
    let stop = chan::fixed::<()>(1).named("stop");
    let served = agent(0_u32).named("served");

    for number in 1..=2 {
        go!(name = "cook", |kitchen, dishes, served| {
            while let Some(order) = take!(kitchen) {
                sleep!(500ms);
                put!(dishes, format!("{order}, by cook {number}")).ok();
                send!(served, |n| n + 1).ok();
            }
        });
    }
    go!(name = "guests", |orders| {
        for dish in ["soup", "fish", "cake"].iter().cycle() {
            if put!(orders, (*dish).to_string()).is_err() {
                break;
            }
            sleep!(300ms);
        }
    });

    let options = options
        .export_chan("orders", &orders)
        .export_chan("dishes", &dishes)
        .export_chan("stop", &stop)
        .export_agent("served", &served)
        .audit(|event| println!("{event}"));
    let console = console::serve(options)?;
    match console.local_addr() {
        Ok(address) => println!("a console on {address}"),
        Err(_) => println!("a console"),
    }
    take!(stop);
    console.shutdown(1s).await;
    println!("{} dishes", served.last_good());
    Ok(())
}

fn arguments() -> Result<Options, lexopt::Error> {
    let (mut path, mut port, mut token_file) = (None::<PathBuf>, None, None::<PathBuf>);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("tcp") => port = Some(parser.value()?.parse()?),
            Long("token-file") => token_file = Some(parser.value()?.into()),
            Value(value) if path.is_none() => path = Some(value.into()),
            other => return Err(other.unexpected()),
        }
    }
    Ok(match (path, port, token_file) {
        (Some(path), None, None) => Options::unix(path),
        (None, Some(port), Some(file)) => Options::tcp(port).token_file(file),
        (None, Some(port), None) => Options::tcp(port),
        _ => return Err("where?".into()),
    })
}
