//! What is allocated for what: counted on the thread that does it all.

use std::hint::black_box;

use allocation_counter::measure;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

const TIMES: u64 = 1000;

/// What the program allocates beyond an empty one. It is run once before, for what is made only once, such as tables.
fn allocated<F: Future<Output = ()>>(program: impl Fn() -> F) -> u64 {
    let scheduler = Scheduler::manual();
    scheduler.block_on(program());
    let empty = measure(|| scheduler.block_on(async {})).count_total;
    measure(|| scheduler.block_on(program())).count_total - empty
}

#[test]
fn an_action_is_one_allocation() {
    let counted = allocated(|| {
        async_block!({
            let total = agent(0_u64);
            for n in 0..TIMES {
                send!(total, |sum| sum + n).unwrap();
            }
            total.settled().await.unwrap();
            assert_eq!(total.get().unwrap(), TIMES * (TIMES - 1) / 2);
        })
    });
    // The agent, the task that runs them, and the queue, which grows by doubling.
    let once = 30;
    assert!((TIMES..TIMES + once).contains(&counted), "{counted}");
}

#[test]
fn an_action_that_parks_is_one_allocation() {
    let counted = allocated(|| {
        async_block!({
            let total = agent(0_u64);
            for n in 0..TIMES {
                send!(total, |sum| {
                    yield_now!();
                    sum + n
                })
                .unwrap();
            }
            total.settled().await.unwrap();
        })
    });
    let once = 30;
    assert!((TIMES..TIMES + once).contains(&counted), "{counted}");
}

#[test]
fn a_promise_is_one_allocation() {
    let counted = allocated(|| {
        async_block!({
            for n in 0..TIMES {
                let (resolver, promise) = promise();
                resolver.deliver(n);
                black_box(promise.await.unwrap());
            }
        })
    });
    assert_eq!(counted, TIMES);
}

#[test]
fn the_first_who_waits_for_a_promise_allocates_nothing() {
    let counted = allocated(|| {
        async_block!({
            for n in 0..TIMES {
                let (resolver, promise) = promise();
                let delivered = async_block!({
                    yield_now!();
                    resolver.deliver(n);
                });
                black_box(join!(promise, delivered).0.unwrap());
            }
        })
    });
    assert_eq!(counted, TIMES);
}
