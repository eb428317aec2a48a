//! Heads of responses: what is read, and what is refused.

use async_dsl_examples::http::{Head, Method};

use crate::memory::{LIMITS, Pieces, problem, read};

fn head(text: &str) -> Head {
    read(text.as_bytes(), Method::Head)
        .expect("this is a head")
        .0
}

#[test]
fn status_reason_and_headers_are_read_in_order() {
    let head = head("HTTP/1.1 404 Not Found\r\nB: 1\r\na:  x y \r\nB: 2\r\nempty:\r\n\r\n");
    assert_eq!(
        (head.version, head.status, &*head.reason),
        (1, 404, "Not Found")
    );
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let all = [("B", "1"), ("a", "x y"), ("B", "2"), ("empty", "")].map(pair);
    assert_eq!(head.headers, all);
    assert_eq!(head.values("b").collect::<Vec<_>>(), ["1", "2"]);
}

#[test]
fn a_reason_may_be_missing_and_lines_may_end_without_a_carriage_return() {
    assert_eq!(head("HTTP/1.1 200\r\n\r\n").reason, "");
    assert_eq!(head("HTTP/1.0 200 OK\nA: b\n\n").headers.len(), 1);
}

#[test]
fn a_value_that_is_not_utf_8_is_read_with_replacements() {
    let text = b"HTTP/1.1 200 OK\r\nA: \xff!\r\n\r\n";
    let (head, ..) = read(&text[..], Method::Head).expect("this is a head");
    assert_eq!(head.values("a").next(), Some("\u{fffd}!"));
}

#[test]
fn interim_responses_are_passed_over() {
    let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n\
                HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
    let head = head(text);
    assert_eq!((head.status, head.headers.len()), (200, 1));
}

#[test]
fn what_is_no_head_is_malformed() {
    for (text, what) in [
        ("SSH-2.0-OpenSSH_9.2\r\n", "not HTTP/1.x"),
        ("\r\nHTTP/1.1 200 OK\r\n\r\n", "not HTTP/1.x"),
        ("http/1.1 200 OK\r\n\r\n", "not HTTP/1.x"),
        ("HTTP/2.0 200 OK\r\n\r\n", "not HTTP/1.x"),
        ("HTTP/1.7 200 OK\r\n\r\n", "invalid HTTP version"),
        ("HTTP/1.1 2OO OK\r\n\r\n", "invalid response status"),
        ("HTTP/1.1 -20 OK\r\n\r\n", "invalid response status"),
        ("HTTP/1.1 099 OK\r\n\r\n", "status 099"),
        (
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "a switch of protocols nobody asked for",
        ),
        (
            "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
            "invalid header name",
        ),
        ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "invalid header name"),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "invalid header name"),
        ("HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", "invalid header value"),
    ] {
        assert_eq!(
            problem(text.as_bytes()),
            format!("broken response: {what}"),
            "{text:?}"
        );
    }
}

#[test]
fn a_broken_line_is_reported_without_waiting_for_the_rest() {
    // There is no end of the head here, and no end of the connection: the reader would wait for ever.
    use futures_lite::AsyncReadExt;
    let text = b"HTTP/1.1 200 OK\r\nno colon\r\n";
    let error = read(text.chain(Never), Method::Get).expect_err("this is broken");
    assert_eq!(error.to_string(), "broken response: invalid header name");
}

/// A connection on which nothing comes.
struct Never;

impl futures_lite::io::AsyncRead for Never {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        _: &mut [u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::task::Poll::Pending
    }
}

#[test]
fn more_headers_than_a_hundred_are_malformed() {
    let text = |n: usize| format!("HTTP/1.1 200 OK\r\n{}\r\n", "a:b\r\n".repeat(n));
    assert_eq!(head(&text(100)).headers.len(), 100);
    assert_eq!(
        problem(text(101).as_bytes()),
        "broken response: too many headers"
    );
}

#[test]
fn a_head_may_have_as_many_bytes_as_the_limit_says() {
    let text = |n: usize| {
        let start = "HTTP/1.1 204 OK\r\nA: ";
        format!("{start}{}\r\n\r\n", "b".repeat(n - start.len() - 4))
    };
    assert_eq!(head(&text(LIMITS.head)).status, 204);
    let too_large = "the head of the response is larger than 1000 bytes";
    assert_eq!(problem(text(LIMITS.head + 1).as_bytes()), too_large);
    // Also without any end of a line, and for interim responses together.
    assert_eq!(problem(&b"HTTP/1.1 200 OK".repeat(1000)), too_large);
    assert_eq!(
        problem(&b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)),
        too_large
    );
}

#[test]
fn a_connection_that_ends_in_the_head_was_closed_early() {
    let text = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
    for end in 0..text.len() {
        let error = read(Pieces::single_bytes(&text[..end]), Method::Head);
        let error = error.expect_err("the head is not whole").to_string();
        assert_eq!(
            error,
            "the connection was closed early, reading the head of the response"
        );
    }
}
