//! One at a time, in order, on the pool, within the limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::agent::SendError;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::join_each;
use async_dsl::task::yield_now;
use async_dsl::time;

use crate::{MS, on};

// S3
#[test]
fn the_state_is_there_at_once() {
    let agent = agent(vec![1, 2, 3]);
    assert_eq!(agent.get().unwrap(), [1, 2, 3]);
    assert_eq!(agent.with(Vec::len).unwrap(), 3);
    assert!(agent.is_idle());
}

// S4
#[async_dsl::test]
async fn an_action_gives_the_new_state() {
    let agent = agent(3);
    send!(agent, |n| { n + 1 }).unwrap();
    assert_eq!(
        (agent.get().unwrap(), agent.queued(), agent.is_idle()),
        (3, 1, false)
    );
    agent.settled().await.unwrap();
    assert_eq!(
        (agent.get().unwrap(), agent.queued(), agent.is_idle()),
        (4, 0, true)
    );
}

// S6
#[async_dsl::test]
async fn actions_run_in_the_order_they_were_sent() {
    let agent = agent(0);
    let start = time::now();
    send!(agent, |n| {
        sleep!(100ms);
        n + 1
    })
    .unwrap();
    send!(agent, |n| { n * 2 }).unwrap();
    agent.settled().await.unwrap();
    assert_eq!(agent.get().unwrap(), 2);
    assert_eq!(time::now() - start, 100 * MS);
}

// S6: of each sender, however many there are
#[async_dsl::test(seeds = 500)]
async fn actions_run_one_at_a_time_in_the_order_each_sender_sent_them() {
    let log = agent(Vec::new());
    let senders = [0, 10, 20].map(|first| {
        go!(|log| {
            for number in first..first + 3 {
                send!(log, |mut log| {
                    log.push(number);
                    yield_now!();
                    log.push(number);
                    log
                })
                .unwrap();
                if number % 2 == 0 {
                    log.settled().await.unwrap();
                    assert!(log.get().unwrap().contains(&number), "it has settled");
                }
            }
        })
    });
    for sender in senders {
        sender.await;
    }
    log.settled().await.unwrap();
    let log = log.get().unwrap();
    assert_eq!(log.len(), 18);
    assert!(
        log.chunks(2).all(|pair| pair[0] == pair[1]),
        "one at a time: {log:?}"
    );
    for first in [0, 10, 20] {
        let own = log
            .iter()
            .filter(|number| (first..first + 3).contains(*number));
        let expected = (first..first + 3).flat_map(|number| [number, number]);
        assert!(own.copied().eq(expected), "{log:?}");
    }
}

// S7
#[async_dsl::test]
async fn agents_do_not_delay_each_other() {
    let (slow, quick) = (agent(0), agent(0));
    let start = time::now();
    send!(slow, |n| {
        sleep!(100ms);
        n + 1
    })
    .unwrap();
    send!(quick, |n| { n + 1 }).unwrap();
    quick.settled().await.unwrap();
    assert_eq!(time::now(), start);
    assert_eq!((slow.get().unwrap(), quick.get().unwrap()), (0, 1));
    slow.settled().await.unwrap();
    assert_eq!(slow.get().unwrap(), 1);
}

// A8
#[async_dsl::test]
async fn the_limit_counts_unfinished_actions() {
    let agent = agent(0).limit(2);
    let (resolver, promise) = promise();
    let own = agent.clone();
    send!(agent, |n| {
        // The running action and one more: none besides.
        send!(own, |n| { n + 1 }).unwrap();
        let full = send!(own, |n| { n + 1 }).unwrap_err();
        assert!(matches!(full, SendError::Full { limit: 2 }), "{full}");
        promise.await.unwrap();
        n + 1
    })
    .unwrap();
    sleep!(1ms);
    let full = send!(agent, |n| { n }).unwrap_err();
    assert_eq!(
        full.to_string(),
        "the agent already has 2 unfinished actions"
    );
    resolver.deliver(());
    sleep!(1ms);
    assert_eq!(agent.get().unwrap(), 2);
    assert!(agent.is_idle());
    // All places are free again.
    send!(agent, |n| { n + 1 }).unwrap();
    send!(agent, |n| { n + 1 }).unwrap();
    send!(agent, |n| { n }).unwrap_err();
    agent.settled().await.unwrap();
    assert_eq!(agent.get().unwrap(), 4);
}

// A8
#[async_dsl::test]
async fn senders_that_race_for_the_limit_are_refused_or_served() {
    let (agent, steps) = (agent(0).limit(2), chan());
    let unfinished = Arc::new(AtomicUsize::new(0));
    let senders = [1, 2, 3].map(|sender| {
        go!(|agent, steps, unfinished| {
            let mut served = 0;
            for _ in 0..3 {
                put!(steps, sender).unwrap();
                let running = unfinished.clone();
                let sent = send!(agent, |n| {
                    yield_now!();
                    running.fetch_sub(1, Ordering::Relaxed);
                    n + 1
                });
                match sent {
                    Ok(()) => {
                        served += 1;
                        assert!(unfinished.fetch_add(1, Ordering::Relaxed) < 2);
                    }
                    Err(full) => {
                        assert!(matches!(full, SendError::Full { limit: 2 }), "{full}");
                        assert!(!agent.is_idle());
                    }
                }
            }
            served
        })
    });
    let mut served = 0;
    for sender in senders {
        served += sender.await;
    }
    agent.settled().await.unwrap();
    assert!((2..=9).contains(&served));
    assert_eq!(agent.get().unwrap(), served);
}

#[test]
#[should_panic(expected = "an agent's limit must be at least 1")]
fn a_limit_of_0_is_refused() {
    let _agent = agent(0).limit(0);
}

// Driven by hand: the scheduler's tasks are counted.
#[test]
fn a_runner_exists_only_while_there_is_work() {
    let scheduler = Scheduler::manual();
    let agents: Vec<_> = (0..100).map(agent).collect();
    assert_eq!(scheduler.task_count(), 0);
    for agent in &agents {
        on(&scheduler, || agent.send(|n| async move { n + 1 })).unwrap();
    }
    assert_eq!(scheduler.task_count(), 100);
    scheduler.run_until_parked();
    assert_eq!(scheduler.task_count(), 0);
}

#[async_dsl::test]
async fn an_agent_nobody_holds_still_does_what_it_was_sent() {
    let (resolver, promise) = promise();
    let held = agent(1);
    go!({
        send!(held, |n| { n + 1 }).unwrap();
        send!(held, |n| {
            resolver.deliver(n);
            n
        })
        .unwrap();
    });
    assert_eq!(promise.await.unwrap(), 2);
}

// Driven by hand, because it is the budget that lets the other task run.
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
