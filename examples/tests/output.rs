//! Every example prints what its documentation says.
//!
//! `UPDATE_EXPECT=1 cargo test -p async-dsl-examples` rewrites `expected/`; read the difference.

use std::process::{Command, Output};

use expect_test::expect_file;

fn example(name: &str) -> Command {
    // target/debug/deps/output-… → target/debug/examples/name
    let mut path = std::env::current_exe().expect("this test is a program");
    path.pop();
    path.pop();
    Command::new(path.join("examples").join(name))
}

fn run(name: &str) -> Output {
    let output = example(name)
        .output()
        .expect("cargo has built the examples");
    assert!(output.status.success(), "{name}: {output:?}");
    output
}

macro_rules! prints {
    ($($name:ident)+) => { $(
        #[test]
        fn $name() {
            let stdout = String::from_utf8(run(stringify!($name)).stdout).expect("it prints text");
            expect_file![concat!("../expected/", stringify!($name), ".txt")].assert_eq(&stdout);
        }
    )+ };
}

/// The times differ from run to run.
fn without_times(text: &str) -> String {
    let line = |line: &str| match line.split_once(" waits since ") {
        Some((before, _)) => format!("{before} waits since …\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// That it is certain depends on what the system tells of a process's threads.
#[test]
#[cfg(target_os = "linux")]
fn deadlock() {
    let stdout = String::from_utf8(run("deadlock").stdout).expect("it prints text");
    expect_file!["../expected/deadlock.txt"].assert_eq(&without_times(&stdout));
}

/// The README shows it.
#[test]
fn process_network() {
    let stdout = String::from_utf8(run("process_network").stdout).expect("it prints text");
    expect_file!["../expected/process_network.svg"].assert_eq(&stdout);
}

/// Not all it prints: the dumps in it are another module's.
#[test]
fn bug_gallery() {
    let stdout = String::from_utf8(run("bug_gallery").stdout).expect("it prints text");
    for bug in [
        "lost_update",
        "two_locks",
        "missed_wake_up",
        "starving_select",
        "aba",
    ] {
        assert!(stdout.contains(&format!("== {bug}\n")), "{stdout}");
    }
    let count = |text| stdout.matches(text).count();
    assert_eq!(count("ASYNC_DSL_SEED=plan:"), 5, "{stdout}");
    assert_eq!(
        count("the correct twin passes 1000 schedules"),
        5,
        "{stdout}"
    );
}

prints! {
    tour ping_pong pipeline worker_pool first_answer_wins bank_agents buffers manual_scheduler from_tokio
    inspect_expansion
}
