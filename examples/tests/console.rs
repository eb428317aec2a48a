//! The kitchen with a console, and its client in a pipe.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use async_dsl_tests::programs::example;

/// The program with the console; killed if the test fails.
struct Kitchen(Child);

impl Kitchen {
    fn open(arguments: &[&str], file: &Path) -> Self {
        let child = example("console")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn();
        let kitchen = Self(child.expect("cargo has built the examples"));
        let start = Instant::now();
        while !file.exists() {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "it does not open its console"
            );
            std::thread::yield_now();
        }
        kitchen
    }

    fn output(mut self) -> String {
        let mut output = String::new();
        let mut stdout = self.0.stdout.take().unwrap();
        stdout.read_to_string(&mut output).unwrap();
        assert!(self.0.wait().unwrap().success());
        output
    }
}

impl Drop for Kitchen {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn client(arguments: &[&str], input: &str) -> Output {
    let mut child = example("console_client")
        .args(arguments)
        .env_remove("CONSOLE_TOKEN")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo has built the examples");
    // It may end before it has read all.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn lines_in_and_answers_out() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("console");
    let place = path.to_str().unwrap();
    let kitchen = Kitchen::open(&[place], &path);

    let good = client(&[place], "1 + 2 + 3\nprint(\"two\"); names()\n");
    assert!(good.status.success(), "{good:?}");
    assert_eq!(
        text(&good.stdout),
        "6\ntwo\n[\"dishes\", \"orders\", \"served\", \"stop\"]\n"
    );

    let cooked = client(
        &[place],
        "take(\"dishes\", 4000)\nput(\"orders\", \"tea\")\n",
    );
    assert!(text(&cooked.stdout).contains(", by cook "), "{cooked:?}");

    let bad = client(&[place], "nobody\n\"goes on\"\n");
    assert_eq!(bad.status.code(), Some(1));
    assert_eq!(text(&bad.stdout), "\"goes on\"\n");
    assert!(
        text(&bad.stderr).starts_with("error: Variable not found: nobody"),
        "{bad:?}"
    );

    client(&[place], "put(\"stop\", ())\n");
    let log = kitchen.output();
    assert!(
        log.contains("asked \"1 + 2 + 3\"") && log.contains(" dishes\n"),
        "{log}"
    );
    assert!(!path.exists());
}

#[test]
fn a_token_is_needed_over_tcp() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let token_file = file.to_str().unwrap();
    let mut kitchen = Kitchen::open(&["--tcp", "0", "--token-file", token_file], &file);
    let mut line = String::new();
    let mut stdout = BufReader::new(kitchen.0.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let address = line
        .trim()
        .strip_prefix("a console on ")
        .expect("an address");

    let right = client(&["--tcp", address, "--token-file", token_file], "40 + 2\n");
    assert_eq!(text(&right.stdout), "42\n", "{right:?}");
    std::fs::write(folder.path().join("wrong"), "guess").unwrap();
    let wrong_file = folder.path().join("wrong");
    let wrong = client(
        &[
            "--tcp",
            address,
            "--token-file",
            wrong_file.to_str().unwrap(),
        ],
        "40 + 2\n",
    );
    assert!(text(&wrong.stderr).contains("wrong token"), "{wrong:?}");
    let none = client(&["--tcp", address], "40 + 2\n");
    assert_eq!(none.status.code(), Some(2));

    client(
        &["--tcp", address, "--token-file", token_file],
        "put(\"stop\", ())\n",
    );
    assert!(kitchen.0.wait().unwrap().success());
    assert!(!file.exists());
}
