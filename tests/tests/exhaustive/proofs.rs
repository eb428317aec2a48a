//! The core, proved on small programs: under every schedule that can differ.
//!
//! `faults/run` plants a fault in the core, one at a time, and checks that these find it. On a failure they say after how many
//! schedules, beside how many seeds it takes.

use async_dsl::prelude::*;
use async_dsl::sim::{self, Config};

#[track_caller]
fn prove(program: impl AsyncFn()) {
    let Err(failure) = sim::check(&Config::new().exhaustive(), &program) else {
        return;
    };
    let seeds = sim::check(&Config::new().seeds(20_000).shrink(false), &program);
    let seeds = seeds.map_or_else(
        |failure| failure.schedules().to_string(),
        |_| "none of 20000".into(),
    );
    panic!(
        "found: by schedule {}, and by seed {seeds}\n{failure}",
        failure.schedules()
    );
}

// N1: each value is taken once, or is still there; whatever is cancelled, and when.
#[test]
fn no_value_is_lost_by_a_cancelled_take() {
    prove(async || {
        async_block!({
            let c = chan::fixed(1);
            let taker = go!(|c| take!(c));
            let putter = go!(|c| {
                put!(c, 1).unwrap();
                put!(c, 2).is_ok()
            });
            yield_now!(); // so that it may have begun, or been served
            let got = taker.cancel().await.flatten();
            let mut all: Vec<i32> = got.into_iter().collect();
            while all.len() < 2 {
                all.extend(take!(c));
            }
            assert!(putter.await);
            all.sort_unstable();
            assert_eq!(all, [1, 2]);
        })
        .await;
    });
}

#[test]
fn no_value_is_lost_at_a_cancelled_rendezvous() {
    prove(async || {
        async_block!({
            let c = chan::fixed(0);
            let taker = go!(|c| take!(c));
            let putter = go!(|c| put!(c, 1).is_ok());
            yield_now!(); // so that it may have begun, or been served
            let got = taker.cancel().await.flatten();
            if got.is_none() {
                assert_eq!(take!(c), Some(1));
            }
            assert!(putter.await);
        })
        .await;
    });
}

#[test]
fn an_alt_takes_one_value_and_leaves_the_other() {
    prove(async || {
        async_block!({
            let (a, b) = (chan::fixed(1), chan::fixed(0));
            go!(|a| put!(a, 1).is_ok());
            go!(|b| put!(b, 2).is_ok());
            let mut all = Vec::new();
            for _ in 0..2 {
                let value = alt! {
                    value = take!(a) => value,
                    value = take!(b) => value,
                };
                all.extend(value);
            }
            all.sort_unstable();
            assert_eq!(all, [1, 2]);
        })
        .await;
    });
}

#[test]
fn two_alts_meet_once() {
    prove(async || {
        async_block!({
            let (a, b) = (chan::fixed(0), chan::fixed(0));
            let gives = go!(|a, b| {
                alt! {
                    sent = put!(a, 1) => sent.is_ok(),
                    sent = put!(b, 2) => sent.is_ok(),
                }
            });
            let taken = alt! {
                value = take!(b) => value,
                value = take!(a) => value,
            };
            assert!(gives.await);
            assert!(taken.is_some());
            assert!(a.try_take().is_err() && b.try_take().is_err());
        })
        .await;
    });
}

// Those in line are served first come, first served.
#[test]
fn a_line_is_fair() {
    prove(async || {
        async_block!({
            let c = chan::fixed(1);
            put!(c, 0).unwrap();
            let putter = go!(|c| {
                let (one, other) = join!(c.put(1), c.put(2));
                assert!(one.is_ok() && other.is_ok());
            });
            let taken = [take!(c), take!(c), take!(c)];
            putter.await;
            assert_eq!(taken, [Some(0), Some(1), Some(2)]);
        })
        .await;
    });
}

#[test]
fn a_close_gives_every_parked_value_back() {
    prove(async || {
        async_block!({
            let c = chan::fixed(0);
            let putters = [1, 2].map(|n| go!(|c| put!(c, n)));
            yield_now!(); // so that they may have parked
            c.close();
            let mut all = Vec::new();
            for putter in putters {
                if let Err(Closed(value)) = putter.await {
                    all.push(value);
                }
            }
            all.sort_unstable();
            assert_eq!(all, [1, 2]);
        })
        .await;
    });
}

#[test]
fn a_reservation_that_is_given_up_leaves_its_place() {
    prove(async || {
        async_block!({
            let c = chan::fixed(1);
            let gives_up = go!(|c| drop(c.reserve().await));
            let putter = go!(|c| put!(c, 1).is_ok());
            assert_eq!(take!(c), Some(1));
            assert!(putter.await);
            gives_up.await;
        })
        .await;
    });
}

#[test]
fn a_timed_put_returns_its_value_or_it_is_taken() {
    prove(async || {
        async_block!({
            let c = chan::fixed(0);
            let putter = go!(|c| put!(c, 7, 10ms));
            sleep!(10ms);
            let taken = c.try_take().ok();
            let back = match putter.await {
                Ok(()) => None,
                Err(error) => Some(error.into_inner()),
            };
            assert_eq!([taken, back].into_iter().flatten().collect::<Vec<_>>(), [7]);
        })
        .await;
    });
}

#[test]
fn of_racing_deliveries_one_counts() {
    prove(async || {
        async_block!({
            let (resolver, promise) = promise();
            let resolver = resolver.share();
            let delivers = [1, 2].map(|n| go!(|resolver| resolver.deliver(n)));
            let answer = (&promise).await.unwrap();
            let [one, two] = delivers;
            let (one, two) = (one.await, two.await);
            assert!(one != two);
            assert_eq!(answer, if one { 1 } else { 2 });
        })
        .await;
    });
}

#[test]
fn an_agent_runs_each_action_once_in_an_order_that_was_sent() {
    prove(async || {
        async_block!({
            let a = agent(1);
            let senders = [2, 3].map(|n| {
                go!(|a| {
                    send!(a, |state| { state * 10 + n }).unwrap();
                })
            });
            for sender in senders {
                sender.await;
            }
            a.settled().await.unwrap();
            let state = a.get().unwrap();
            assert!(state == 123 || state == 132, "{state}");
        })
        .await;
    });
}

#[test]
fn a_cancelled_task_tells_who_waits_for_it() {
    prove(async || {
        async_block!({
            let c = chan::<u32>();
            let task = go!(|c| take!(c));
            let canceller = task.canceller();
            let cancels = go!({ canceller.cancel() });
            go!(|c| put!(c, 1).is_ok());
            match task.outcome().await {
                Ok(value) => assert_eq!(value, Some(1)),
                Err(error) => assert!(matches!(
                    error,
                    async_dsl::task::TaskError::Cancelled { .. }
                )),
            }
            cancels.await;
        })
        .await;
    });
}

// A put at a rendezvous that is done was taken: an `alt!` that has won another arm has not taken it besides.
#[test]
fn an_alt_is_claimed_once() {
    prove(async || {
        async_block!({
            let (a, b) = (chan::fixed(1), chan::fixed(0));
            go!(|a| put!(a, 1).is_ok());
            let putter = go!(|b| put!(b, 2).is_ok());
            let value = alt! {
                value = take!(a) => value,
                value = take!(b) => value,
            };
            sleep!(1ms);
            assert_eq!(putter.is_finished(), value == Some(2));
        })
        .await;
    });
}
