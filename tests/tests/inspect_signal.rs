//! A dump whenever a signal comes, of a process of its own.
#![cfg(unix)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use async_dsl::inspect::{self, Signal, TaskState, on_signal};
use async_dsl::prelude::*;
use rustix::process::{Pid, kill_process};

/// For everything that is waited for.
const LONG: Duration = Duration::from_secs(60);

const BUSY: u64 = 100;

/// Run by the test below in a process of its own: it says for each line that it is given how much was done meanwhile.
#[test]
#[ignore = "a part of another test"]
fn part_a_busy_program() {
    static TURNS: AtomicU64 = AtomicU64::new(0);
    on_signal(Signal::Quit).unwrap();
    // It is not twice as loud.
    on_signal(Signal::Quit).unwrap();
    let orders = chan::fixed::<u32>(1).named("orders");
    let (_resolver, answer) = promise::<()>();
    go!(name = "cook", |orders| { take!(orders) });
    go!(name = "guest", { answer.await.is_ok() });
    for _ in 0..BUSY {
        go!(name = "busy", {
            loop {
                TURNS.fetch_add(1, Ordering::Relaxed);
                yield_now!();
            }
        });
    }
    // Not before the two are parked, which the other test looks for.
    let are_parked = || {
        let mut tasks = inspect::snapshot().tasks;
        tasks.retain(|task| task.name.as_deref() != Some("busy"));
        tasks.iter().all(|task| task.state == TaskState::Parked)
    };
    while !are_parked() {
        thread::yield_now();
    }
    println!("started");
    for line in io::stdin().lines() {
        let before = TURNS.load(Ordering::Relaxed);
        while TURNS.load(Ordering::Relaxed) < before + BUSY {
            thread::yield_now();
        }
        println!("goes on: {}", line.unwrap());
    }
}

/// The process of the part, which does not outlive the test.
struct Part {
    child: Child,
    said: Receiver<String>,
    dumped: Receiver<String>,
}

/// The lines of a pipe.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

impl Part {
    /// Starts it with the signal ignored, as whoever runs tests in the background has it.
    fn start() -> Self {
        let mut child = Command::new("env")
            .arg("--ignore-signal=QUIT")
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "part_a_busy_program", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("env is installed");
        Self {
            said: lines(child.stdout.take().unwrap()),
            dumped: lines(child.stderr.take().unwrap()),
            child,
        }
    }

    fn signal(&self) {
        let pid = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), rustix::process::Signal::QUIT).unwrap();
    }

    fn goes_on(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
        until(&self.said, &format!("goes on: {line}"));
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It has ended, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What comes up to a line with `text` in it.
fn until(lines: &Receiver<String>, text: &str) -> String {
    let deadline = Instant::now() + LONG;
    let mut seen = String::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(line) = lines.recv_timeout(left) else {
            panic!("no {text:?} in:\n{seen}")
        };
        seen += &line;
        seen.push('\n');
        if line.contains(text) {
            return seen;
        }
    }
}

#[test]
fn each_signal_dumps_the_whole_program_which_goes_on() {
    let mut part = Part::start();
    until(&part.said, "started");
    for round in ["first", "second"] {
        part.signal();
        let dump = until(&part.dumped, "1 channel") + &until(&part.dumped, "orders");
        // After the empty line that ends the one before.
        assert!(dump.trim_start().starts_with("102 tasks: "), "{dump}");
        for text in [" × busy", "take!(orders)", "answer.await", "cook", "guest"] {
            assert!(dump.contains(text), "{text} is missing:\n{dump}");
        }
        part.goes_on(round);
    }
    drop(part.child.stdin.take());
    let deadline = Instant::now() + LONG;
    let status = loop {
        if let Some(status) = part.child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < deadline, "it does not end");
        thread::sleep(Duration::from_millis(10));
    };
    assert!(status.success(), "{status}");
    let rest: Vec<String> = part.dumped.iter().collect();
    assert!(
        !rest.concat().contains("tasks: "),
        "one dump a signal: {rest:?}"
    );
}

#[test]
fn what_cannot_be_caught_is_an_error() {
    for signal in [
        Signal::Kill,
        Signal::Stop,
        Signal::Ill,
        Signal::Fpe,
        Signal::Segv,
    ] {
        let error = on_signal(signal).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let message = format!("a program cannot catch the signal {signal:?} and go on");
        assert_eq!(error.to_string(), message);
    }
}
