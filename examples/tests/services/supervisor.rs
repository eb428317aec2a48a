//! `supervisor` and children of all characters.

use std::fs;
use std::path::Path;

use async_dsl_tests::part::Part;
use async_dsl_tests::programs::example;
use rustix::process::{Pid, Signal, test_kill_process};

/// The command of a script in this folder.
fn script(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    format!("sh {}", path.display())
}

/// The process that runs a command, by what the supervisor has said.
fn pid(said: &str, name: &str) -> Pid {
    let line = said
        .lines()
        .find(|line| line.contains(name) && line.contains(": runs as "));
    let pid = line.unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    Pid::from_raw(pid).unwrap()
}

#[test]
fn children_are_started_again_and_all_end_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let script = |name, text| script(folder.path(), name, text);
    let commands = [
        script(
            "polite",
            "trap 'echo bye; exit 0' TERM; echo polite is there; while :; do sleep 0.05; done",
        ),
        script(
            "stubborn",
            "trap '' TERM; echo stubborn is there; while :; do sleep 0.05; done",
        ),
        script("flaky", "echo flaky runs; exit 3"),
        "/nowhere/to/be/found".to_owned(),
    ];
    let mut supervisor = Part::spawn(example("supervisor").args(commands));
    let mut said = String::new();
    let mut until = |text| said += &supervisor.said.until(text);
    // One after the other, in any order.
    for text in [
        "flaky: again in 100ms",
        "flaky: again in 200ms",
        "flaky: again in 400ms",
        "flaky: again in 800ms",
    ] {
        until(text);
    }
    for text in [
        "polite is there",
        "stubborn is there",
        "found: does not start",
    ] {
        if !said.contains(text) {
            said += &supervisor.said.until(text);
        }
    }
    supervisor.signal(Signal::TERM);
    let pids = ["polite", "stubborn"].map(|name| pid(&said, name));
    said += &supervisor.said.until("nobody is left");
    assert!(supervisor.ends().success());
    assert_eq!(
        said.matches("flaky: exit status: 3").count(),
        said.matches("flaky runs").count()
    );
    for text in [
        "bye",
        "polite: stopped: exit status: 0",
        "stubborn: stopped: signal: 9 (SIGKILL)",
    ] {
        assert!(said.contains(text), "{text} is missing:\n{said}");
    }
    for pid in pids {
        assert!(test_kill_process(pid).is_err(), "{pid:?} lives");
    }
}

#[test]
fn without_a_command_it_says_how_it_is_used() {
    let mut supervisor = Part::spawn(&mut example("supervisor"));
    supervisor.dumped.until("usage: supervisor COMMAND…");
    assert_eq!(supervisor.ends().code(), Some(2));
}
