//! Every example prints what its documentation says.
//!
//! `UPDATE_EXPECT=1 cargo test -p async-dsl-examples` rewrites `expected/`; read the difference.

use std::process::Output;

use async_dsl_tests::programs::example;
use expect_test::expect_file;

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

/// The documentation of `inspect` shows it, smaller, and has it within itself, so that it is there wherever that is read.
#[test]
fn process_network() {
    let stdout = String::from_utf8(run("process_network").stdout).expect("it prints text");
    expect_file!["../expected/process_network.svg"].assert_eq(&stdout);
    let small = resized(&stdout, 240);
    expect_file!["../expected/process_network.small.svg"].assert_eq(&small);
    let link = format!("[network]: data:image/svg+xml,{}\n\n", in_url(&small));
    expect_file!["../../async-dsl/src/pictures.md"].assert_eq(&link);
}

/// A picture of `width` with the same in it.
fn resized(svg: &str, width: u32) -> String {
    let sized = |svg: &str| -> Option<String> {
        let (before, rest) = svg.split_once("width=\"")?;
        let (old, rest) = rest.split_once("\" height=\"")?;
        let (height, rest) = rest.split_once('"')?;
        let height = height.parse::<u32>().ok()? * width / old.parse::<u32>().ok()?;
        Some(format!(
            "{before}width=\"{width}\" height=\"{height}\"{rest}"
        ))
    };
    sized(svg).expect("its size comes first")
}

/// As a part of an address.
fn in_url(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    encoded.collect()
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
    inspect_expansion go_patterns walkthrough
}
