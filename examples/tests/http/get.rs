//! `http_get` against servers that answer well, badly, slowly or not at all. // S44

use std::io::Read;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::programs::{failure, http_get};
use crate::scripted::{Scripted, answering, request, sent};

#[test]
fn it_prints_the_status_the_headers_and_the_body() {
    let server = answering(vec![
        "HTTP/1.1 404 Not Found\r\nServer: scripted\r\nContent-Length: 8\r\n\r\nno\nsuch\n",
    ]);
    let said = http_get(&[&server.url("/some where?a=b#top")]);
    assert_eq!(
        said.out,
        "HTTP/1.1 404 Not Found\nServer: scripted\nContent-Length: 8\n\nno\nsuch\n"
    );
    assert_eq!((said.code, &*said.err), (Some(0), ""));
    let host = format!("Host: 127.0.0.1:{}", server.port());
    assert_eq!(
        server.played().concat().lines().collect::<Vec<_>>(),
        [
            "GET /some%20where?a=b HTTP/1.1",
            &host,
            "User-Agent: async-dsl-examples",
            "Accept: */*",
            "Accept-Encoding: identity",
            "Connection: close",
            ""
        ]
    );
}

#[test]
fn a_body_is_whole_however_it_is_framed_and_split() {
    let body = "0123456789abcdef";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let server = answering(vec![
        format!("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\n\r\n{body}"),
        format!("{chunked}A;x=y\r\n0123456789\r\n6\r\nabcdef\r\n0\r\nSum: 16\r\n\r\n"),
        format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\n{body}"),
    ]);
    for _ in 0..4 {
        let said = http_get(&["--output", "-", &server.url("/")]);
        assert_eq!((said.code, &*said.out, &*said.err), (Some(0), body, ""));
    }
    server.played();
}

#[test]
fn trailers_are_printed_with_the_headers() {
    let server = answering(vec![
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nSum: 2\r\n\r\n",
    ]);
    let said = http_get(&[&server.url("/")]);
    assert_eq!(
        said.out,
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nSum: 2\n\nok\n"
    );
}

#[test]
fn the_head_alone_has_no_body() {
    // The connection stays open: nothing is waited for.
    let server = Scripted::new(1, |_, mut conn| {
        let request = request(&mut conn);
        sent(&mut conn, b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n");
        conn.read_to_end(&mut Vec::new()).ok();
        request
    });
    let said = http_get(&["--head", &server.url("/")]);
    assert_eq!(said.out, "HTTP/1.1 200 OK\nContent-Length: 16\n");
    assert!(server.played().concat().starts_with("HEAD / HTTP/1.1\r\n"));
}

#[test]
fn a_long_body_is_shown_in_part_and_kept_in_a_file() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("body");
    let body = "a line\n".repeat(20);
    let response = format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    let server = answering(vec![response.clone(), response]);

    let said = http_get(&[&server.url("/")]);
    assert_eq!(said.out.matches("a line\n").count(), 10);
    assert!(
        said.out
            .ends_with("[70 more bytes; -o FILE keeps them all]\n"),
        "{}",
        said.out
    );

    let said = http_get(&["-o", file.to_str().expect("it is text"), &server.url("/")]);
    assert_eq!(said.out, "HTTP/1.1 200 OK\n");
    assert_eq!(std::fs::read_to_string(file).expect("it was written"), body);
}

#[test]
fn what_would_command_the_terminal_is_printed_as_text() {
    let server = answering(vec![
        &b"HTTP/1.1 200 \x80\r\nA: \x1b[2J\r\n\r\n"[..], // an escape in a value is no header
        b"HTTP/1.1 200 OK\r\nA: \xc2\x9b2J\r\n\r\n\x1b[2J\x07\ttext",
        b"HTTP/1.1 200 OK\r\n\r\n\xff\x1b[2J",
    ]);
    assert_eq!(failure(&[&server.url("/")]).0, Some(5));
    assert_eq!(
        http_get(&[&server.url("/")]).out,
        "HTTP/1.1 200 OK\nA: \\u{9b}2J\n\n\\u{1b}[2J\\u{7}\ttext\n"
    );
    assert_eq!(
        http_get(&[&server.url("/")]).out,
        "HTTP/1.1 200 OK\n\n[5 bytes that are not text]\n"
    );
}

#[test]
fn a_broken_response_is_one_line_and_code_5() {
    let cases = [
        (
            "",
            "the connection was closed early, reading the head of the response",
        ),
        (
            "HTTP/1.1 200 OK\r\nA:",
            "the connection was closed early, reading the head of the response",
        ),
        ("220 smtp.test ESMTP\r\n", "broken response: not HTTP/1.x"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
            "the connection was closed early, reading the body",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
            "broken response: both content-length and transfer-encoding",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\nhello",
            "the body is larger than 16777216 bytes",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnumber\r\nhello",
            "broken response: size of a chunk \"number\"",
        ),
    ];
    let server = answering(cases.iter().map(|(response, _)| *response).collect());
    for (response, what) in cases {
        assert_eq!(
            failure(&[&server.url("/")]),
            (Some(5), what.to_owned()),
            "{response:?}"
        );
    }
    server.played();
}

#[test]
fn a_body_may_be_as_large_as_the_option_says() {
    let response = "HTTP/1.1 200 OK\r\n\r\nhello";
    let server = answering(vec![response, response]);
    let said = http_get(&["--max-body=5", "--output=-", &server.url("/")]);
    assert_eq!(said.out, "hello");
    assert_eq!(
        failure(&["--max-body=4", &server.url("/")]),
        (Some(5), "the body is larger than 4 bytes".to_owned())
    );
}

#[test]
fn an_endless_head_ends_at_the_limit() {
    let server = Scripted::new(2, |number, mut conn| {
        request(&mut conn);
        sent(&mut conn, b"HTTP/1.1 200 OK\r\nA: ");
        let more = [&[b'x'; 1000][..], b"HTTP/1.1 100 Continue\r\n\r\n"][number];
        if number == 1 {
            sent(&mut conn, b"b\r\n\r\n");
        }
        while sent(&mut conn, more) {}
    });
    assert_eq!(
        failure(&[&server.url("/")]),
        (
            Some(5),
            "the head of the response is larger than 65536 bytes".to_owned()
        )
    );
    // This one has a whole head, and a body without an end.
    assert_eq!(
        failure(&["--max-body=100000", &server.url("/")]),
        (Some(5), "the body is larger than 100000 bytes".to_owned())
    );
    server.played();
}

#[test]
fn the_time_limit_holds_for_a_server_that_says_nothing_or_a_byte_at_a_time() {
    let server = Scripted::new(3, |number, mut conn| {
        request(&mut conn);
        let start: [&[u8]; 3] = [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: "];
        sent(&mut conn, start[number]);
        if number == 0 {
            conn.read_to_end(&mut Vec::new()).ok();
        }
        // Each byte is progress, and still the time is over.
        while number > 0 && sent(&mut conn, b"x") {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    for doing in [
        "the head of the response",
        "the body",
        "the head of the response",
    ] {
        let start = Instant::now();
        assert_eq!(
            failure(&["--timeout=0.5", &server.url("/")]),
            (Some(4), format!("timed out after 500ms, reading {doing}"))
        );
        assert!(start.elapsed() >= Duration::from_millis(500));
    }
    server.played();
}

#[test]
fn without_a_server_there_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let (code, line) = failure(&[&address.to_string()]);
    assert_eq!(code, Some(3));
    assert!(
        line.starts_with(&format!("cannot connect to {address}: ")),
        "{line}"
    );
    assert!(line.to_lowercase().contains("connection refused"), "{line}");
}

#[test]
fn an_unknown_host_is_said_to_be_one() {
    // RFC 6761: no name under `invalid` exists.
    let (code, line) = failure(&["http://no-such-host.invalid/"]);
    assert_eq!(code, Some(3));
    assert!(
        line.starts_with("cannot resolve `no-such-host.invalid`: "),
        "{line}"
    );
}

#[test]
fn a_bad_url_is_code_2() {
    for (url, why) in [
        ("http://", "empty host"),
        ("", "empty host"),
        (
            "ftp://localhost/",
            "the scheme ftp is neither http nor https",
        ),
        (
            "http://a:b@localhost/",
            "user names and passwords in URLs are not supported",
        ),
        ("http://localhost:99999/", "invalid port number"),
        ("http://localhost:0/", "port 0 cannot be connected to"),
        ("http://[::1/", "invalid IPv6 address"),
        ("http://local host/", "invalid international domain name"),
    ] {
        assert_eq!(failure(&[url]), (Some(2), format!("{url}: {why}")));
    }
}

#[test]
fn a_wrong_command_line_is_code_2() {
    for (args, what) in [
        (&[][..], "a URL is missing"),
        (&["--colour", "localhost"], "invalid option '--colour'"),
        (
            &["localhost", "localhost"],
            "unexpected argument \"localhost\"",
        ),
        (
            &["--timeout=0", "localhost"],
            "cannot parse argument \"0\": a number of seconds up to a day is expected",
        ),
        (
            &["--timeout=inf", "localhost"],
            "cannot parse argument \"inf\": a number of seconds up to a day is expected",
        ),
        (
            &["--ca=/no/such/file", "localhost"],
            "--ca /no/such/file: No such file or directory (os error 2)",
        ),
        (
            &["--ca=/dev/null", "localhost"],
            "--ca /dev/null: no certificate in it",
        ),
    ] {
        let said = failure(args);
        assert_eq!(said, (Some(2), format!("{what}; --help lists the options")));
    }
    let help = http_get(&["--help"]);
    assert!(help.out.starts_with("usage: http_get "), "{}", help.out);
    assert_eq!(help.code, Some(0));
}
