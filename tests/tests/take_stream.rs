//! `take!` of any stream, as a word and as an arm.

use std::future::{pending, ready};
use std::pin::{Pin, pin};
use std::time::Duration;

use async_dsl::flow;
use async_dsl::inspect::WaitsFor;
use async_dsl::prelude::*;
use async_dsl_tests::parked;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};

const MS: Duration = Duration::from_millis(1);

#[linear]
async fn sum(stream: &mut (impl Stream<Item = u32> + Unpin)) -> u32 {
    let mut sum = 0;
    while let Some(n) = take!(stream) {
        sum += n;
    }
    sum
}

#[async_dsl::test]
async fn a_stream_is_taken_from_owned_and_by_reference() {
    let mut owned = stream::iter([1, 2, 3]);
    assert_eq!((take!(owned), take!(owned)), (Some(1), Some(2)));
    assert_eq!(sum(&mut owned).await, 3);
    assert_eq!(take!(owned), None);
    let mut boxed: Box<dyn Stream<Item = u32> + Send + Unpin> = Box::new(stream::iter([4]));
    assert_eq!(take!(boxed), Some(4));
    let mut pinned: BoxStream<'_, u32> = stream::once(async { 5 }).boxed();
    assert_eq!((take!(pinned), take!(pinned)), (Some(5), None));
    let mut here: Pin<&mut _> = pin!(stream::once(async { 6 }));
    assert_eq!(take!(here), Some(6));
    let mut held = (stream::iter([7, 8]), ());
    assert_eq!((take!(held.0), take!(&mut held.0)), (Some(7), Some(8)));
    // A value that nobody holds.
    assert_eq!(take!(stream::iter([9])), Some(9));
    let (putter, taker) = chan::fixed(2).split();
    let mut odd = taker.filter(|n: &u32| ready(n % 2 == 1)).map(|n| n * 10);
    for n in 1..=2 {
        put!(putter, n).unwrap();
    }
    drop(putter);
    assert_eq!((take!(odd), take!(odd)), (Some(10), None));
}

#[async_dsl::test]
async fn within_a_time_it_gives_a_default() {
    let (putter, taker) = chan::fixed(1).split();
    let mut doubled = taker.map(|n: u32| n * 2);
    assert_eq!(take!(doubled, MS, 7), Some(7));
    put!(putter, 4).unwrap();
    assert_eq!(take!(doubled, MS, 7), Some(8));
    drop(putter);
    assert_eq!(take!(doubled, MS, 7), None);
}

#[async_dsl::test]
async fn a_stream_is_an_arm_and_the_handler_has_it_again() {
    let mut numbers = stream::iter(1..=3);
    let stop = chan::<()>();
    let mut seen = Vec::new();
    loop {
        alt! {
            n = take!(numbers), if seen.len() < 2 => {
                seen.extend(n);
                seen.extend(take!(numbers));
            }
            _ = take!(stop) => {}
            default => break,
        }
    }
    assert_eq!(seen, [1, 2]);
    let mut never = stream::pending::<u32>();
    let late = alt! {
        n = take!(never) => n,
        n = take!(&mut numbers) => n,
        sleep!(1h) => None,
    };
    assert_eq!(late, Some(3));
}

/// Dropping an unfinished `next` loses nothing.
#[async_dsl::test(seeds = 300)]
async fn an_arm_that_loses_loses_nothing() {
    let (putter, taker) = chan::fixed(0).split();
    let (others, other) = chan::fixed(0).split();
    let puts = |to: Putter<u32>, from: u32| {
        go!({
            for n in from..from + 5 {
                put!(to, n).unwrap();
                yield_now!();
            }
        })
    };
    let putting = (puts(putter, 0), puts(others, 10));
    let mut left = taker.map(|n| n + 100);
    let mut got = Vec::new();
    let mut ended = false;
    while got.len() < 10 {
        alt! {
            n = take!(left), if !ended => match n {
                Some(n) => got.push(n - 100),
                None => ended = true,
            },
            n = take!(other) => got.extend(n),
            sleep!(MS) => {}
        }
    }
    got.sort_unstable();
    assert!(got.into_iter().eq((0..5).chain(10..15)));
    join!(putting.0, putting.1);
}

/// What is ours is taken from as a channel, by whatever reference: an arm that loses leaves nothing in the handle.
#[async_dsl::test]
async fn handles_of_ours_are_taken_from_as_channels() {
    let c = chan::fixed(1);
    let (mut whole, (_putter, mut taker)) = (c.clone(), c.clone().split());
    let (boxed, mut pinned) = (Box::new(taker.clone()), Box::pin(c.clone()));
    let by_reference = &mut whole;
    let exclusive = &mut taker;
    macro_rules! loses {
        ($($handle:expr),+) => { $({
            alt! {
                _ = take!($handle) => unreachable!("it is empty"),
                sleep!(MS) => {}
            }
            assert_eq!(c.waiting(), chan::Waiting::default(), stringify!($handle));
            put!(c, 1).unwrap();
            assert_eq!(take!($handle), Some(1));
        })+ };
    }
    loses!(
        by_reference,
        &mut *by_reference,
        exclusive,
        boxed,
        pinned,
        pinned.as_mut()
    );

    let (putter, mut watch) = flow::watch(0);
    let watch = &mut watch;
    let broadcast = flow::broadcast(1);
    let mut subscriber = broadcast.subscribe();
    let subscriber = &mut subscriber;
    let got = alt! {
        n = take!(watch) => n,
        n = take!(subscriber) => n.map(Result::unwrap),
        sleep!(MS) => None,
    };
    assert_eq!(got, None);
    putter.put(1).unwrap();
    broadcast.put(2).unwrap();
    assert_eq!(
        (take!(watch), take!(subscriber).map(Result::unwrap)),
        (Some(1), Some(2))
    );
}

#[test]
fn a_parked_take_of_a_stream_is_shown() {
    let (_putter, taker) = chan::<u32>().split();
    let (_scheduler, snapshot) = parked(|| {
        go!({
            let mut numbers = stream::pending::<u32>();
            take!(numbers)
        });
        go!({
            let mut numbers = taker.map(|n| n + 1);
            alt! {
                n = take!(numbers) => n,
                sleep!(1h) => None,
            }
        });
        go!({
            let mut numbers = stream::once(pending::<u32>()).boxed();
            alt! {
                n = take!(numbers) => n,
                sleep!(1h) => None,
            }
        });
    });
    let [plain, ours, foreign] = &snapshot.tasks[..] else {
        panic!("{snapshot}")
    };
    assert_eq!(plain.parked[0].text, "take!(numbers)");
    assert_eq!(plain.parked[0].waits_for, WaitsFor::Foreign);
    assert!(
        ours.parked
            .iter()
            .any(|place| matches!(place.waits_for, WaitsFor::Take(_))),
        "{snapshot}"
    );
    assert_eq!(foreign.parked[0].text, "take!(numbers)");
    assert_eq!(foreign.parked[0].waits_for, WaitsFor::Foreign);
}
