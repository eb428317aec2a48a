//! One at a time, in order, on the pool, within the limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::agent::{Agent, SendError, agent};
use async_dsl::ops::join::join_each;
use async_dsl::ops::yield_now::yield_now;
use async_dsl::promise::promise;
use async_dsl::scheduler::Scheduler;
use async_dsl::time::sleep;

use crate::{MS, on, settle};

// S3
#[test]
fn the_state_is_there_at_once() {
    let agent = agent(vec![1, 2, 3]);
    assert_eq!(agent.get().unwrap(), [1, 2, 3]);
    assert_eq!(agent.with(Vec::len).unwrap(), 3);
    assert!(agent.is_idle());
}

// S4
#[test]
fn an_action_gives_the_new_state() {
    let scheduler = Scheduler::manual();
    let agent = agent(3);
    on(&scheduler, || agent.send(|n| async move { n + 1 })).unwrap();
    assert_eq!(
        (agent.get().unwrap(), agent.queued(), agent.is_idle()),
        (3, 1, false)
    );
    settle(&scheduler, &agent).unwrap();
    assert_eq!(
        (agent.get().unwrap(), agent.queued(), agent.is_idle()),
        (4, 0, true)
    );
}

// S6
#[test]
fn actions_run_in_the_order_they_were_sent() {
    let scheduler = Scheduler::virtual_time();
    let agent = agent(0);
    on(&scheduler, || {
        agent.send(|n| async move {
            sleep(100 * MS).await;
            n + 1
        })?;
        agent.send(|n| async move { n * 2 })
    })
    .unwrap();
    let start = scheduler.now();
    settle(&scheduler, &agent).unwrap();
    assert_eq!(agent.get().unwrap(), 2);
    assert_eq!(scheduler.now() - start, 100 * MS);
}

// S7
#[test]
fn agents_do_not_delay_each_other() {
    let scheduler = Scheduler::virtual_time();
    let (slow, quick) = (agent(0), agent(0));
    on(&scheduler, || {
        slow.send(|n| async move {
            sleep(100 * MS).await;
            n + 1
        })?;
        quick.send(|n| async move { n + 1 })
    })
    .unwrap();
    settle(&scheduler, &quick).unwrap();
    assert_eq!((slow.get().unwrap(), quick.get().unwrap()), (0, 1));
    settle(&scheduler, &slow).unwrap();
    assert_eq!(slow.get().unwrap(), 1);
}

// A8
#[test]
fn the_limit_counts_unfinished_actions() {
    let scheduler = Scheduler::manual();
    let agent = agent(0).limit(2);
    let (resolver, promise) = promise();
    let (own, other) = (agent.clone(), agent.clone());
    let first = move |n: i32| async move {
        // The running action and one more: none besides.
        own.send(|n| async move { n + 1 }).unwrap();
        let full = own.send(|n| async move { n + 1 }).unwrap_err();
        assert!(matches!(full, SendError::Full { limit: 2 }), "{full}");
        promise.await.unwrap();
        n + 1
    };
    on(&scheduler, || other.send(first)).unwrap();
    scheduler.run_until_parked();
    let full = on(&scheduler, || agent.send(|n| async move { n })).unwrap_err();
    assert_eq!(
        full.to_string(),
        "the agent already has 2 unfinished actions"
    );
    resolver.deliver(());
    scheduler.run_until_parked();
    assert_eq!(agent.get().unwrap(), 2);
    assert!(agent.is_idle());
}

#[test]
#[should_panic(expected = "an agent's limit must be at least 1")]
fn a_limit_of_0_is_refused() {
    let _agent = agent(0).limit(0);
}

#[test]
fn a_runner_exists_only_while_there_is_work() {
    let scheduler = Scheduler::manual();
    let agents: Vec<_> = (0..100).map(agent).collect();
    assert_eq!(scheduler.tasks(), 0);
    for agent in &agents {
        on(&scheduler, || agent.send(|n| async move { n + 1 })).unwrap();
    }
    assert_eq!(scheduler.tasks(), 100);
    scheduler.run_until_parked();
    assert_eq!(scheduler.tasks(), 0);
}

#[test]
fn an_agent_nobody_holds_still_does_what_it_was_sent() {
    let scheduler = Scheduler::manual();
    let (resolver, promise) = promise();
    let held = agent(1);
    on(&scheduler, || {
        held.send(|n| async move { n + 1 })?;
        held.send(move |n| async move {
            resolver.deliver(n);
            n
        })
    })
    .unwrap();
    drop(held);
    assert_eq!(scheduler.block_on(promise).unwrap(), 2);
}

#[test]
fn actions_that_never_park_let_other_tasks_run() {
    let scheduler = Scheduler::manual();
    let agent = agent(0);
    let (stop, told) = (Arc::new(AtomicUsize::new(0)), agent.clone());
    fn again(n: usize, stop: Arc<AtomicUsize>, own: &Agent<usize>) -> usize {
        if stop.load(Ordering::Relaxed) == 0 {
            let next = own.clone();
            own.send(move |n| async move { again(n, stop, &next) })
                .unwrap();
        }
        n + 1
    }
    let stopper = Arc::clone(&stop);
    on(&scheduler, || {
        agent.send(move |n| async move { again(n, stop, &told) })
    })
    .unwrap();
    let other = scheduler.spawn(async move { stopper.store(1, Ordering::Relaxed) });
    scheduler.run_until_parked();
    assert!(other.is_finished());
    assert!(agent.get().unwrap() > 1);
}

#[test]
fn many_threads_send_and_nothing_is_lost() {
    const SENDERS: usize = 50;
    const EACH: usize = 100;
    let counters: Vec<_> = (0..4).map(|_| agent(0_usize)).collect();
    let senders = (0..SENDERS).map(|sender| {
        let counters = counters.clone();
        Scheduler::global().spawn(async move {
            for turn in 0..EACH {
                let counter = &counters[(sender + turn) % counters.len()];
                counter
                    .send(move |n| async move {
                        if turn % 3 == 0 {
                            yield_now().await;
                        }
                        n + 1
                    })
                    .unwrap();
                if turn % 10 == 0 {
                    counter.settled().await.unwrap();
                }
            }
        })
    });
    async_dsl::block_on(join_each(senders));
    let mut sum = 0;
    for counter in &counters {
        counter.settled_blocking().unwrap();
        sum += counter.get().unwrap();
    }
    assert_eq!(sum, SENDERS * EACH);
}
