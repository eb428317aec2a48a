//! `word_count` counts what coreutils count, and survives what it cannot read.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn word_count() -> Command {
    let mut path = std::env::current_exe().expect("this test is a program");
    path.pop();
    path.pop();
    Command::new(path.join("examples/word_count"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it prints text")
}

fn words(output: &Output) -> Vec<String> {
    text(&output.stdout)
        .lines()
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn it_counts_what_coreutils_count_in_these_sources() {
    let folders = [
        "async-dsl",
        "async-dsl-macros",
        "tests",
        "ui-tests",
        "examples",
    ];
    // File by file, because a word does not go on in the next file.
    let script = r#"find "$@" -type f -exec sh -c '
        for f; do tr -cs "[:alnum:]" "\n" < "$f"; echo; done' sh {} + |
        grep . | sort | uniq -c | sort -k1,1nr -k2"#;
    let theirs = Command::new("sh")
        .args(["-c", script, "sh"])
        .args(folders)
        .env("LC_ALL", "C")
        .current_dir(root())
        .output()
        .expect("coreutils are installed");
    let ours = word_count()
        .args(["-n", "1000000"])
        .args(folders)
        .current_dir(root())
        .output()
        .expect("the example is built");

    assert!(words(&theirs).len() > 1000, "{}", text(&theirs.stderr));
    assert_eq!(words(&ours), words(&theirs));
    assert_eq!(text(&ours.stderr), "", "no progress in a pipe");
}

#[test]
fn it_reads_standard_input_and_prints_the_commonest_first() {
    let mut child = word_count()
        .args(["-n", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example is built");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin
        .write_all("b a, a-b; a é c".as_bytes())
        .expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(words(&output), ["3 a", "2 b"]);
}

#[test]
fn a_piece_never_ends_inside_a_word() {
    let folder = tempfile::tempdir().expect("there is room");
    // Several pieces; words of seven letters cannot all fall on their borders by chance.
    std::fs::write(folder.path().join("long"), "abcdefg ".repeat(200_000)).expect("there is room");
    let output = word_count()
        .arg(folder.path())
        .output()
        .expect("the example is built");
    assert_eq!(words(&output), ["200000 abcdefg"]);
}

#[test]
fn what_cannot_be_read_is_one_warning_each_and_a_counted_skip() {
    let folder = tempfile::tempdir().expect("there is room");
    std::fs::write(folder.path().join("good"), "fine").expect("there is room");
    std::fs::write(folder.path().join("torn"), b"fine \xff\xfe").expect("there is room");
    std::os::unix::fs::symlink("/nowhere/at/all", folder.path().join("named")).expect("links work");
    let output = word_count()
        .arg(folder.path())
        .arg(folder.path().join("named"))
        .output()
        .expect("the example is built");
    assert!(output.status.success());
    assert_eq!(words(&output), ["1 fine"]);
    let warnings = text(&output.stderr);
    assert_eq!(warnings.lines().count(), 3, "{warnings}");
    assert!(warnings.contains("torn: not valid UTF-8"), "{warnings}");
    assert!(warnings.contains("named: "), "{warnings}");
    assert!(warnings.ends_with("word_count: 2 skipped\n"), "{warnings}");
}

#[test]
fn a_path_that_does_not_exist_is_exit_code_2() {
    let output = word_count()
        .arg("no/such/path")
        .output()
        .expect("the example is built");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "word_count: no such file or folder: no/such/path\n"
    );
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn an_interrupt_ends_it() {
    // Whoever runs the tests in the background has interrupts ignored, and a child inherits that; `env` undoes it.
    let mut child = Command::new("env")
        .arg("--default-signal=INT")
        .arg(word_count().get_program())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("env is installed");
    let _open = child.stdin.take().expect("it is piped"); // so that it waits for more
    let deadline = Instant::now() + Duration::from_secs(60);
    // Again and again: the first may come before `env` has done its work.
    let status = loop {
        let interrupt = format!("kill -INT {}", child.id());
        let sent = Command::new("sh").args(["-c", &interrupt]).status();
        assert!(sent.expect("sh is installed").success());
        if let Some(status) = child.try_wait().expect("it is our child") {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().expect("it is our child");
            panic!("it goes on in spite of interrupts");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(2)
    );
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
        return; // not on this system
    };
    let output = word_count()
        .arg("Cargo.toml")
        .stdout(full)
        .output()
        .expect("the example is built");
    assert_eq!(output.status.code(), Some(1));
    let complaint = text(&output.stderr);
    assert!(
        complaint.starts_with("word_count: cannot write: "),
        "{complaint}"
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_none() {
    let mut child = word_count()
        .args(["-n", "1000000"])
        .arg(root().join("async-dsl"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example is built");
    drop(child.stdout.take()); // as `head` does, a little earlier
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    assert!(!text(&output.stderr).contains("cannot write"));
}
