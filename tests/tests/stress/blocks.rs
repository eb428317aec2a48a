//! Tasks that select, by the thousand; and as many as memory holds, parked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_dsl::prelude::*;
use async_dsl::task::yield_now;
use async_dsl_tests::takers_parked;

use super::tally::{Counts, Tally, Value};

/// Both channels of a group of blocks.
type Pair = (Chan<Value>, Chan<Value>);

fn pair() -> Pair {
    (chan::fixed(0), chan::fixed(2))
}

/// Selects over both channels, putting and taking what it can, until one of them is closed.
fn start_selecting((a, b): Pair, tally: Arc<Tally>) -> Task<()> {
    go!({
        loop {
            let sent = alt! {
                sent = put!(a, Value::new(&tally)) => sent,
                sent = put!(b, Value::new(&tally)) => sent,
                value = take!(a) => match value {
                    Some(value) => {
                        value.taken();
                        Ok(())
                    }
                    None => break,
                },
                value = take!(b) => match value {
                    Some(value) => {
                        value.taken();
                        Ok(())
                    }
                    None => break,
                },
            };
            if let Err(Closed(value)) = sent {
                break value.handed_back();
            }
            yield_now!();
        }
    })
}

/// Puts into one channel and takes from the other, by turns, without `alt!`.
fn start_plain((a, b): Pair, tally: Arc<Tally>) -> Task<()> {
    go!({
        loop {
            if let Err(Closed(value)) = put!(a, Value::new(&tally)) {
                break value.handed_back();
            }
            match take!(b) {
                Some(value) => value.taken(),
                None => break,
            }
            yield_now!();
        }
    })
}

/// Four that select and six that do not, three each way.
fn start_group((a, b): &Pair, tally: &Arc<Tally>) -> Vec<Task<()>> {
    (0..10)
        .map(|n| start(n, (a.clone(), b.clone()), tally))
        .collect()
}

fn start(number: usize, (a, b): Pair, tally: &Arc<Tally>) -> Task<()> {
    match number {
        0..3 => start_plain((a, b), Arc::clone(tally)),
        3..6 => start_plain((b, a), Arc::clone(tally)),
        _ => start_selecting((a, b), Arc::clone(tally)),
    }
}

/// Closes the channels, waits for the tasks and takes what is left.
async fn finish((a, b): &Pair, tasks: &mut Vec<Task<()>>) {
    a.close();
    b.close();
    for task in tasks.drain(..) {
        task.await;
    }
    for c in [a, b] {
        std::iter::from_fn(|| c.try_take().ok()).for_each(Value::taken);
        assert_eq!((c.waiting(), c.discarded()), (chan::Waiting::default(), 0));
    }
}

/// Go blocks in groups of ten, each group on two channels of its own; random ones are cancelled and started anew, and
/// now and then the channels of a group are closed and replaced.
async fn select_over_pairs(blocks: usize, time: Duration) {
    let deadline = Instant::now() + time;
    let tally = Arc::new(Tally::default());
    let mut groups: Vec<_> = (0..blocks / 10)
        .map(|_| {
            let pair = pair();
            let tasks = start_group(&pair, &tally);
            (pair, tasks)
        })
        .collect();
    let (mut cancels, mut closes) = (0_u64, 0_u64);
    let mut random = 1_u64;
    loop {
        let mut stopping = Vec::new();
        for _ in 0..100 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let pick = usize::try_from(random >> 33).unwrap();
            let (group, pick) = (pick % groups.len(), pick / groups.len());
            let (channels, tasks) = &mut groups[group];
            if pick % 16 == 0 {
                closes += 1;
                finish(channels, tasks).await;
                *channels = pair();
                *tasks = start_group(channels, &tally);
            } else {
                cancels += 1;
                let number = pick / 16 % tasks.len();
                let (a, b) = channels;
                let fresh = start(number, (a.clone(), b.clone()), &tally);
                stopping.push(std::mem::replace(&mut tasks[number], fresh).cancel());
            }
        }
        for one in stopping {
            one.await;
        }
        if Instant::now() > deadline {
            break;
        }
    }
    for (channels, tasks) in &mut groups {
        finish(channels, tasks).await;
    }
    let Counts {
        made,
        taken,
        handed_back,
        dropped, // with putters that were cancelled while they were parked
        ..
    } = tally.counts();
    println!(
        "{blocks} blocks, {cancels} cancelled, {closes} closes: {made} values made, {taken} taken, \
         {handed_back} handed back, {dropped} dropped with their putters"
    );
    assert_eq!(made, taken + handed_back + dropped);
    assert!(dropped <= cancels, "one value a cancelled putter at most");
    assert!(taken > 0 && cancels > 0 && closes > 0);
}

#[test]
fn selecting_blocks_account_for_every_value() {
    async_dsl::block_on(select_over_pairs(500, Duration::from_secs(1)));
}

#[test]
#[ignore = "a minute: `--release -- --ignored`"]
fn ten_thousand_selecting_blocks_account_for_every_value_for_a_minute() {
    async_dsl::block_on(select_over_pairs(10_000, Duration::from_secs(60)));
}

/// Bytes of memory in use, where the system says so.
fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split(' ').nth(1)?.parse::<u64>().ok()? * 4096)
}

/// Tasks that are parked at the same time, each on a channel of its own, then all woken and finished.
async fn park_and_wake(tasks: u64) {
    let (before, start) = (resident(), Instant::now());
    let parked: Vec<(Chan<u64>, Task<u64>)> = (0..tasks)
        .map(|_| {
            let c = chan::fixed(0);
            let task = go!(|c| take!(c).unwrap());
            (c, task)
        })
        .collect();
    for (c, _) in &parked {
        while c.waiting() != takers_parked(1) {
            yield_now().await;
        }
    }
    let (all_parked, at_most) = (Instant::now(), resident());
    for ((c, _), n) in parked.iter().zip(0..) {
        c.try_put(n).unwrap();
    }
    let mut sum = 0;
    for (_, task) in parked {
        sum += task.await;
    }
    println!(
        "{tasks} tasks: parked in {:?}, woken and finished in {:?}, {:?} bytes each with its channel",
        all_parked - start,
        all_parked.elapsed(),
        before
            .zip(at_most)
            .map(|(before, after)| after.saturating_sub(before) / tasks),
    );
    assert_eq!(sum, tasks * (tasks - 1) / 2);
}

#[test]
fn parked_tasks_are_all_woken_and_finished() {
    async_dsl::block_on(park_and_wake(20_000));
}

#[test]
#[ignore = "a gigabyte: `--release -- --ignored`"]
fn a_million_parked_tasks_are_all_woken_and_finished() {
    async_dsl::block_on(park_and_wake(1_000_000));
}
