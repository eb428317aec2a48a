//! `http_server` answers real clients.

use std::io::{Read, Write};

use crate::programs::Said;
use crate::running::Server;
use crate::tools::{missing, run};

/// Runs `curl`, which fails rather than hang.
fn curl(args: &[&str]) -> Said {
    let said = run("curl", &[&["-sS", "--max-time", "60"], args].concat(), b"");
    assert_eq!(said.code, Some(0), "{}", said.err);
    said
}

/// The status and the body that curl sees.
fn status_and_body(args: &[&str]) -> (String, String) {
    let said = curl(&[&["-w", "\n%{http_code}"], args].concat());
    let (body, status) = said.out.rsplit_once('\n').expect("curl prints the status");
    (status.to_owned(), body.to_owned())
}

/// What comes back from these bytes until the server closes.
fn nc(server: &Server, bytes: &str) -> String {
    let (host, port) = server.address.split_once(':').expect("this is an address");
    run("nc", &["-w", "30", host, port], bytes.as_bytes()).out
}

/// The same, and this side closes its half at once.
fn nc_half_closed(server: &Server, bytes: &str) -> String {
    let (host, port) = server.address.split_once(':').expect("this is an address");
    run("nc", &["-N", "-w", "30", host, port], bytes.as_bytes()).out
}

#[test]
fn curl_gets_a_page_and_its_head() {
    if missing("curl") {
        return;
    }
    let server = Server::start(&[]);
    let page = curl(&["-i", &server.url("/")]).out;
    let (head, body) = page.split_once("\r\n\r\n").expect("there is a head");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(
        head.contains("content-type: text/plain; charset=utf-8"),
        "{head}"
    );
    assert!(
        head.contains(&format!("content-length: {}", body.len())),
        "{head}"
    );
    assert!(body.contains("/echo"), "{body}");

    let undated = |head: &str| {
        head.trim_end()
            .lines()
            .filter(|line| !line.starts_with("date: "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let alone = curl(&["--head", &server.url("/")]).out;
    assert_eq!(undated(&alone), undated(head));
}

#[test]
fn curl_posts_a_body_and_gets_it_back() {
    if missing("curl") {
        return;
    }
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().expect("there is room");
    let (sent, got) = (folder.path().join("sent"), folder.path().join("got"));
    let body: Vec<u8> = (0..1_u32 << 18).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&sent, &body).expect("there is room");
    let data = format!("@{}", sent.display());
    // By length; in chunks; and not before the server says that it wants it.
    for header in ["A: b", "Transfer-Encoding: chunked", "Expect: 100-continue"] {
        let got = got.to_str().expect("it is text");
        let kind = "Content-Type: application/x-test";
        let url = server.url("/echo");
        let said = curl(&[
            "-w",
            "%{content_type}",
            "-H",
            kind,
            "-H",
            header,
            "--data-binary",
            &data,
            "-o",
            got,
            &url,
        ]);
        assert_eq!(said.out, "application/x-test");
        assert!(
            std::fs::read(got).expect("it was written") == body,
            "{header}"
        );
    }
}

#[test]
fn what_cannot_be_answered_is_refused_with_the_right_status() {
    if missing("curl") {
        return;
    }
    let server = Server::start(&[]);
    let large = tempfile::NamedTempFile::new().expect("there is room");
    large
        .as_file()
        .set_len((1 << 20) + 1)
        .expect("there is room");
    let large = format!("@{}", large.path().display());
    for (args, status) in [
        (&["/no/such/page"][..], "404"),
        (&["/echo"], "405"),
        (&["/", "-d", "x"], "405"),
        (&["/sleep"], "400"),
        (&["/sleep?ms=soon"], "400"),
        (&["/sleep?ms=60001"], "400"),
        (&["/echo", "--data-binary", &large], "413"),
        (
            &[
                "/echo",
                "--data-binary",
                &large,
                "-H",
                "Transfer-Encoding: chunked",
            ],
            "413",
        ),
    ] {
        let url = server.url(args[0]);
        let said = status_and_body(&[&args[1..], &[&*url]].concat());
        assert_eq!(said.0, status, "{args:?}: {}", said.1);
    }
    let allowed = curl(&["-i", &server.url("/echo")]).out;
    assert!(allowed.contains("allow: POST\r\n"), "{allowed}");
}

#[test]
fn a_connection_is_used_again() {
    if missing("curl") {
        return;
    }
    let server = Server::start(&[]);
    let url = server.url("/count");
    let said = curl(&["-w", "%{num_connects} new\n", &url, &url, &url]);
    assert_eq!(said.out, "1\n1 new\n2\n0 new\n3\n0 new\n");
}

#[test]
fn requests_sent_at_once_are_answered_in_order() {
    if missing("nc") {
        return;
    }
    let server = Server::start(&[]);
    let said = nc(
        &server,
        "GET /sleep?ms=30 HTTP/1.1\r\nHost: a\r\n\r\n\
         POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nsecond\n\
         GET /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    let answers: Vec<_> = said.split("HTTP/1.1 200 OK\r\n").skip(1).collect();
    let ends = ["slept 30 ms\n", "second\n", "\r\n\r\n1\n"];
    assert_eq!(answers.len(), ends.len(), "{said}");
    for (answer, end) in answers.iter().zip(ends) {
        assert!(answer.ends_with(end), "{answer}");
    }
}

#[test]
fn half_a_connection_is_enough_for_an_answer() {
    if missing("nc") {
        return;
    }
    let server = Server::start(&[]);
    let said = nc_half_closed(&server, "GET /sleep?ms=50 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(said.ends_with("slept 50 ms\n"), "{said}");
}

#[test]
fn what_is_no_request_is_a_bad_one_and_ends_the_connection() {
    if missing("nc") {
        return;
    }
    let server = Server::start(&[]);
    for bytes in [
        "hello\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nab",
        "\0\x01\x02\r\n\r\n",
    ] {
        let said = nc(&server, bytes);
        assert!(
            said.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{bytes:?}: {said}"
        );
    }
    let endless = format!("GET / HTTP/1.1\r\nA: {}", "x".repeat(40_000));
    assert!(nc(&server, &endless).starts_with("HTTP/1.1 431 "));
    // The server is well.
    assert!(nc(&server, "GET /count HTTP/1.0\r\n\r\n").ends_with("\r\n\r\n1\n"));
}

#[test]
fn a_head_that_does_not_come_in_time_ends_the_connection() {
    let server = Server::start(&["--head-timeout", "0.2"]);
    for start in [
        "",
        "GET / HTTP/1.1\r\nHost:",
        "GET /count HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let mut conn = server.connect();
        conn.write_all(start.as_bytes()).expect("it is open");
        let mut said = String::new();
        conn.read_to_string(&mut said)
            .expect("it is closed in time");
        assert_eq!(
            said.starts_with("HTTP/1.1 200 OK"),
            start.contains("count"),
            "{said}"
        );
    }
}

#[test]
fn a_client_that_leaves_at_any_byte_leaves_nothing_behind() {
    let server = Server::start(&[]);
    let before = server.descriptors();
    let requests = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /sleep?ms=1 HTTP/1.1\r\n\r\n";
    for end in 0..=requests.len() {
        let mut conn = server.connect();
        conn.write_all(&requests[..end]).expect("it is open");
    }
    server.settles_at(before);
}

#[test]
fn an_interrupt_lets_a_request_be_answered_and_then_ends_the_server() {
    let server = Server::start(&[]);
    // One connection is idle between two requests, one waits for its answer.
    let (mut idle, mut busy) = (server.connect(), server.connect());
    idle.write_all(b"GET /count HTTP/1.1\r\nHost: a\r\n\r\n")
        .expect("it is open");
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).expect("there is an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");
    // The answer to the first request says that the second is being answered: it was sent along.
    busy.write_all(
        b"GET /count HTTP/1.1\r\nHost: a\r\n\r\nGET /sleep?ms=500 HTTP/1.1\r\nHost: a\r\n\r\n",
    )
    .expect("it is open");
    busy.read_exact(&mut answer).expect("there is an answer");

    server.interrupt();
    let (mut rest, mut last) = (String::new(), String::new());
    idle.read_to_string(&mut rest).expect("the server closes");
    busy.read_to_string(&mut last).expect("the server closes");
    assert!(last.ends_with("slept 500 ms\n"), "{last}");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn what_is_not_answered_in_the_time_after_an_interrupt_is_cut() {
    let server = Server::start(&["--grace", "0.2"]);
    let mut busy = server.connect();
    busy.write_all(
        b"GET /count HTTP/1.1\r\nHost: a\r\n\r\nGET /sleep?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n",
    )
    .expect("it is open");
    busy.read_exact(&mut [0; 12]).expect("there is an answer");
    server.interrupt();
    let mut rest = String::new();
    busy.read_to_string(&mut rest).ok();
    assert!(!rest.contains("slept"), "{rest}");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn a_second_interrupt_does_not_wait() {
    let server = Server::start(&[]);
    let mut busy = server.connect();
    busy.write_all(
        b"GET /count HTTP/1.1\r\nHost: a\r\n\r\nGET /sleep?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n",
    )
    .expect("it is open");
    busy.read_exact(&mut [0; 12]).expect("there is an answer");
    server.interrupt();
    let mut idle = String::new();
    // It has stopped listening once the first was heard.
    while let Ok(mut conn) = std::net::TcpStream::connect(&server.address) {
        conn.read_to_string(&mut idle).ok();
    }
    server.interrupt();
    assert_eq!(server.ended().code(), Some(130));
}

#[test]
fn an_address_in_use_is_an_error() {
    let server = Server::start(&[]);
    let output = crate::programs::example("http_server")
        .args(["--listen", &server.address])
        .output();
    let said = Said::from(output.expect("the example is built"));
    assert_eq!((said.code, &*said.out), (Some(1), ""));
    assert!(
        said.err
            .starts_with(&format!("http_server: {}: ", server.address)),
        "{}",
        said.err
    );
}
