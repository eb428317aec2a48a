//! A program whose main thread waits in a blocking twin for ever, and says so. Without the test harness, whose own main thread
//! could act.

use std::io::Read;
use std::process::{Command, Stdio, exit};
use std::thread;
use std::time::{Duration, Instant};

use async_dsl::prelude::*;

/// Set in the process that is looked at.
const PART: &str = "ASYNC_DSL_TESTS_PART";

/// Waits for what nobody can put, together with a task and a thread.
fn part() {
    async_dsl::inspect::on_deadlock(|deadlock| {
        print!("certain: {}\n{deadlock}", deadlock.is_certain());
        exit(0);
    });
    let never = chan::fixed::<u32>(1).named("never");
    let first = chan::fixed::<u32>(1).named("first");
    let (from, to) = (never.clone(), first.clone());
    let helper = thread::Builder::new().name("a helper".to_owned());
    let wait = move || to.put_blocking(from.take_blocking().unwrap_or(0)).is_ok();
    helper.spawn(wait).expect("a thread");
    go!(name = "cook", |never, first| {
        put!(never, take!(first).unwrap_or(0)).ok();
    });
    first.take_blocking();
}

fn main() {
    if std::env::var_os(PART).is_some() {
        return part();
    }
    if !cfg!(target_os = "linux") {
        return; // only there the threads of a process are known
    }
    let mut child = Command::new(std::env::current_exe().expect("a path"))
        .env(PART, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("it is built");
    let deadline = Instant::now() + Duration::from_secs(60);
    while child.try_wait().expect("a child").is_none() {
        if Instant::now() > deadline {
            child.kill().expect("a child");
            child.wait().expect("a child");
            panic!("nothing is reported");
        }
        thread::sleep(Duration::from_millis(10));
    }
    let mut text = String::new();
    let mut said = child.stdout.take().expect("a pipe");
    said.read_to_string(&mut text).expect("text");
    assert!(text.starts_with("certain: true\ndeadlock: "), "{text}");
    assert!(text.contains("task 1 \"cook\""), "{text}");
    for (thread, code, channel) in [
        ("main", "    first.take_blocking();", "first"),
        ("a helper", "from.take_blocking().unwrap", "never"),
    ] {
        let mut lines = (1..).zip(include_str!("inspect_main_thread.rs").lines());
        let line = lines
            .find(|(_, text)| text.contains(code))
            .expect("the code")
            .0;
        let place = format!("{}:{line}", file!());
        let expected = format!(
            "  thread \"{thread}\" in `take_blocking` at {place} waits\n    at {place}: .take_blocking()\n      \
             for a value from `{channel}`, made at "
        );
        assert!(text.contains(&expected), "{expected}\nis missing:\n{text}");
    }
}
