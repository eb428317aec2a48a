//! Mixes: the union of inputs that come and go, are muted, paused and soloed.

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

#[linear]
async fn rest<T>(taker: &Taker<T>) -> Vec<T> {
    let mut rest = Vec::new();
    while let Some(value) = take!(taker) {
        rest.push(value);
    }
    rest
}

fn source(values: impl IntoIterator<Item = u32, IntoIter: Send> + Send + 'static) -> Taker<u32> {
    let (putter, taker) = chan::fixed(0).split();
    go!({
        for value in values {
            if put!(putter, value).is_err() {
                break;
            }
        }
    });
    taker
}

// A23
#[async_dsl::test]
async fn the_union_of_two_inputs() {
    let (mix, mixed) = flow::mix(1);
    mix.add(source(0..4));
    mix.add(source(10..14));
    drop(mix);
    let mut all = rest(&mixed).await;
    let first: Vec<_> = all.iter().copied().filter(|n| *n < 10).collect();
    assert_eq!(first, [0, 1, 2, 3]);
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3, 10, 11, 12, 13]);
}

// A23 (ASYNC-145)
#[async_dsl::test(seed = 0)]
async fn of_very_many_inputs_none_is_lost() {
    let (mix, mixed) = flow::mix(0);
    for n in 0..2048 {
        mix.add(source([n]));
    }
    drop(mix);
    let mut all = rest(&mixed).await;
    all.sort_unstable();
    assert_eq!(all, (0..2048).collect::<Vec<_>>());
}

#[async_dsl::test]
async fn a_muted_input_is_discarded_and_a_paused_one_waits() {
    let (mix, mixed) = flow::mix(4);
    let (putter, taker) = chan::fixed(0).split();
    let input = mix.add(taker);
    put!(putter, 1).unwrap();
    sleep!(1ms);
    input.mute();
    put!(putter, 2).unwrap();
    put!(putter, 3).unwrap();
    sleep!(1ms);
    input.pause();
    sleep!(1ms);
    assert_eq!(put!(putter, 4, 1h), Err(PutError::Elapsed(4)));
    input.play();
    put!(putter, 5).unwrap();
    drop((putter, mix));
    assert_eq!(rest(&mixed).await, [1, 5]);
    assert_eq!(input.discarded(), 2);
}

#[async_dsl::test]
async fn a_soloed_input_mutes_the_others() {
    let (mix, mixed) = flow::mix(8);
    let (a, from_a) = chan::fixed(0).split();
    let (b, from_b) = chan::fixed(0).split();
    let (c, from_c) = chan::fixed(0).split();
    let (_, solo, paused) = (mix.add(from_a), mix.add(from_b), mix.add(from_c));
    solo.solo();
    paused.pause();
    sleep!(1ms);
    put!(a, 1).unwrap();
    put!(b, 2).unwrap();
    assert!(put!(c, 3, 1ms).is_err());
    sleep!(1ms);
    solo.play();
    put!(a, 4).unwrap();
    sleep!(1ms);
    assert_eq!(mix.discarded(), 1);
    // One that ends or leaves while it is soloed mutes nobody any more.
    solo.solo();
    let from_b = solo.remove();
    paused.solo();
    sleep!(1ms);
    put!(c, 5).unwrap();
    drop((c, mix));
    sleep!(1ms);
    put!(a, 6).unwrap();
    drop((a, b, from_b));
    assert_eq!(rest(&mixed).await, [2, 4, 5, 6]);
}

/// What the mix has not taken when an input is removed is in the taker that it gives back: nothing is lost or twice.
#[async_dsl::test]
async fn what_a_removed_input_has_left_is_given_back() {
    let (mix, mixed) = flow::mix(1);
    let input = mix.add(source(0..6));
    let mut got = vec![take!(mixed).unwrap()];
    let taker = input.remove();
    drop(mix);
    let later = go!({ rest(&mixed).await });
    let back = rest(&taker).await;
    got.extend(later.await);
    assert!(got.is_sorted()); // what comes back may come after what was taken from there meanwhile
    got.extend(back);
    got.sort_unstable();
    assert_eq!(got, [0, 1, 2, 3, 4, 5]);
}

/// At any moment: paused and played again, no value is lost.
#[async_dsl::test]
async fn nothing_is_lost_by_a_pause() {
    let (mix, mixed) = flow::mix(0);
    let input = mix.add(source(0..5));
    drop(mix);
    go!({
        for _ in 0..2 {
            input.pause();
            yield_now!();
            input.play();
            yield_now!();
        }
    });
    assert_eq!(rest(&mixed).await, [0, 1, 2, 3, 4]);
}

#[async_dsl::test]
async fn inputs_stop_when_nobody_takes_from_the_mix() {
    let (mix, mixed) = flow::mix(0);
    let inputs: Vec<_> = (0..3)
        .map(|_| {
            let (putter, taker) = chan::fixed(0).split();
            (putter, mix.add(taker))
        })
        .collect();
    put!(inputs[0].0, 1).unwrap(); // it waits for the output
    inputs[1].1.pause();
    sleep!(1ms);
    drop(mixed);
    sleep!(1ms);
    for (putter, input) in inputs {
        assert_eq!(put!(putter, 2, 1h), Err(PutError::Closed(2)));
        input.play(); // too late
        assert_eq!(take!(input.remove()), None);
    }
    let (putter, taker) = chan::fixed(0).split();
    mix.add(taker);
    sleep!(1ms);
    assert_eq!(put!(putter, 2, 1h), Err(PutError::Closed(2)));
}

#[test]
fn a_dump_shows_the_inputs() {
    let scheduler = Scheduler::virtual_time();
    let (line, kept) = scheduler.enter(|| {
        let (mix, mixed) = flow::mix(3);
        let (_, taker) = chan::<u32>().named("letters").split();
        let (putter, other) = chan::<u32>().named("parcels").split();
        drop(mix.add(taker));
        let line = line!() + 1;
        let input = mix.add(other);
        (line, (mixed, putter, input))
    });
    scheduler.run_until_parked();
    let text = scheduler.snapshot().to_string();
    let row = text.lines().find(|row| row.contains("parcels")).unwrap();
    assert!(
        row.contains(" mix ") && row.contains(&format!("mix.rs:{line}")),
        "{text}"
    );
    let channels = scheduler.snapshot().channels;
    assert!(channels.iter().any(|c| c.name.as_deref() == Some("mixed")));
    drop(kept);
}
