//! Under every schedule each value put is taken once, or still there, handed back or counted as discarded, whoever is
//! cancelled meanwhile.

use std::sync::{Arc, Mutex};

use async_dsl::prelude::*;
use async_dsl::sim::{self, Config};

type Record = Arc<Mutex<Vec<u32>>>;

/// Puts four values, each in another way, and says which of them are in the channel.
fn producer([c, other]: [Chan<u32>; 2], first: u32, sent: Record) -> Task<()> {
    go!({
        let says = |value| sent.lock().unwrap().push(value);
        if put!(c, first).is_ok() {
            says(first);
        }
        if put!(c, first + 1, 2ms).is_ok() {
            says(first + 1);
        }
        alt! {
            done = put!(c, first + 2) => if done.is_ok() { says(first + 2) },
            done = put!(other, first + 2) => if done.is_ok() { says(first + 2) },
            sleep!(3ms) => {}
        }
        yield_now!();
        if put!(other, first + 3).is_ok() {
            says(first + 3);
        }
    })
}

/// Takes in all ways, and says what it got.
fn consumer([c, other]: [Chan<u32>; 2], got: Record) -> Task<()> {
    go!({
        let says = |value: Option<u32>| got.lock().unwrap().extend(value.filter(|n| *n < 100));
        says(take!(c));
        says(take!(other, 2ms, 100));
        for _ in 0..4 {
            alt! {
                value = take!(c) => says(value),
                value = take!(other) => says(value),
                sleep!(1ms) => {}
            }
        }
    })
}

async fn conserved(make: fn() -> Chan<u32>) {
    async_block!({
        let (c, other) = (make(), make());
        let (sent, got) = (Record::default(), Record::default());
        let producers =
            [0, 10, 20].map(|first| producer([c.clone(), other.clone()], first, sent.clone()));
        let consumers = [(); 3].map(|()| consumer([c.clone(), other.clone()], got.clone()));
        let canceller = consumers[0].canceller();
        let producer = producers[0].canceller();
        // At any moment, even between a hand-over and the turn of who got it.
        go!({ canceller.cancel() });
        go!({ producer.cancel() });
        sleep!(1s); // until only those wait that nobody serves
        c.close();
        other.close();
        for task in producers.into_iter().chain(consumers) {
            task.outcome().await.ok();
        }
        let mut found = got.lock().unwrap().clone();
        found.extend(std::iter::from_fn(|| c.try_take().ok()));
        found.extend(std::iter::from_fn(|| other.try_take().ok()));
        let mut sent = sent.lock().unwrap().clone();
        found.sort_unstable();
        sent.sort_unstable();
        // What the cancelled producer put last, it could not say.
        found.retain(|value| *value >= 10 || sent.contains(value));
        let discarded = c.discarded() + other.discarded();
        if discarded > 0 {
            assert_eq!(found.len() as u64 + discarded, sent.len() as u64);
            sent.retain(|value| found.contains(value));
        }
        assert_eq!(found, sent);
        assert_eq!((c.waiting(), other.waiting()), ((0, 0), (0, 0)));
    })
    .await;
}

// N4
#[test]
fn at_a_rendezvous() {
    sim::check(&Config::new().seeds(1000), || conserved(|| chan::fixed(0))).unwrap();
}

// N4
#[test]
fn through_a_place() {
    sim::check(&Config::new().seeds(1000), || conserved(|| chan::fixed(1))).unwrap();
}

// N4
#[test]
fn without_a_limit() {
    sim::check(&Config::new().seeds(1000), || conserved(chan)).unwrap();
}

// N4
#[test]
fn where_the_first_is_kept() {
    sim::check(&Config::new().seeds(1000), || {
        conserved(|| chan::dropping(1))
    })
    .unwrap();
}

// N4
#[test]
fn where_the_latest_is_kept() {
    sim::check(&Config::new().seeds(1000), || {
        conserved(|| chan::sliding(1))
    })
    .unwrap();
}
