//! What is put is taken once, through every word at once: many tasks, every buffer, cancellations, a close. Many values,
//! few schedules; `conservation_schedules.rs` tries many with few values.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

const PUTTERS: u64 = 8;
const EACH: u64 = 200;

/// Puts by every form, takes by every form, with takers that are cancelled while they are parked or just woken.
fn every_value_is_accounted_for(c: &Chan<u64>, scheduler: &Scheduler) {
    let taken = chan::<u64>();
    let back = Arc::new(AtomicU64::new(0));
    let own = c.clone();
    scheduler.block_on(async_block!(|taken, back| {
        let c = own;
        let putters: Vec<Task<()>> = (0..PUTTERS)
            .map(|putter| {
                go!(|c, back| {
                    for value in putter * EACH..(putter + 1) * EACH {
                        let result = match value % 3 {
                            0 => put!(c, value).map_err(Closed::into_inner),
                            1 => put!(c, value, 1ms).map_err(PutError::into_inner),
                            _ => alt! {
                                sent = put!(c, value) => sent.map_err(Closed::into_inner),
                                sleep!(1ms) => Err(value),
                            },
                        };
                        if result.is_err() {
                            back.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        let never = chan::<u64>();
        let takers: Vec<Task<()>> = (0..4)
            .map(|taker| {
                go!(|c, taken, never| {
                    loop {
                        // What is taken is noted in the same poll, so a cancelled taker loses none.
                        let value = alt! {
                            value = take!(c) => value,
                            value = take!(never) => value,
                            sleep!(3ms), if taker == 0 => continue,
                        };
                        let Some(value) = value else { break };
                        taken.try_put(value).unwrap();
                        if value % 5 == 0 {
                            sleep!(1ms);
                        }
                    }
                })
            })
            .collect();
        let cancelled: Vec<Task<()>> = (0..50)
            .map(|n| {
                go!(|c, taken| {
                    sleep!(std::time::Duration::from_millis(n));
                    while let Some(value) = take!(c) {
                        taken.try_put(value).unwrap();
                    }
                })
            })
            .collect();
        for task in cancelled {
            sleep!(1ms);
            task.cancel().await;
        }
        await!(each putters);
        c.close();
        await!(each takers);
    }));
    let mut seen = BTreeSet::new();
    while let Ok(value) = taken.try_take() {
        assert!(seen.insert(value), "{value} was taken twice");
    }
    let seen = u64::try_from(seen.len()).unwrap();
    assert_eq!(
        seen + back.load(Ordering::Relaxed) + c.discarded(),
        PUTTERS * EACH,
        "{c:?}"
    );
    assert_eq!(
        (c.len(), c.waiting()),
        (0, chan::Waiting::default()),
        "{c:?}"
    );
}

macro_rules! conserves {
    ($($name:ident: $make:expr;)+) => { $(
        mod $name {
            use super::*;

            // N4
            #[test]
            fn in_virtual_time() {
                every_value_is_accounted_for(&$make, &Scheduler::virtual_time());
            }

            // N4, on every worker at once
            #[test]
            fn on_all_workers() {
                every_value_is_accounted_for(&$make, &Scheduler::global());
            }
        }
    )+ };
}

conserves! {
    rendezvous: chan::fixed(0);
    fixed: chan::fixed(3);
    unbounded: chan();
    dropping: chan::dropping(2);
    sliding: chan::sliding(2);
}
