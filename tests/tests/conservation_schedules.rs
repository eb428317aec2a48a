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
        assert_eq!(
            [c.waiting(), other.waiting()],
            [chan::Waiting::default(); 2]
        );
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

/// The kinds of channel whose halves come and go.
const KINDS: [fn() -> Chan<u32>; 3] = [|| chan::fixed(0), || chan::fixed(1), chan];

// N16: takers that go, at their end, by a panic or cancelled, and putters that stay.
#[async_dsl::test(seeds = 500)]
async fn when_takers_go_putters_are_told_and_what_was_left_is_counted() {
    for make in KINDS {
        let (putter, taker) = make().split();
        let (sent, got) = (Record::default(), Record::default());
        let producers = [0, 10, 20].map(|first| {
            go!(|putter, sent| {
                for value in first..first + 3 {
                    match put!(putter, value) {
                        Ok(()) => sent.lock().unwrap().push(value),
                        Err(Closed(back)) => assert_eq!(back, value),
                    }
                }
            })
        });
        let consumers = [1, 2, 3].map(|most| {
            go!(|taker, got| {
                for _ in 0..most {
                    let value = take!(taker);
                    got.lock().unwrap().extend(value);
                }
                assert!(most != 2, "one panics");
            })
        });
        drop(taker);
        let cancelled = consumers[2].canceller();
        go!({ cancelled.cancel() });
        for consumer in consumers {
            consumer.outcome().await.ok();
        }
        await_all(producers).await;
        let (sent, got) = (sent.lock().unwrap(), got.lock().unwrap());
        assert_eq!(sent.len() as u64, got.len() as u64 + putter.discarded());
        assert!(got.iter().all(|value| sent.contains(value)));
        assert_eq!(
            (putter.len(), putter.waiting()),
            (0, chan::Waiting::default())
        );
    }
}

// N16: putters that go in all ways, and takers that stay.
#[async_dsl::test(seeds = 500)]
async fn when_putters_go_takers_get_what_was_put_and_then_the_end() {
    for make in KINDS {
        let (putter, taker) = make().split();
        let (sent, got) = (Record::default(), Record::default());
        let producers = [0, 10, 20].map(|first| {
            go!(|putter, sent| {
                for value in first..first + 3 {
                    put!(putter, value).unwrap();
                    sent.lock().unwrap().push(value);
                }
                assert!(first != 10, "one panics");
            })
        });
        let consumers = [(); 2].map(|()| {
            go!(|taker, got| {
                while let Some(value) = take!(taker) {
                    got.lock().unwrap().push(value);
                }
            })
        });
        drop(putter);
        let cancelled = producers[2].canceller();
        go!({ cancelled.cancel() });
        await_all(consumers).await;
        for producer in producers {
            producer.outcome().await.ok();
        }
        let (mut sent, mut got) = (sent.lock().unwrap(), got.lock().unwrap());
        // What the cancelled producer put last, it could not say.
        got.retain(|value| *value < 20 || sent.contains(value));
        sent.sort_unstable();
        got.sort_unstable();
        assert_eq!(*got, *sent);
        assert_eq!(
            (taker.len(), taker.waiting()),
            (0, chan::Waiting::default())
        );
    }
}

async fn await_all<const N: usize>(tasks: [Task<()>; N]) {
    for task in tasks {
        task.await;
    }
}
