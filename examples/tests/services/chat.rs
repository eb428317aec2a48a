//! The rooms of `chat`, with netcat.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use async_dsl_tests::part::Part;
use async_dsl_tests::programs::missing;
use rustix::process::Signal;

use super::server;

fn nc(port: &str) -> Command {
    let mut nc = Command::new("nc");
    nc.args(["127.0.0.1", port]);
    nc
}

/// A client with this name, in the lobby.
fn client(port: &str, name: &str) -> Part {
    let mut client = Part::spawn(&mut nc(port));
    client.said.until("your name?");
    client.tell(name);
    client.said.until(&format!("* {name} comes in"));
    client
}

#[test]
fn what_is_said_in_a_room_is_heard_there() {
    if missing("nc") {
        return;
    }
    let (mut server, port) = server("chat");
    let mut ann = client(&port, "ann");
    let mut bob = client(&port, "bob");
    ann.said.until("* bob comes in");
    bob.tell("hello");
    ann.said.until("bob: hello");
    bob.tell("/join garden");
    ann.said.until("* bob leaves");
    ann.tell("anybody here?");
    ann.said.until("ann: anybody here?");
    ann.tell("/name eve");
    ann.said.until("* ann is eve now");
    bob.tell("/who");
    let heard = bob.said.until("* 1 here");
    assert!(!heard.contains("anybody"), "{heard}");
    bob.tell("/quit");
    bob.tell_the_end(); // netcat waits for both ends
    assert!(bob.ends().success());

    server.signal(Signal::TERM);
    ann.said.until("* goodbye");
    server.said.until("the end: 0 cut off");
    assert!(server.ends().success());
}

/// Killed when the test ends.
struct Unread(Child);

impl Drop for Unread {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_client_that_never_reads_stalls_nobody_and_is_told_what_it_lost() {
    if missing("nc") {
        return;
    }
    let (_server, port) = server("chat");
    let listener = client(&port, "listener");
    let unread = nc(&port)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut unread = Unread(unread.unwrap());
    let stdin = unread.0.stdin.as_mut().unwrap();
    stdin.write_all(b"sleeper\n").unwrap();
    listener.said.until("* sleeper comes in");

    // More than fits into what the system keeps for a connection.
    let mut talker = client(&port, "talker");
    let long = "x".repeat(32 << 10);
    for _ in 0..700 {
        talker.tell(&long);
    }
    talker.tell("that is all");
    listener.said.until("talker: that is all");

    let stdout = unread.0.stdout.take().unwrap();
    let mut lines = BufReader::new(stdout).lines().map(Result::unwrap);
    let lost = lines.find(|line| line.starts_with("* you lost ")).unwrap();
    let lost = lost.split(' ').nth(3).unwrap().parse::<u32>().unwrap();
    assert!((1..=700).contains(&lost), "{lost}");
    assert!(lines.any(|line| line == "talker: that is all"));
}
