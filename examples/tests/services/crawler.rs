//! `crawler`, with a site on this machine.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use async_dsl_tests::part::Part;
use async_dsl_tests::programs::example;
use rustix::process::Signal;

/// What a site has seen: how often each page was asked for, and how many at once.
#[derive(Default)]
struct Seen {
    pages: HashMap<String, u32>,
    now: usize,
    most: usize,
}

/// Answers with a status and a body; the page, and how often it was asked for.
type Page = fn(&str, u32) -> (u16, String);

fn answer(mut conn: TcpStream, page: Page, seen: &Mutex<Seen>) -> Option<()> {
    let mut lines = BufReader::new(conn.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?;
    while !lines.next()?.ok()?.is_empty() {}
    let times = {
        let mut seen = seen.lock().unwrap();
        seen.now += 1;
        seen.most = seen.most.max(seen.now);
        let times = seen.pages.entry(path.to_owned()).or_default();
        *times += 1;
        *times
    };
    // Long enough for others to begin meanwhile.
    thread::sleep(Duration::from_millis(300));
    let (status, body) = page(path, times);
    seen.lock().unwrap().now -= 1;
    let length = body.len();
    write!(
        conn,
        "HTTP/1.1 {status} -\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .ok()
}

/// Starts a site; returns its address.
fn site(page: Page) -> (String, Arc<Mutex<Seen>>) {
    let seen = Arc::<Mutex<Seen>>::default();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let counted = Arc::clone(&seen);
    thread::spawn(move || {
        for conn in listener.incoming().flatten() {
            let seen = Arc::clone(&counted);
            thread::spawn(move || answer(conn, page, &seen));
        }
    });
    (format!("http://{address}/"), seen)
}

fn links(to: impl IntoIterator<Item = String>) -> String {
    to.into_iter().fold(String::new(), |mut page, link| {
        write!(page, "<a href=\"{link}\">").unwrap();
        page
    })
}

#[test]
fn each_page_is_fetched_politely_and_what_fails_for_a_moment_again() {
    let (address, seen) = site(|page, times| match (page, times) {
        ("/", _) => {
            let others = [
                "flaky",
                "missing",
                "/page1#part",
                "mailto:me",
                "http://127.0.0.2:1/",
            ];
            let pages = (1..=9).map(|n| format!("page{n}"));
            (200, links(pages.chain(others.map(String::from))))
        }
        ("/flaky", 1 | 2) => (503, String::new()),
        ("/missing", _) => (404, String::new()),
        _ => (200, links(["/".to_owned()])),
    });
    let start = Instant::now();
    let mut crawler = Part::spawn(example("crawler").arg(&address));
    let said = crawler.said.until("pages, ");
    assert!(crawler.ends().success());
    // Twelve pages, one a tick of 50 ms.
    assert!(start.elapsed() >= Duration::from_millis(12 * 50));
    for line in [
        format!("{address}: 14 links\n"),
        format!("{address}flaky: 1 links\n"),
        format!("{address}missing: failed: 404\n"),
        "11 pages, 1 failed, 0 not fetched\n".to_owned(),
    ] {
        assert!(said.contains(&line), "{line} is missing:\n{said}");
    }
    let seen = seen.lock().unwrap();
    for (page, times) in &seen.pages {
        assert_eq!(*times, if page == "/flaky" { 3 } else { 1 }, "{page}");
    }
    assert!((2..=4).contains(&seen.most), "{} at once", seen.most);
}

#[test]
fn ctrl_c_ends_it_and_says_what_is_left() {
    let (address, _) = site(|page, _| {
        let page = page.trim_matches('/');
        (200, links([format!("/{page}a"), format!("/{page}b")]))
    });
    let mut crawler = Part::spawn(example("crawler").arg(&address));
    crawler.said.until("b: 2 links");
    crawler.signal(Signal::INT);
    let last = crawler.said.until(" pages, ");
    assert!(!last.contains(", 0 not fetched"), "{last}");
    assert!(crawler.ends().success());
}
