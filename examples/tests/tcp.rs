//! The examples `tcp_server` and `tcp_client`, with each other.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use async_dsl_tests::programs::example;

#[test]
fn the_client_gets_its_answers_and_the_server_ends_in_order() {
    let mut server = example("tcp_server")
        .arg("0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("cargo has built the examples");
    let mut lines = BufReader::new(server.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    let address = first.strip_prefix("listening on ").unwrap().trim();

    let client = example("tcp_client").arg(address).output().unwrap();
    assert!(client.status.success(), "{client:?}");
    let said = String::from_utf8(client.stdout).unwrap();
    let answers = |n: i64| format!("{n} → {}\n", n + 1);
    let (sequential, simultaneous) = said.split_once("3 one after the other: ").unwrap();
    assert_eq!(sequential, (1..=3).map(answers).collect::<String>());
    let (seconds, simultaneous) = simultaneous.split_once(" s\n").unwrap();
    assert!(seconds.parse::<f64>().unwrap() >= 3.0);
    let (simultaneous, seconds) = simultaneous.split_once("10 at once: ").unwrap();
    assert_eq!(simultaneous, (1..=10).map(answers).collect::<String>());
    // One after the other they would take ten seconds.
    let seconds = seconds.trim_end_matches(" s\n").parse::<f64>().unwrap();
    assert!((1.0..8.0).contains(&seconds), "{seconds}");

    drop(server.stdin.take());
    assert!(server.wait().unwrap().success());
    let mut last = String::new();
    lines.read_to_string(&mut last).unwrap();
    assert_eq!(last, "13 connections, 0 of them cut\n");
}
