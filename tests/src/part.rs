//! A part of a test that runs in a process of its own: an ignored test of the same program, or another program.
#![allow(clippy::missing_panics_doc)] // then the test fails

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// For everything that is waited for.
const LONG: Duration = Duration::from_secs(60);

/// The process, which does not outlive the test.
#[derive(Debug)]
#[must_use]
pub struct Part {
    child: Child,
    /// What it prints.
    pub said: Lines,
    /// What it prints to standard error.
    pub dumped: Lines,
}

impl Part {
    /// Starts the ignored test of this name.
    pub fn start(test: &str) -> Self {
        let program = std::env::current_exe().expect("a path");
        Self::spawn(&mut of_test(Command::new(program), test))
    }

    /// The same with `SIGQUIT` ignored, as who runs tests in the background has it.
    pub fn start_without_quit(test: &str) -> Self {
        let mut command = Command::new("env");
        command.arg("--ignore-signal=QUIT");
        command.arg(std::env::current_exe().expect("a path"));
        Self::spawn(&mut of_test(command, test))
    }

    /// Starts another program.
    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it is installed");
        Self {
            said: Lines::of(child.stdout.take().expect("a pipe")),
            dumped: Lines::of(child.stderr.take().expect("a pipe")),
            child,
        }
    }

    /// Writes a line to its standard input.
    pub fn tell(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("it is open");
        writeln!(stdin, "{line}").expect("it reads");
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a pid");
        let pid = Pid::from_raw(pid).expect("a pid");
        kill_process(pid, signal).expect("it is not waited for yet");
    }

    /// Closes its standard input.
    pub fn tell_the_end(&mut self) {
        self.child.stdin = None;
    }

    /// Waits until it ends.
    pub fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + LONG;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn of_test(mut command: Command, test: &str) -> Command {
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command
}

impl Drop for Part {
    fn drop(&mut self) {
        // It has ended, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a pipe, as they come.
#[derive(Debug)]
pub struct Lines(Receiver<String>);

impl Lines {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self(lines)
    }

    /// Waits for a line with `text` in it, and returns all up to it.
    pub fn until(&self, text: &str) -> String {
        let deadline = Instant::now() + LONG;
        let mut seen = String::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.0.recv_timeout(left) else {
                panic!("no {text:?} in:\n{seen}")
            };
            seen += &line;
            seen.push('\n');
            if line.contains(text) {
                return seen;
            }
        }
    }

    /// What comes until the pipe is closed.
    pub fn rest(&self) -> String {
        let line = |line| format!("{line}\n");
        self.0.iter().map(line).collect()
    }
}
