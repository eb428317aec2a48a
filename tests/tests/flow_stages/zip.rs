//! One value of each of several channels.

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

// A19
#[async_dsl::test(seeds = 1000)]
async fn the_sums_of_four_channels() {
    for size in [0, 2] {
        let four = (0..4).map(|_| flow::from_iter(0..4, size));
        let rows = flow::zip_each(four, size).collect_vec().await;
        let sums: Vec<u32> = rows.iter().map(|row| row.iter().sum()).collect();
        assert_eq!(sums, [0, 4, 8, 12]);
    }
    let none = flow::zip_each(Vec::<Taker<u32>>::new(), 0);
    assert_eq!(take!(none), None);
}

#[async_dsl::test(seeds = 1000)]
async fn a_row_is_a_tuple_of_different_types() {
    let rows = flow::zip(
        (
            flow::from_iter(1.., 0),
            flow::from_iter(["a", "b", "c"], 1),
            flow::from_iter([true, false], 0),
        ),
        0,
    );
    assert_eq!(rows.collect_vec().await, [(1, "a", true), (2, "b", false)]);
    let single = flow::zip((flow::from_iter([7], 0),), 0);
    assert_eq!(single.collect_vec().await, [(7,)]);
}

/// Also while others have no value, and will have none.
#[async_dsl::test(seeds = 200)]
async fn it_ends_with_the_first_that_ends() {
    for first in 0..3 {
        let (putter, has_one) = chan::fixed(0).split();
        let (_kept, idle) = chan::fixed(0).split();
        let (ends, ending) = chan::fixed(0).split();
        let mut takers = [has_one, idle, ending];
        takers.rotate_left(first);
        let rows = flow::zip_each(takers, 0);
        put!(putter, 1).unwrap();
        go!({ drop(ends) });
        assert_eq!(take!(rows), None);
        sleep!(1ms);
        // The value was taken, or is still in its channel, which nobody takes from any more.
        assert_eq!(rows.discarded() + putter.discarded(), 1);
        assert_eq!(put!(putter, 2), Err(Closed(2)));
    }
}

/// What it has not begun to take stays where it is.
#[async_dsl::test(seeds = 500)]
async fn what_is_left_in_the_longer_stays_there() {
    let (putter, longer) = chan().split();
    (0..6).for_each(|n| putter.try_put(n).unwrap());
    drop(putter);
    let rest = longer.clone();
    let rows = flow::zip((longer, flow::from_iter(0..3, 0)), 0);
    let whole = rows.collect_vec().await;
    assert_eq!(whole, [(0, 0), (1, 1), (2, 2)]);
    sleep!(1ms);
    let rest = rest.collect_vec().await;
    assert_eq!(3 + rows.discarded() + rest.len() as u64, 6);
    assert!([3, 4, 5].ends_with(&rest));
}

#[async_dsl::test(seeds = 200)]
async fn it_stops_when_nobody_takes_from_it() {
    for puts in 0..3 {
        let (a, from_a) = chan::fixed(0).split();
        let (b, from_b) = chan::fixed(0).split();
        let rows = flow::zip((from_a, from_b), 0);
        if puts > 0 {
            put!(a, 1).unwrap();
        }
        if puts > 1 {
            put!(b, 'b').unwrap(); // a whole row waits for the output
        }
        sleep!(1ms);
        drop(rows);
        sleep!(1ms);
        assert_eq!(
            (put!(a, 2), put!(b, 'c')),
            (Err(Closed(2)), Err(Closed('c')))
        );
    }
}

#[test]
fn a_dump_shows_what_it_waits_for() {
    let scheduler = Scheduler::virtual_time();
    let (line, kept) = scheduler.enter(|| {
        let (a, from_a) = chan::<u32>().named("numbers").split();
        let (b, from_b) = chan::<char>().named("letters").split();
        let line = line!() + 1;
        (line, (flow::zip((from_a, from_b), 0), a, b))
    });
    kept.1.try_put(1).unwrap();
    scheduler.run_until_parked();
    let snapshot = scheduler.snapshot();
    assert_eq!(snapshot.tasks[0].name.as_deref(), Some("zip"));
    let text = snapshot.to_string();
    let row = text.lines().find(|row| row.contains(" zip ")).unwrap();
    assert!(
        row.contains("letters") && row.contains(&format!("zip.rs:{line}")),
        "{text}"
    );
    drop(kept);
}
