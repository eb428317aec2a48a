//! Redirects are followed, so many and not everywhere.

use crate::programs::{failure, http_get};
use crate::scripted::answering;

fn to(status: u16, location: &str) -> String {
    // A body that is never read, and longer than the limits.
    format!(
        "HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 99999999\r\n\r\n"
    )
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn relative_and_absolute_ones_are_followed() {
    let last = answering(vec![OK]);
    let server = answering(vec![
        to(301, "b/c?d"),
        to(302, "../e#f"),
        to(303, "/g"),
        to(307, "?h=i"),
        to(308, &last.url("/end")),
    ]);
    let said = http_get(&["--output=-", &server.url("/a/start")]);
    assert_eq!((said.code, &*said.out), (Some(0), "ok"));
    let passed = [
        (301, "/a/start"),
        (302, "/a/b/c?d"),
        (303, "/a/e#f"),
        (307, "/g"),
        (308, "/g?h=i"),
    ];
    let passed = passed.map(|(status, path)| format!("http_get: {status} at {}", server.url(path)));
    assert_eq!(said.err.lines().collect::<Vec<_>>(), passed);
    let paths = server.played().into_iter().chain(last.played());
    let paths = paths.map(|request| request.split(' ').nth(1).unwrap_or_default().to_owned());
    let expected = ["/a/start", "/a/b/c?d", "/a/e", "/g", "/g?h=i", "/end"];
    assert_eq!(paths.collect::<Vec<_>>(), expected);
}

#[test]
fn a_loop_ends_after_as_many_as_the_option_says() {
    for (option, count) in [("--max-redirects=5", 5), ("--max-redirects=0", 0)] {
        let server = answering(vec![to(302, "/again"); count + 1]);
        let said = failure(&[option, &server.url("/again")]);
        let what = format!(
            "redirect to {} not followed: it comes after {count} others",
            server.url("/again")
        );
        assert_eq!(said, (Some(5), what));
        assert_eq!(server.played().len(), count + 1);
    }
}

#[test]
fn one_that_leads_to_no_page_is_an_error() {
    let cases = [
        (
            "ftp://localhost/",
            "the scheme ftp is neither http nor https",
        ),
        (
            "file:///etc/passwd",
            "the scheme file is neither http nor https",
        ),
        (
            "http://a:b@localhost/",
            "user names and passwords in URLs are not supported",
        ),
        ("http://[", "invalid IPv6 address"),
    ];
    let server = answering(
        cases
            .iter()
            .map(|(location, _)| to(302, location))
            .collect(),
    );
    for (location, why) in cases {
        let what = format!("redirect to {location} not followed: {why}");
        assert_eq!(failure(&[&server.url("/")]), (Some(5), what));
    }
}

#[test]
fn without_a_location_it_is_a_response() {
    let server = answering(vec![
        "HTTP/1.1 302 Found\r\n\r\nnowhere",
        "HTTP/1.1 304 Not Modified\r\nLocation: /\r\n\r\n",
    ]);
    assert_eq!(http_get(&["--output=-", &server.url("/")]).out, "nowhere");
    assert_eq!(http_get(&["--output=-", &server.url("/")]).code, Some(0));
}
