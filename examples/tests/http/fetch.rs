//! `fetch_all`: n times the delay one after another, once all together. // S43

use std::net::TcpStream;
use std::process::Command;

use crate::programs::{Said, example};
use crate::scripted::{Scripted, request, sent};

fn fetch_all(args: &[&str]) -> Said {
    let mut command: Command = example("fetch_all");
    let output = command.args(args).output();
    output.expect("the example is built").into()
}

/// The time after this many requests.
fn milliseconds(said: &Said, requests: usize) -> u64 {
    let start = format!("{requests} requests took ");
    let line = said.out.lines().find_map(|line| line.strip_prefix(&start));
    let time = line.and_then(|line| line.strip_suffix(" ms"));
    let time = time.and_then(|time| time.parse().ok());
    time.unwrap_or_else(|| panic!("no time in {said:?}"))
}

#[test]
fn three_in_turn_take_three_delays_and_ten_at_once_take_about_one() {
    let said = fetch_all(&["--delay", "1000"]);
    assert_eq!((said.code, &*said.err), (Some(0), ""));
    assert_eq!(said.out.matches("  200, 6 bytes\n").count(), 13);
    assert!(milliseconds(&said, 3) >= 3000, "{}", said.out);
    // A busy machine may take its time, but not that of five one after another.
    let at_once = milliseconds(&said, 10);
    assert!((1000..5000).contains(&at_once), "{}", said.out);
}

#[test]
fn all_at_once_means_that_nobody_waits_for_another() {
    const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\n\r\nhello";
    let mut together = Vec::<TcpStream>::new();
    let server = Scripted::new(6, move |number, mut conn| {
        request(&mut conn);
        if number < 3 {
            sent(&mut conn, RESPONSE);
            return;
        }
        together.push(conn);
        // Nobody gets an answer before all have asked.
        if together.len() == 3 {
            for mut conn in together.drain(..) {
                sent(&mut conn, RESPONSE);
            }
        }
    });
    let said = fetch_all(&[&server.url("/1"), &server.url("/2"), &server.url("/3")]);
    assert_eq!(said.out.matches("  200, 5 bytes\n").count(), 6, "{said:?}");
    server.played();
}

#[test]
fn what_fails_is_said_and_the_others_are_fetched() {
    let server = Scripted::new(2, |_, mut conn| {
        request(&mut conn);
        sent(&mut conn, b"HTTP/1.1 200 OK\r\n\r\nhello");
    });
    let said = fetch_all(&["gopher://a/", &server.url("/")]);
    assert_eq!(said.code, Some(1));
    assert_eq!(said.out.matches("  200, 5 bytes\n").count(), 2, "{said:?}");
    assert_eq!(
        said.err.matches("the scheme gopher is neither").count(),
        2,
        "{said:?}"
    );
}
