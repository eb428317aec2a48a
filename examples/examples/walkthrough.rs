//! The ground that a first walk through core.async covers: channels and their buffers, threads, go blocks, choices, many of them
//! at a time, limits of time, and then what makes channels of channels: mult, topics, mix and pipeline.
//!
//! On virtual time, so it takes none.

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

#[linear]
async fn channels() {
    let c = chan::fixed(10);
    put!(c, "hello").unwrap();
    println!("  buffered: {:?}", take!(c));
    c.close();
    println!("  closed: {:?}, {:?}", put!(c, "late"), take!(c));

    let (dropping, sliding) = (chan::dropping(2), chan::sliding(2));
    for n in 1..=4 {
        put!(dropping, n).unwrap();
        put!(sliding, n).unwrap();
    }
    println!("  dropping: {:?}", dropping.split().1.drain());
    println!("  sliding: {:?}", sliding.split().1.drain());
}

/// Ordinary threads block where a go block parks.
#[linear]
async fn threads() {
    let c = chan::fixed(0);
    let other = c.clone();
    std::thread::spawn(move || other.put_blocking("from a thread").unwrap());
    println!("  {:?}", take!(c));
}

#[linear]
async fn go_blocks() {
    let c = chan::fixed(0);
    go!(|c| put!(c, "from a go block"));
    println!("  {:?}", take!(c));
    println!("  a go block has a value: {}", go!({ 6 * 7 }).await);
}

/// Whichever is ready; of several the first, with `biased`.
#[linear]
async fn choices() {
    let (hi, there) = (chan::fixed(0), chan::fixed(0));
    for (c, text) in [(hi.clone(), "hi"), (there.clone(), "there")] {
        go!({ put!(c, text) });
    }
    let first = alt! { said = take!(hi) => said, said = take!(there) => said };
    let second = alt! { said = take!(hi) => said, said = take!(there) => said };
    println!("  both, in any order: {}", first != second);
    let nothing = alt! {
        biased;
        said = take!(hi) => said,
        default => None,
    };
    println!("  default: {nothing:?}");
}

/// A thousand channels, a thousand tasks that put, and one that takes from whichever is ready.
#[linear]
async fn a_thousand() {
    let mut channels = Vec::new();
    for _ in 0..1000 {
        let c = chan::fixed(0);
        go!(|c| put!(c, "hi"));
        channels.push(c);
    }
    let mut heard = 0;
    while heard < channels.len() {
        let (_, said) = alts(channels.iter().map(Chan::take)).await.unwrap();
        heard += usize::from(said == Some("hi"));
    }
    println!("  read {heard} messages");
}

#[linear]
async fn limits_of_time() {
    let c = chan::fixed::<u32>(0);
    let begun = async_dsl::time::now();
    alt! {
        value = take!(c) => println!("  {value:?}"),
        sleep!(100ms) => println!("  gave up after {:?}", async_dsl::time::now() - begun),
    }
    println!("  or so: {:?}", take!(c, 100ms, 0));
}

#[linear]
async fn channels_of_channels() {
    let mult = flow::mult(flow::from_iter(1..=3, 0));
    let taps = [mult.tap(3), mult.tap(3)];
    let both: Vec<Vec<u32>> = join!(each taps.iter().map(Taker::collect_vec));
    println!("  mult: {both:?}");

    let (animals, from) = chan::fixed(4).split();
    let topics = flow::topics(from, |(kind, _): &(&str, &str)| *kind);
    let (dogs, cats) = (topics.subscribe("dog", 4), topics.subscribe("cat", 4));
    for animal in [
        ("dog", "Rex"),
        ("cat", "Tom"),
        ("cow", "Elsa"),
        ("dog", "Bello"),
    ] {
        put!(animals, animal).unwrap();
    }
    drop(animals);
    println!(
        "  topics: {:?}",
        join!(dogs.collect_vec(), cats.collect_vec())
    );
    println!("  nobody wanted {}", topics.discarded());

    let (mix, mixed) = flow::mix(8);
    let (loud, quiet) = (
        mix.add(flow::from_iter(["LOUD"; 2], 0)),
        mix.add(flow::from_iter(["quiet"; 2], 0)),
    );
    loud.mute();
    quiet.solo();
    drop(mix);
    println!("  mix: {:?}", mixed.collect_vec().await);

    let squares = flow::pipeline(flow::from_iter(1..=5, 0), 4, async |n| [n * n]);
    println!("  pipeline: {:?}", squares.collect_vec().await);
}

fn main() {
    Scheduler::virtual_time().block_on(async_block!({
        println!("channels");
        channels().await;
        println!("threads");
        threads().await;
        println!("go blocks");
        go_blocks().await;
        println!("choices");
        choices().await;
        println!("a thousand");
        a_thousand().await;
        println!("limits of time");
        limits_of_time().await;
        println!("channels of channels");
        channels_of_channels().await;
    }));
}
