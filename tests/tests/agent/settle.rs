//! Waiting for everything sent so far.

use async_dsl::agent::{AgentError, Settled};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::task::join;
use async_dsl::time;

use crate::MS;

#[async_dsl::test]
async fn an_action_that_waits_for_its_own_agent_is_told_so() {
    let agent = agent(0);
    let own = agent.clone();
    let (hand_over, given_in) = promise::<Settled<i32>>();
    send!(agent, |n| {
        let error = own.settled().await.unwrap_err();
        assert!(
            matches!(error, AgentError::WaitsForItself { .. }),
            "{error}"
        );
        let outside = given_in.await.unwrap();
        let error = outside.await.unwrap_err();
        assert!(
            error.to_string().contains("waits for its own agent"),
            "{error}"
        );
        n + 1
    })
    .unwrap();
    hand_over.deliver(agent.settled());
    agent.settled().await.unwrap();
    assert_eq!(agent.get().unwrap(), 1);
}

#[async_dsl::test]
async fn settling_is_about_what_was_sent_before() {
    let agent = agent(0);
    let send = || {
        send!(agent, |n| {
            sleep!(100ms);
            n + 1
        })
        .unwrap();
    };
    send();
    let first = agent.settled();
    send();
    let second = agent.settled();
    drop(agent.settled());
    let start = time::now();
    first.await.unwrap();
    assert_eq!(time::now() - start, 100 * MS);
    second.await.unwrap();
    assert_eq!(time::now() - start, 200 * MS);
    agent.settled().await.unwrap();
}

#[async_dsl::test]
async fn waits_end_as_their_own_actions_did() {
    let agent = agent(0);
    send!(agent, |n| { n + 1 }).unwrap();
    let before = agent.settled();
    send!(agent, |_| -> Result<i32, &'static str> { Err("first") }).unwrap();
    let failed = agent.settled();
    send!(agent, |n| { n + 1 }).unwrap();
    let behind = agent.settled();
    let parked = go!(|agent| { agent.settled().await });
    assert!(parked.await.is_err());
    // Not polled before the restart: the answer is still that of then.
    assert!(agent.restart(1));
    agent.settled().await.unwrap();
    assert!(before.await.is_ok());
    for told in [failed, behind] {
        let error = told.await.unwrap_err().to_string();
        assert!(error.contains("first"), "{error}");
    }
}

#[async_dsl::test]
async fn a_cancelled_wait_loses_nothing() {
    let agent = agent(0);
    send!(agent, |n| {
        sleep!(100ms);
        n + 1
    })
    .unwrap();
    let early = timeout!(10ms, { agent.settled().await });
    assert!(early.is_err());
    let (first, second) = join((agent.settled(), agent.settled())).await;
    assert!(first.is_ok() && second.is_ok());
}

// Waits that are cancelled at any moment, among them that at which the agent settles, take nothing from the others.
#[async_dsl::test]
async fn waits_cancelled_at_any_moment_take_nothing_from_the_others() {
    let (agent, steps) = (agent(0), chan());
    let sender = go!(|agent, steps| {
        for n in 1..=2 {
            let steps = steps.clone();
            send!(agent, |m| {
                put!(steps, 10 * n).unwrap();
                m + n
            })
            .unwrap();
        }
    });
    sender.await;
    let waits = [(); 4].map(|()| go!(|agent| { agent.settled().await.map(|()| agent.get()) }));
    let [first, second, ..] = waits.each_ref().map(Task::canceller);
    go!(|steps| {
        for canceller in [first, second] {
            put!(steps, 0).unwrap();
            canceller.cancel();
        }
    });
    let mut told = Vec::new();
    for wait in waits {
        told.push(
            wait.outcome()
                .await
                .ok()
                .map(|settled| settled.unwrap().unwrap()),
        );
    }
    assert!(told[..2].iter().flatten().all(|state| *state == 3));
    assert_eq!(told[2..], [Some(3); 2]);
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
