//! Waiting for everything sent so far.

use std::sync::{Arc, Mutex};

use async_dsl::agent::{AgentError, agent};
use async_dsl::ops::join::join;
use async_dsl::ops::timeout::timeout;
use async_dsl::scheduler::Scheduler;
use async_dsl::time::sleep;

use crate::{MS, on, settle};

#[test]
fn an_action_that_waits_for_its_own_agent_is_told_so() {
    let scheduler = Scheduler::manual();
    let agent = agent(0);
    let own = agent.clone();
    let given_in = Arc::new(Mutex::new(Some(None)));
    let outside = Arc::clone(&given_in);
    on(&scheduler, || {
        agent.send(move |n| async move {
            let error = own.settled().await.unwrap_err();
            assert!(
                matches!(error, AgentError::WaitsForItself { .. }),
                "{error}"
            );
            let outside = outside.lock().unwrap().take().flatten();
            let wait: async_dsl::agent::Settled<i32> = outside.unwrap();
            let error = wait.await.unwrap_err();
            assert!(
                error.to_string().contains("waits for its own agent"),
                "{error}"
            );
            n + 1
        })
    })
    .unwrap();
    *given_in.lock().unwrap() = Some(Some(agent.settled()));
    settle(&scheduler, &agent).unwrap();
    assert_eq!(agent.get().unwrap(), 1);
}

#[test]
fn settling_is_about_what_was_sent_before() {
    let scheduler = Scheduler::virtual_time();
    let agent = agent(0);
    let nap = |n| async move {
        sleep(100 * MS).await;
        n + 1
    };
    let send = || on(&scheduler, || agent.send(nap)).unwrap();
    send();
    let first = agent.settled();
    send();
    let second = agent.settled();
    drop(agent.settled());
    let start = scheduler.now();
    scheduler.block_on(first).unwrap();
    assert_eq!(scheduler.now() - start, 100 * MS);
    scheduler.block_on(second).unwrap();
    assert_eq!(scheduler.now() - start, 200 * MS);
    settle(&scheduler, &agent).unwrap();
}

#[test]
fn waits_end_as_their_own_actions_did() {
    let scheduler = Scheduler::manual();
    let agent = agent(0);
    on(&scheduler, || agent.send(|n| async move { n + 1 })).unwrap();
    let before = agent.settled();
    on(&scheduler, || agent.send_as(|_| async { Err("first") })).unwrap();
    let failed = agent.settled();
    on(&scheduler, || agent.send(|n| async move { n + 1 })).unwrap();
    let behind = agent.settled();
    let parked = scheduler.spawn(agent.settled());
    scheduler.run_until_parked();
    assert!(scheduler.block_on(parked).is_err());
    // Not polled before the restart: the answer is still that of then.
    assert!(on(&scheduler, || agent.restart(1)));
    settle(&scheduler, &agent).unwrap();
    assert!(scheduler.block_on(before).is_ok());
    for told in [failed, behind] {
        let error = scheduler.block_on(told).unwrap_err().to_string();
        assert!(error.contains("first"), "{error}");
    }
}

#[test]
fn a_cancelled_wait_loses_nothing() {
    let scheduler = Scheduler::virtual_time();
    let agent = agent(0);
    let nap = |n| async move {
        sleep(100 * MS).await;
        n + 1
    };
    on(&scheduler, || agent.send(nap)).unwrap();
    let waits = async {
        let early = timeout(10 * MS, agent.settled()).await.is_err();
        (early, join((agent.settled(), agent.settled())).await)
    };
    let (early, (first, second)) = scheduler.block_on(waits);
    assert!(early && first.is_ok() && second.is_ok());
}

#[test]
fn blocking_waits_for_agents_stay_outside_tasks() {
    let agent = agent(1);
    agent.send(|n| async move { n + 1 }).unwrap();
    agent.settled_blocking().unwrap();
    assert_eq!(agent.get().unwrap(), 2);
    let scheduler = Scheduler::manual();
    let task = scheduler.spawn(async move { agent.settled_blocking() });
    let error = scheduler.block_on(task.outcome()).unwrap_err().to_string();
    assert!(error.contains("Agent::settled_blocking"), "{error}");
}
