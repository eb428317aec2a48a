//! What talks about concurrency in Go show: a generator, fan-in, a limit of time, a quit signal, a daisy chain, replicated search,
//! a sieve of primes, bounded parallelism, and a group that ends with its first error.
//!
//! On virtual time, so it takes none.

use std::time::Duration;

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// A function that returns a channel, and a task behind it.
fn talks(name: &'static str, pause: Duration) -> Taker<String> {
    let (putter, said) = chan::fixed(0).split();
    go!({
        for n in 1.. {
            sleep!(pause);
            if put!(putter, format!("{name} {n}")).is_err() {
                break; // nobody listens any more
            }
        }
    });
    said
}

#[linear]
async fn fan_in() {
    let all = flow::merge([talks("Ann", 30ms), talks("Bob", 50ms)], 0);
    for _ in 0..5 {
        println!("  {}", take!(all).expect("they talk for ever"));
    }
}

/// A limit for each message, and one for all of them.
#[linear]
async fn limits_of_time() {
    let (ann, token) = (talks("Ann", 60ms), CancelToken::new());
    let whole = go!(|token| {
        sleep!(100ms);
        token.cancel();
    });
    loop {
        alt! {
            said = take!(ann) => println!("  {}", said.expect("she talks for ever")),
            sleep!(50ms) => println!("  she is too slow"),
            () = await!(token.cancelled()) => break,
        }
    }
    whole.await;
    println!("  that is enough");
}

/// Each adds one to what its right neighbour says.
#[linear]
async fn daisy_chain() {
    let (putter, mut right) = chan::fixed(0).split();
    for _ in 0..10_000 {
        let (to, left) = chan::fixed(0).split();
        let from = std::mem::replace(&mut right, left);
        go!({ put!(to, take!(from).unwrap_or(0) + 1) });
    }
    put!(putter, 1).expect("the chain is long");
    println!("  {:?}", take!(right));
}

/// The first answer of several replicas, within a limit.
#[linear]
async fn search(kind: &'static str, replicas: [u64; 3]) -> String {
    let ask = |millis| async move {
        async_dsl::time::sleep(Duration::from_millis(millis)).await;
        format!("{kind} in {millis} ms")
    };
    let first = async_block!({ race!(each replicas.map(ask)) });
    timeout!(80ms, { first.await }).unwrap_or_else(|_| format!("no {kind}"))
}

#[linear]
async fn replicated_search() {
    let found = join!(
        search("web", [90, 30, 60]),
        search("images", [70, 75, 85]),
        search("video", [95, 90, 85]),
    );
    println!("  {found:?}");
}

#[linear]
async fn sieve() {
    let mut numbers = flow::from_iter(2_u32.., 0);
    let mut primes = Vec::new();
    while primes.len() < 10 {
        let prime = take!(numbers).expect("there is always a next");
        primes.push(prime);
        numbers = flow::through(numbers, 0, move |numbers| {
            futures_lite::StreamExt::filter(numbers, move |n| n % prime != 0)
        });
    }
    println!("  {primes:?}");
}

#[linear]
async fn bounded_parallelism() {
    let begun = async_dsl::time::now();
    let digests = flow::pipeline(flow::from_iter(1..=9_u64, 0), 3, async |n| {
        async_dsl::time::sleep(Duration::from_millis(10)).await;
        [n * n]
    });
    let digests = digests.collect_vec().await;
    println!("  {digests:?} in {:?}", async_dsl::time::now() - begun);
}

#[linear]
async fn a_group_that_ends_with_its_first_error() {
    let fetched = scope!(|s| {
        for n in 1..=4_u64 {
            go!(group = s, |s| {
                sleep!(Duration::from_millis(n * 10));
                if n == 2 {
                    s.fail(format!("page {n} is gone"));
                }
                println!("  page {n}");
            });
        }
        Ok::<_, String>("all pages")
    });
    println!("  {fetched:?}");
}

fn main() {
    Scheduler::virtual_time().block_on(async_block!({
        println!("fan-in");
        fan_in().await;
        println!("limits of time");
        limits_of_time().await;
        println!("a daisy chain of ten thousand");
        daisy_chain().await;
        println!("replicated search");
        replicated_search().await;
        println!("a sieve of primes");
        sieve().await;
        println!("three at a time");
        bounded_parallelism().await;
        println!("the first error ends the group");
        a_group_that_ends_with_its_first_error().await;
    }));
}
