//! URLs: where a request goes, and that nothing else gets into it.

use async_dsl_examples::http::{Error, Target};
use proptest::prelude::*;

fn target(url: &str) -> Target {
    Target::parse(url).expect("this is a URL")
}

#[test]
fn a_url_gives_host_port_authority_and_path() {
    for (url, host, port, authority, path) in [
        ("http://a.test/", "a.test", 80, "a.test", "/"),
        ("https://a.test", "a.test", 443, "a.test", "/"),
        (
            "HTTP://A.Test:80/b/../c?d=e#f",
            "a.test",
            80,
            "a.test",
            "/c?d=e",
        ),
        ("a.test:8080/x y", "a.test", 8080, "a.test:8080", "/x%20y"),
        ("localhost", "localhost", 80, "localhost", "/"),
        ("https://[::1]:8443/", "::1", 8443, "[::1]:8443", "/"),
        ("http://127.1/", "127.0.0.1", 80, "127.0.0.1", "/"),
        (
            "http://bücher.test/ü",
            "xn--bcher-kva.test",
            80,
            "xn--bcher-kva.test",
            "/%C3%BC",
        ),
    ] {
        let target = target(url);
        assert_eq!((&*target.host(), target.port()), (host, port), "{url}");
        assert_eq!(
            (target.authority(), target.path_and_query()),
            (authority, path),
            "{url}"
        );
        assert_eq!(target.is_https(), url.starts_with("https"), "{url}");
    }
}

#[test]
fn a_location_is_taken_from_where_it_is_said() {
    let from = target("https://a.test/b/c?d");
    for (location, to) in [
        ("", "https://a.test/b/c?d"),
        ("e", "https://a.test/b/e"),
        ("../../e", "https://a.test/e"),
        ("?e", "https://a.test/b/c?e"),
        ("//e.test/f", "https://e.test/f"),
        ("https://e.test:8443", "https://e.test:8443/"),
    ] {
        let followed = from.follow(location).expect("it leads somewhere");
        assert_eq!(followed.to_string(), to, "{location}");
    }
    let plain = from.follow("http://a.test/");
    assert!(matches!(plain, Err(Error::Redirect(..))));
    let secure = target("http://a.test/").follow("https://a.test/");
    assert!(secure.is_ok_and(|target| target.is_https()));
}

/// Text that is nearly a URL.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "http://", "https://", "//", "/", "a.test", "[::1]", ":80", "@", "?", "#", "..", " ", "\r\n", "\t", "%0d%0a", "\0", "ü",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_url_and_no_location_gets_a_line_of_its_own_into_a_request(url in text(), location in text()) {
        let from = Target::parse(&url).unwrap_or_else(|_| target("http://a.test/"));
        let to = from.follow(&location);
        for target in to.iter().chain([&from]) {
            prop_assert!(!target.host().is_empty());
            prop_assert!(target.path_and_query().starts_with('/'));
            for part in [target.authority(), target.path_and_query()] {
                prop_assert!(part.bytes().all(|byte| byte.is_ascii_graphic()), "{part:?}");
            }
        }
        for error in [to.err(), Target::parse(&url).err()].into_iter().flatten() {
            prop_assert!(!error.to_string().contains(['\n', '\r', '\0']), "{error:?}");
        }
    }
}
