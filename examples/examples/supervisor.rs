//! Keeps programs running: `cargo run -p async-dsl-examples --example supervisor -- 'python3 -m http.server' 'sleep 5'`.
//!
//! Each argument is a command, and each command has one task. A child that ends is started again, after a pause that doubles each
//! time until it has run for a while. Ctrl-C or `SIGTERM` ends them all: each gets `SIGTERM`, and `SIGKILL` if it is still there
//! three seconds later. Then the supervisor ends; it leaves nobody behind.

use std::io;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use async_dsl::prelude::*;
use async_dsl::shutdown_token;
use async_process::{Child, Command};
use rustix::process::{Pid, Signal, kill_process};

/// The first pause before a child is started again, and the longest one.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// A child that has run for so long is well: its next pause is the shortest again.
const WELL: Duration = Duration::from_secs(30);

fn start(command: &str) -> io::Result<Child> {
    let mut words = command.split_whitespace();
    let program = words.next().ok_or(io::ErrorKind::InvalidInput)?;
    // Should this task panic, its child is killed.
    Command::new(program).args(words).kill_on_drop(true).spawn()
}

/// Asks a child to end, and ends it if it does not.
#[linear]
async fn stop(mut child: Child) -> io::Result<ExitStatus> {
    // The child was not waited for yet, so its number is nobody else's.
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        kill_process(pid, Signal::TERM).ok();
    }
    if let Ok(ended) = timeout!(3s, child.status().await) {
        return ended;
    }
    child.kill()?;
    child.status().await
}

/// Keeps one command running until the program is to end.
#[linear]
async fn keep(command: String) {
    let token = shutdown_token();
    let mut pause = SHORTEST;
    loop {
        let since = Instant::now();
        match start(&command) {
            Ok(mut child) => {
                println!("{command}: runs as {}", child.id());
                alt! {
                    // Dropping an unfinished wait loses nothing: the next one gets the status.
                    ended = await!(cancel_safe(child.status())) => match ended {
                        Ok(status) => println!("{command}: {status}"),
                        Err(error) => println!("{command}: lost: {error}"),
                    },
                    () = await!(token.cancelled()) => {
                        match stop(child).await {
                            Ok(status) => println!("{command}: stopped: {status}"),
                            Err(error) => println!("{command}: lost: {error}"),
                        }
                        return;
                    }
                }
            }
            Err(error) => println!("{command}: does not start: {error}"),
        }
        if since.elapsed() > WELL {
            pause = SHORTEST;
        }
        println!("{command}: again in {pause:?}");
        alt! {
            sleep!(pause) => pause = LONGEST.min(pause * 2),
            () = await!(token.cancelled()) => return,
        }
    }
}

#[async_dsl::main(graceful = 10s)]
async fn main() {
    let commands: Vec<String> = std::env::args().skip(1).collect();
    if commands.is_empty() {
        eprintln!("usage: supervisor COMMAND…");
        std::process::exit(2);
    }
    scope!(|all| {
        for command in commands {
            go!(group = all, { keep(command).await });
        }
    });
    println!("nobody is left");
}
