//! Fetches the pages of a site, and those they link to: `cargo run -p async-dsl-examples --example crawler -- URL…`.
//!
//! It stays on the hosts of these URLs, and is polite: each host has a task that starts one page a tick, and permits bound how many
//! are fetched at once from all of them. What fails for a moment is tried again, with growing pauses (the crate `backon`). Ctrl-C
//! drops what is under way, and says how much was left.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::{flow, shutdown_token, time};
use async_dsl_examples::http::{Client, Method};
use backon::{ExponentialBuilder, Retryable};
use url::Url;

/// At most one page of a host begins in this time.
const PERIOD: Duration = Duration::from_millis(50);

/// So many pages are fetched at once, and so many in all.
const AT_ONCE: usize = 4;
const MOST: usize = 1000;

/// Why there is no page, and whether there may be one a moment later.
struct Failed {
    why: String,
    may_pass: bool,
}

/// Fetches a page once. Returns its links.
async fn fetch(client: &Client, url: &Url) -> Result<Vec<Url>, Failed> {
    let response = client.request(Method::Get, url.as_str()).await;
    let response = response.map_err(|error| Failed {
        why: error.to_string(),
        may_pass: true,
    })?;
    match response.head.status {
        200..300 => Ok(links(url, &String::from_utf8_lossy(&response.body))),
        status => Err(Failed {
            why: status.to_string(),
            may_pass: status >= 500,
        }),
    }
}

/// Returns what `href="…"` leads to in a page.
fn links(base: &Url, page: &str) -> Vec<Url> {
    let links = page.split("href=\"").skip(1);
    let links = links.filter_map(|rest| base.join(rest.split('"').next()?).ok());
    links
        .map(|mut link| {
            link.set_fragment(None);
            link
        })
        .collect()
}

/// The same host and port.
fn host(url: &Url) -> String {
    url.authority().to_owned()
}

#[async_dsl::main(graceful = 5s)]
async fn main() -> Result<(), Box<dyn Error>> {
    let urls = std::env::args().skip(1).map(|url| url.parse());
    let mut found = urls.collect::<Result<Vec<Url>, _>>()?;
    let token = shutdown_token();
    let (client, permits) = (Client::default(), flow::permits(AT_ONCE));
    let (done, pages) = chan::fixed(AT_ONCE).split();

    // A task for each host, with a queue that has room for all there can be.
    let mut queues: HashMap<String, Putter<Url>> = HashMap::new();
    for host in found.iter().map(host).collect::<HashSet<_>>() {
        let (queue, urls) = chan::fixed::<Url>(MOST).split();
        queues.insert(host.clone(), queue);
        // With a token, a task is dropped at its next parking point when that is cancelled.
        go!(
            name = host,
            token = token,
            |token, client, permits, done| {
                let ticks = flow::ticker(PERIOD);
                while let Some(url) = take!(urls) {
                    take!(ticks);
                    let permit = take!(permits);
                    go!(token = token, |client, done| {
                        let fetched = (|| fetch(&client, &url))
                            .retry(ExponentialBuilder::default().with_min_delay(PERIOD))
                            .sleep(time::sleep)
                            .when(|failed| failed.may_pass)
                            .await;
                        drop(permit);
                        put!(done, (url, fetched)).ok();
                    });
                }
            }
        );
    }

    let (mut seen, mut pending) = (HashSet::new(), 0);
    let (mut fetched, mut failed) = (0, 0);
    loop {
        for url in found.drain(..) {
            if let Some(queue) = queues.get(&host(&url)) {
                if seen.len() < MOST && seen.insert(url.clone()) {
                    put!(queue, url).ok();
                    pending += 1;
                }
            }
        }
        if pending == 0 {
            break;
        }
        alt! {
            page = take!(pages) => match page {
                Some((url, Ok(links))) => {
                    println!("{url}: {} links", links.len());
                    (found, fetched, pending) = (links, fetched + 1, pending - 1);
                }
                Some((url, Err(Failed { why, .. }))) => {
                    println!("{url}: failed: {why}");
                    (failed, pending) = (failed + 1, pending - 1);
                }
                None => break,
            },
            () = await!(token.cancelled()) => break,
        }
    }
    println!("{fetched} pages, {failed} failed, {pending} not fetched");
    Ok(())
}
