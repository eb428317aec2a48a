//! `http_server` under load generators: every answer is right, none is missing, nothing is left behind.

use crate::running::Server;
use crate::tools::{missing, run};

/// The number after a label of a report.
fn number(report: &str, label: &str) -> u64 {
    let line = report
        .lines()
        .find_map(|line| line.trim().strip_prefix(label));
    let line = line.unwrap_or_else(|| panic!("no {label:?} in {report}"));
    let word = line.split_whitespace().next().unwrap_or_default();
    word.parse()
        .unwrap_or_else(|_| panic!("no number after {label:?} in {report}"))
}

#[test]
fn ab_is_answered_on_kept_and_on_new_connections() {
    if missing("ab") {
        return;
    }
    let server = Server::start(&[]);
    let before = server.descriptors();
    let url = server.url("/count");
    for args in [&["-k"][..], &[]] {
        let args = [
            args,
            &["-q", "-l", "-n", "3000", "-c", "50", "-s", "60", &url],
        ]
        .concat();
        let said = run("ab", &args, b"");
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert_eq!(number(&said.out, "Complete requests:"), 3000);
        assert_eq!(number(&said.out, "Failed requests:"), 0);
        assert!(!said.out.contains("Non-2xx"), "{}", said.out);
    }
    // Counted once each: no request was answered twice or lost.
    let mut answer = String::new();
    let mut conn = server.connect();
    std::io::Write::write_all(&mut conn, b"GET /count HTTP/1.0\r\n\r\n").expect("it is open");
    std::io::Read::read_to_string(&mut conn, &mut answer).expect("there is an answer");
    assert!(answer.ends_with("\r\n\r\n6001\n"), "{answer}");
    drop(conn);
    server.settles_at(before);
}

#[test]
fn wrk_sees_no_error() {
    if missing("wrk") {
        return;
    }
    let server = Server::start(&[]);
    let before = server.descriptors();
    let said = run(
        "wrk",
        &["-t2", "-c64", "-d2s", "--timeout", "60s", &server.url("/")],
        b"",
    );
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(!said.out.contains("Non-2xx"), "{}", said.out);
    assert!(!said.out.contains("Socket errors"), "{}", said.out);
    assert!(said.out.contains("requests in"), "{}", said.out);
    server.settles_at(before);
}
