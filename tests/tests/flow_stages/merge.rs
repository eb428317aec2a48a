//! The union of channels.

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

// A20
#[async_dsl::test(seeds = 1000)]
async fn all_of_all_inputs_come_each_in_its_order() {
    for size in [0, 2] {
        let merged = flow::merge(
            (0..4).map(|input| flow::from_iter((0..4).map(move |n| (input, n)), size)),
            size,
        );
        let mut all: Vec<(u32, u32)> = merged.collect_vec().await;
        for input in 0..4 {
            let of_it = all.iter().filter(|(from, _)| *from == input);
            assert!(of_it.map(|(_, n)| *n).eq(0..4), "{all:?}");
        }
        all.sort_unstable();
        let expected: Vec<_> = (0..4)
            .flat_map(|input| (0..4).map(move |n| (input, n)))
            .collect();
        assert_eq!(all, expected);
    }
}

#[async_dsl::test]
async fn it_closes_at_once_without_inputs_and_after_the_last_of_several() {
    assert_eq!(take!(flow::merge(Vec::<Taker<u32>>::new(), 0)), None);
    let (a, from_a) = chan::fixed(0).split();
    let (b, from_b) = chan::fixed(0).split();
    let merged = flow::merge([from_a, from_b], 0);
    drop(a);
    go!({ put!(b, 1) });
    assert_eq!(take!(merged), Some(1));
    assert_eq!(take!(merged), None);
}

// L1
#[async_dsl::test(seed = 0)]
async fn it_ends_only_when_all_inputs_have() {
    let (first, from_first) = chan::fixed(10).split();
    let others = flow::from_iter(0..10_000, 10);
    let merged = flow::merge([from_first, others], 10);
    for n in 0..10_000 {
        assert_eq!(take!(merged), Some(n));
    }
    go!({
        for n in 0..10 {
            put!(first, n).unwrap();
        }
    });
    assert_eq!(merged.collect_vec().await, (0..10).collect::<Vec<_>>());
}

/// An input that has many values does not keep the others waiting.
#[async_dsl::test(seeds = 200)]
async fn it_is_fair() {
    let full = |n: usize| {
        let (putter, taker) = chan().split();
        (0..50).for_each(|_| putter.try_put(n).unwrap());
        taker
    };
    let merged = flow::merge([full(0), full(1), full(2)], 0);
    let mut counts = [0; 3];
    for _ in 0..30 {
        counts[take!(merged).unwrap()] += 1;
    }
    assert_eq!(counts, [10, 10, 10]);
}

#[async_dsl::test(seeds = 200)]
async fn it_stops_when_nobody_takes_from_it() {
    for puts in [false, true] {
        let (a, from_a) = chan::fixed(0).split();
        let (b, from_b) = chan::fixed(0).split();
        let merged = flow::merge([from_a, from_b], 0);
        if puts {
            put!(a, 1).unwrap(); // it waits for the output
        }
        sleep!(1ms);
        drop(merged);
        sleep!(1ms);
        assert_eq!((put!(a, 2), put!(b, 3)), (Err(Closed(2)), Err(Closed(3))));
    }
}

#[test]
fn a_dump_shows_its_inputs_and_its_line() {
    let scheduler = Scheduler::virtual_time();
    let (line, kept) = scheduler.enter(|| {
        let (a, from_a) = chan::<u32>().named("letters").split();
        let (b, from_b) = chan::<u32>().named("parcels").split();
        let line = line!() + 1;
        (line, (flow::merge([from_a, from_b], 0), a, b))
    });
    scheduler.run_until_parked();
    let text = scheduler.snapshot().to_string();
    for input in ["letters", "parcels"] {
        assert!(
            text.lines()
                .any(|row| row.contains(input) && row.contains(&format!("merge.rs:{line}"))),
            "{text}"
        );
    }
    let snapshot = scheduler.snapshot();
    assert_eq!(snapshot.tasks[0].name.as_deref(), Some("merge"));
    assert!(
        snapshot
            .channels
            .iter()
            .any(|c| c.name.as_deref() == Some("merged"))
    );
    drop(kept);
}
