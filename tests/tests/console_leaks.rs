//! Clients that go away at any moment leave nothing behind: no task, no thread, no descriptor, no place in line. One test,
//! because every other one would change what it counts.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use async_dsl::chan::{self, Chan};
use async_dsl::console::{self, Limits, Options};
use async_dsl::scheduler::Scheduler;

/// Tasks, threads, descriptors.
fn count() -> (usize, usize, usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let threads = status
        .lines()
        .find_map(|line| line.strip_prefix("Threads:"))
        .unwrap();
    let files = fs::read_dir("/proc/self/fd").unwrap().count();
    (
        Scheduler::global().task_count(),
        threads.trim().parse().unwrap(),
        files,
    )
}

#[track_caller]
fn back_to(before: (usize, usize, usize), jobs: &Chan<i64>) {
    let start = Instant::now();
    loop {
        let (now, waiting) = (count(), jobs.waiting());
        if now.0 <= before.0
            && now.1 <= before.1
            && now.2 <= before.2
            && waiting == chan::Waiting::default()
        {
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "left behind: tasks, threads, descriptors {now:?}, before {before:?}; in line {waiting:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn ask(path: &Path, form: &str) -> String {
    let mut socket = UnixStream::connect(path).unwrap();
    writeln!(socket, "{form}").unwrap();
    let mut answer = String::new();
    BufReader::new(socket).read_line(&mut answer).unwrap();
    answer
}

fn wait_for_a_taker(jobs: &Chan<i64>) {
    let start = Instant::now();
    while jobs.waiting().takers == 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "nobody takes");
        std::thread::yield_now();
    }
}

#[test]
fn a_client_that_goes_away_leaves_nothing_behind() {
    let jobs = chan::fixed::<i64>(1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("console");
    // A deadline that does not come: only the cancelling ends an evaluation.
    let limits = Limits::default()
        .deadline(Duration::from_secs(3600))
        .memory(None);
    let options = Options::unix(&path)
        .sessions(64)
        .limits(limits)
        .export_chan("jobs", &jobs);
    let console = console::serve(options).unwrap();
    assert_eq!(ask(&path, "1 + 2 + 3"), "6\n"); // what is made once is made
    while console.sessions() > 0 {
        std::thread::yield_now();
    }
    let start = Instant::now();
    while Scheduler::global().task_count() > 1 && start.elapsed() < Duration::from_secs(60) {
        std::thread::yield_now();
    }
    let before = count();

    // At any byte of what it sends.
    let form = "let x = 1\ntake(\"jobs\", 3600000)\nx\n";
    for end in 0..=form.len() {
        let mut socket = UnixStream::connect(&path).unwrap();
        socket.write_all(&form.as_bytes()[..end]).unwrap();
        drop(socket);
    }
    back_to(before, &jobs);

    // While it is evaluated: in a function that waits, and in one that computes.
    for form in [
        "take(\"jobs\", 3600000)",
        "put(\"jobs\", 1); print(take(\"jobs\", 1)); take(\"jobs\", 3600000)",
    ] {
        for _ in 0..4 {
            let mut socket = UnixStream::connect(&path).unwrap();
            writeln!(socket, "{form}").unwrap();
            wait_for_a_taker(&jobs);
            drop(socket);
            back_to(before, &jobs);
        }
    }
    let mut sockets: Vec<UnixStream> = (0..8)
        .map(|_| UnixStream::connect(&path).unwrap())
        .collect();
    for socket in &mut sockets {
        writeln!(
            socket,
            "put(\"jobs\", 1, 3600000); let s = \"\"; s.pad(60000, 'x'); loop {{ s + 1; }}"
        )
        .unwrap();
    }
    for _ in 0..8 {
        assert_eq!(jobs.take_blocking(), Some(1), "it is being evaluated");
    }
    drop(sockets);
    back_to(before, &jobs);

    // A process that is killed.
    if let Ok(mut nc) = Command::new("nc")
        .arg("-U")
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
    {
        let mut stdin = nc.stdin.take().unwrap();
        writeln!(stdin, "take(\"jobs\", 3600000)").unwrap();
        wait_for_a_taker(&jobs);
        nc.kill().unwrap();
        nc.wait().unwrap();
        drop(stdin);
        back_to(before, &jobs);
    } else {
        assert!(std::env::var_os("CI").is_none(), "no nc");
    }

    // Nothing was taken by those who went away.
    jobs.try_put(42).unwrap();
    assert_eq!(ask(&path, "take(\"jobs\", 0)"), "42\n");
    async_dsl::block_on(console.shutdown(Duration::from_secs(60)));
    back_to((0, before.1, before.2), &jobs);
}
