//! A snapshot of a program that does not hold still.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_dsl::inspect::{self, ChannelInfo, TaskInfo, TaskState, WaitsFor};
use async_dsl::prelude::*;

const PAIRS: usize = 5000;

/// What must hold of every entry, whatever the others do meanwhile.
fn check_task(task: &TaskInfo) {
    match task.state {
        TaskState::Parked => {
            let [place] = task.parked.as_slice() else {
                panic!("one place, not {:?}", task.parked);
            };
            let kind = match place.text.as_str() {
                "take!(ball)" | "take!(reply)" => "take",
                "put!(ball, n)" | "put!(reply, n + 1)" => "put",
                other => panic!("no word of this program: {other}"),
            };
            match place.waits_for {
                WaitsFor::Take(_) => assert_eq!(kind, "take"),
                WaitsFor::Put(_) => assert_eq!(kind, "put"),
                other => panic!("{kind} waits for {other:?}"),
            }
            assert_eq!(place.place.unwrap().file, file!());
            assert!(task.since.is_some());
        }
        _ => assert!(task.parked.is_empty() && task.since.is_none()),
    }
}

fn check_channel(channel: &ChannelInfo) {
    if channel.is_busy {
        return;
    }
    assert_eq!(channel.capacity, Some(1));
    assert!(channel.len <= 1 && channel.high_water <= 1);
    // A value that was handed to a taker which has not run since is neither in the channel nor taken.
    let left = channel.puts - channel.takes - channel.len as u64;
    assert!(left <= 1, "{channel:?}");
    assert!(channel.parked_takers.len() <= 1 && channel.parked_putters.len() <= 1);
}

// N10
#[test]
fn a_dump_of_ten_thousand_busy_tasks_tears_nothing_and_stops_nobody() {
    let (moved, stop) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let tasks: Vec<Task<()>> = (0..PAIRS)
        .flat_map(|_| {
            let (ball, reply) = (chan::fixed(1), chan::fixed(1));
            [
                go!(|ball, reply, moved, stop| {
                    let mut n = 0_u64;
                    while !stop.load(Ordering::Relaxed) {
                        put!(ball, n).ok();
                        n = take!(reply).unwrap_or(0);
                        moved.fetch_add(1, Ordering::Relaxed);
                    }
                    ball.close();
                }),
                go!(|ball, reply| {
                    while let Some(n) = take!(ball) {
                        put!(reply, n + 1).ok();
                    }
                }),
            ]
        })
        .collect();
    for _ in 0..5 {
        let (before, start) = (moved.load(Ordering::Relaxed), Instant::now());
        let snapshot = inspect::snapshot();
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{:?}",
            start.elapsed()
        );
        assert_eq!(snapshot.tasks.len(), 2 * PAIRS);
        assert_eq!(snapshot.channels.len(), 2 * PAIRS);
        snapshot.tasks.iter().for_each(check_task);
        snapshot.channels.iter().for_each(check_channel);
        let text = snapshot.to_string();
        assert!(text.lines().count() < 200, "it fits: {text}");
        // They go on.
        while moved.load(Ordering::Relaxed) == before {
            std::thread::yield_now();
        }
    }
    stop.store(true, Ordering::Relaxed);
    async_dsl::block_on(async_block!({
        await!(each tasks);
    }));
    assert!(inspect::snapshot().tasks.is_empty());
}
