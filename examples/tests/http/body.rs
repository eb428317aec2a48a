//! Bodies: by length, in chunks, until the connection is closed. // S44

use async_dsl_examples::http::Method;

use crate::memory::{Pieces, Whole, problem, read};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

fn get(text: &str) -> Whole {
    let bytes = Pieces::single_bytes(text.as_bytes());
    read(bytes, Method::Get).expect("this is a response")
}

fn text(response: &Whole) -> &str {
    std::str::from_utf8(&response.1).expect("the body is text")
}

#[test]
fn a_length_ends_the_body_whatever_comes_after_it() {
    let response = get("HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\n\r\nhello and more");
    assert_eq!(text(&response), "hello");
}

#[test]
fn without_length_and_chunks_the_connection_ends_the_body() {
    assert_eq!(
        text(&get("HTTP/1.0 200 OK\r\n\r\nto the end")),
        "to the end"
    );
    assert_eq!(text(&get("HTTP/1.1 200 OK\r\n\r\n")), "");
}

#[test]
fn chunks_are_joined_and_trailers_kept() {
    let body =
        "5;name=\"value\"\r\nhello\r\n1 \r\n \r\nA\r\n0123456789\r\n000\r\nSum: 16\r\nB:\r\n\r\n";
    let response = get(&format!("{CHUNKED}{body}the next response"));
    assert_eq!(text(&response), "hello 0123456789");
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    assert_eq!(response.2, [("Sum", "16"), ("B", "")].map(pair));
}

#[test]
fn chunks_cut_in_two_anywhere_give_the_same_body() {
    let bytes = format!("{CHUNKED}3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\n");
    for at in 0..=bytes.len() {
        let response = read(Pieces::cut(bytes.as_bytes(), vec![at]), Method::Get);
        let response = response.expect("this is a response");
        assert_eq!(text(&response), "abc0123456789abcdef", "cut at {at}");
        assert_eq!(response.2.len(), 1);
    }
}

#[test]
fn some_responses_have_no_body_whatever_their_headers_say() {
    let announced = "Content-Length: 5\r\n\r\nhello";
    for status in ["204 No Content", "304 Not Modified"] {
        assert_eq!(text(&get(&format!("HTTP/1.1 {status}\r\n{announced}"))), "");
    }
    let response = format!("HTTP/1.1 200 OK\r\n{announced}");
    let response = read(response.as_bytes(), Method::Head).expect("this is a response");
    assert_eq!(text(&response), "");
}

#[test]
fn a_framing_that_is_not_sure_is_malformed() {
    for (headers, what) in [
        (
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "both content-length and transfer-encoding",
        ),
        (
            "Content-Length: 5\r\nContent-Length: 6",
            "more than one content-length",
        ),
        (
            "Content-Length: 5\r\nContent-Length: 5",
            "more than one content-length",
        ),
        ("Content-Length: 5, 5", "content-length \"5, 5\""),
        ("Content-Length: +5", "content-length \"+5\""),
        ("Content-Length: -5", "content-length \"-5\""),
        ("Content-Length: 0x5", "content-length \"0x5\""),
        ("Content-Length:", "content-length \"\""),
        (
            "Content-Length: 18446744073709551616",
            "content-length \"18446744073709551616\"",
        ),
        ("Transfer-Encoding: gzip", "transfer-encoding \"gzip\""),
        (
            "Transfer-Encoding: gzip, chunked",
            "transfer-encoding \"gzip, chunked\"",
        ),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "transfer-encoding \"chunked\"",
        ),
        (
            "Transfer-Encoding: identity",
            "transfer-encoding \"identity\"",
        ),
    ] {
        let response = format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\nhello");
        assert_eq!(
            problem(response.as_bytes()),
            format!("broken response: {what}"),
            "{headers:?}"
        );
    }
    let old = CHUNKED.replace("1.1", "1.0");
    assert_eq!(
        problem(old.as_bytes()),
        "broken response: chunks in HTTP/1.0"
    );
}

#[test]
fn chunks_that_contradict_themselves_are_malformed() {
    for (body, what) in [
        ("\r\nhello", "size of a chunk \"\""),
        ("x\r\nhello", "size of a chunk \"x\""),
        ("-1\r\nhello", "size of a chunk \"-1\""),
        ("0x5\r\nhello", "size of a chunk \"0x5\""),
        (" 5\r\nhello", "size of a chunk \" 5\""),
        ("5\nhello", "size of a chunk \"5\""),
        (
            "10000000000000000\r\n",
            "size of a chunk \"10000000000000000\"",
        ),
        ("4\r\nhello\r\n0\r\n\r\n", "a chunk is longer than it says"),
        ("0\r\nno colon\r\n\r\n", "trailers: invalid header name"),
    ] {
        let response = format!("{CHUNKED}{body}");
        assert_eq!(
            problem(response.as_bytes()),
            format!("broken response: {what}"),
            "{body:?}"
        );
    }
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let too_large = "the body is larger than 100 bytes";
    let body = "x".repeat(101);
    for response in [
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n\r\n{body}"),
        format!("{CHUNKED}65\r\n"),
        format!("{CHUNKED}ffffffffffffffff\r\n"),
        format!("{CHUNKED}1\r\nx\r\n64\r\n"),
    ] {
        assert_eq!(problem(response.as_bytes()), too_large, "{response:?}");
    }
    let body = &body[1..];
    assert_eq!(
        text(&get(&format!("{CHUNKED}64\r\n{body}\r\n0\r\n\r\n"))),
        body
    );
    assert_eq!(
        text(&get(&format!(
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{body}"
        ))),
        body
    );
    assert_eq!(text(&get(&format!("HTTP/1.1 200 OK\r\n\r\n{body}"))), body);
}

#[test]
fn what_surrounds_the_chunks_has_limits_too() {
    let extension = format!("{CHUNKED}1;{}\r\n", "x".repeat(1000));
    assert_eq!(
        problem(extension.as_bytes()),
        "the line of a chunk is larger than 256 bytes"
    );
    let trailers = format!("{CHUNKED}0\r\n{}", "a: b\r\n".repeat(1000));
    assert_eq!(
        problem(trailers.as_bytes()),
        "the trailer is larger than 1000 bytes"
    );
}

#[test]
fn a_connection_that_ends_in_the_body_was_closed_early() {
    let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_owned(),
        format!("{CHUNKED}5\r\nhello\r\n0\r\nA: b\r\n\r\n"),
    ];
    for response in &responses {
        let body = response.find("\r\n\r\n").expect("there is a body") + 4;
        for end in body..response.len() {
            assert_eq!(
                problem(&response.as_bytes()[..end]),
                "the connection was closed early, reading the body"
            );
        }
    }
}
