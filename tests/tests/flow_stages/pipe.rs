//! From an iterator into a channel, and from one channel into another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_dsl::flow;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::sim::{self, Config};
use async_dsl::task::TaskError;

// A16
#[async_dsl::test(seeds = 1000)]
async fn an_iterator_comes_in_order_and_then_the_end() {
    for size in [0, 1, 10, 20] {
        let values = flow::from_iter(0..10, size);
        assert_eq!(values.collect_vec().await, (0..10).collect::<Vec<_>>());
        let (putter, taker) = chan::fixed(size).split();
        let putting = flow::onto(putter, 0..10);
        assert_eq!(taker.collect_vec().await, (0..10).collect::<Vec<_>>());
        assert_eq!(putting.await, Ok(()));
    }
    assert_eq!(take!(flow::from_iter([0; 0], 3)), None);
}

#[async_dsl::test]
async fn an_iterator_is_called_for_no_more_than_there_is_room_for() {
    let calls = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&calls);
    let values = flow::from_iter(
        (0..).inspect(move |_| _ = count.fetch_add(1, Ordering::Relaxed)),
        2,
    );
    sleep!(1ms);
    assert_eq!(calls.load(Ordering::Relaxed), 3); // two in the channel, one to be put
    assert_eq!(take!(values), Some(0));
    sleep!(1ms);
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    drop(values);
    sleep!(1ms);
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    assert_eq!(Arc::strong_count(&calls), 1, "the iterator is dropped");
}

#[async_dsl::test]
async fn what_a_closed_channel_does_not_accept_is_handed_back() {
    let (putter, taker) = chan::fixed(0).split();
    let putting = flow::onto(putter, 1..);
    assert_eq!(take!(taker), Some(1));
    sleep!(1ms); // it is parked with the next
    drop(taker);
    assert_eq!(await!(putting).unwrap_err().into_inner(), 2);
    let (putter, taker) = chan::fixed::<u32>(0).split();
    drop(taker);
    assert_eq!(flow::onto(putter.clone(), []).await, Ok(()));
    assert_eq!(flow::onto(putter, [7]).await.unwrap_err().into_inner(), 7);
}

#[async_dsl::test]
async fn the_channel_stays_open_while_another_putter_is_held() {
    let (putter, taker) = chan::fixed(4).split();
    flow::onto(putter.clone(), [1, 2]).await.unwrap();
    put!(putter, 3).unwrap();
    drop(putter);
    assert_eq!(taker.collect_vec().await, [1, 2, 3]);
}

// A17, P2
#[async_dsl::test(seeds = 1000)]
async fn a_pipe_moves_all_and_closes_its_target_unless_another_putter_is_held() {
    for size in [0, 3] {
        let (to, taker) = chan::fixed(size).split();
        let moving = flow::pipe(flow::from_iter(1..=5, size), to);
        assert_eq!(taker.collect_vec().await, [1, 2, 3, 4, 5]);
        moving.await;
        let (to, taker) = chan::fixed(size).split();
        flow::pipe(flow::from_iter(1..=5, size), to.clone());
        for n in 1..=5 {
            assert_eq!(take!(taker), Some(n));
        }
        assert_eq!(take!(taker, 1h, 7), Some(7));
        go!({ put!(to, 6) });
        assert_eq!(take!(taker), Some(6));
        assert_eq!(take!(taker), None);
    }
}

#[async_dsl::test(seeds = 200)]
async fn a_pipe_stops_when_nobody_takes_from_its_target() {
    for puts in [false, true] {
        let (putter, from) = chan::fixed(0).split();
        let (to, taker) = chan::fixed(0).split();
        let moving = flow::pipe(from, to.clone());
        if puts {
            put!(putter, 1).unwrap(); // it waits for the target
        }
        sleep!(1ms);
        drop(taker);
        moving.await;
        assert_eq!(put!(putter, 2), Err(Closed(2)));
        assert_eq!(to.discarded(), u64::from(puts));
    }
}

/// At any moment: what it had in hand is counted, and what it had not taken is there.
#[async_dsl::test(seeds = 1000)]
async fn a_pipe_that_is_cancelled_loses_nothing() {
    let (putter, from) = chan::fixed(1).split();
    let (to, taker) = chan::fixed(1).split();
    let rest = from.clone();
    let moving = flow::pipe(from, to.clone());
    let canceller = moving.canceller();
    go!({
        for n in 0..6 {
            put!(putter, n).unwrap();
        }
    });
    let first = go!(|taker| (take!(taker), take!(taker)));
    go!({ canceller.cancel() });
    moving.outcome().await.ok();
    sleep!(1ms);
    let mut got: Vec<u32> = taker.drain();
    if first.is_finished() {
        let (one, other) = first.await;
        got.extend(one.into_iter().chain(other));
    } else {
        to.close();
        got.extend(first.await.0);
    }
    got.extend(rest.collect_vec().await);
    got.sort_unstable();
    assert_eq!(got.len() as u64 + to.discarded(), 6);
    got.dedup();
    assert_eq!(got.len() as u64 + to.discarded(), 6, "none comes twice");
}

#[async_dsl::test]
async fn a_cancelled_put_of_an_iterator_counts() {
    let (putter, taker) = chan::fixed(1).split();
    let putting = flow::onto(putter, 1..=9);
    sleep!(1ms);
    putting.canceller().cancel();
    assert!(matches!(
        putting.outcome().await,
        Err(TaskError::Cancelled { .. })
    ));
    assert_eq!(taker.discarded(), 1);
    assert_eq!(taker.collect_vec().await, [1]);
}

#[async_dsl::test(unawaited_panics = allow)]
async fn a_panic_of_the_iterator_ends_the_channel() {
    let bomb = || (0..3).inspect(|n| assert!(*n < 2, "no more"));
    assert_eq!(flow::from_iter(bomb(), 0).collect_vec().await, [0, 1]);
    let (putter, taker) = chan().split();
    let putting = flow::onto(putter, bomb());
    assert_eq!(taker.collect_vec().await, [0, 1]);
    let panic = putting.outcome().await.unwrap_err();
    assert!(panic.to_string().contains("no more"), "{panic}");
}

#[test]
fn a_panic_that_nobody_awaits_is_reported_with_the_line_of_the_stage() {
    let line = line!() + 4;
    let failure = sim::check(&Config::new().seeds(1), || {
        async_block!({
            let bomb = (0..3).inspect(|n| assert!(*n < 2, "no more"));
            let values = flow::from_iter(bomb, 0);
            assert_eq!(values.collect_vec().await, [0, 1]);
        })
    });
    let message = failure.expect_err("nobody awaits it").to_string();
    assert!(message.contains("no more"), "{message}");
    assert!(message.contains(&format!("pipe.rs:{line}")), "{message}");
}

#[test]
fn a_dump_shows_each_stage_by_its_name_and_line() {
    let scheduler = Scheduler::virtual_time();
    let (line, kept) = scheduler.enter(|| {
        let (putter, from) = chan::<u32>().named("orders").split();
        let (to, taker) = chan::fixed::<u32>(0).split();
        let line = line!() + 1;
        flow::pipe(from, to);
        let values = flow::from_iter(0.., 0);
        let (other, putting) = chan::fixed(0).split();
        flow::onto(other, 0..);
        (line, (putter, taker, values, putting))
    });
    scheduler.run_until_parked();
    let tasks = scheduler.snapshot().tasks;
    let names: Vec<_> = tasks
        .iter()
        .map(|task| task.name.as_deref().unwrap())
        .collect();
    assert_eq!(names, ["pipe", "from_iter", "onto"]);
    let text = scheduler.snapshot().to_string();
    let row = text.lines().find(|row| row.contains(" pipe ")).unwrap();
    assert!(
        row.contains("orders") && row.contains(&format!("pipe.rs:{line}")),
        "{text}"
    );
    drop(kept);
    scheduler.run_until_parked();
    assert!(scheduler.snapshot().tasks.is_empty(), "all have stopped");
}
