//! Taking the states of an agent.

use async_dsl::agent::agent;
use async_dsl::scheduler::Scheduler;

use crate::{on, settle};

#[test]
fn a_watcher_sees_the_latest_state() {
    let scheduler = Scheduler::manual();
    let agent = agent(0);
    let (states, dropped) = (agent.watch(), agent.watch());
    let add = |n| on(&scheduler, || agent.send(move |m| async move { m + n })).unwrap();
    assert!(states.try_take().is_err());
    add(1);
    settle(&scheduler, &agent).unwrap();
    assert_eq!(states.try_take(), Ok(1));
    drop(dropped);
    add(1);
    add(1);
    settle(&scheduler, &agent).unwrap();
    assert_eq!(
        (states.try_take(), states.try_take().is_err()),
        (Ok(3), true)
    );
    assert_eq!(states.discarded(), 1);

    on(&scheduler, || agent.send_as(|_| async { Err("no") })).unwrap();
    settle(&scheduler, &agent).unwrap_err();
    assert!(states.try_take().is_err());
    assert!(!states.is_closed());
    assert!(on(&scheduler, || agent.restart(42)));
    assert_eq!(states.try_take(), Ok(42));
    drop(agent);
    assert_eq!(scheduler.block_on(states.take()), None);
}

#[test]
fn a_parked_watcher_is_woken_and_told_of_the_end() {
    let scheduler = Scheduler::manual();
    let agent = agent(0);
    let states = agent.watch();
    let watcher = scheduler.spawn(async move {
        let mut seen = Vec::new();
        while let Some(state) = states.take().await {
            seen.push(state);
        }
        seen
    });
    scheduler.run_until_parked();
    for _ in 0..3 {
        on(&scheduler, || agent.send(|n| async move { n + 1 })).unwrap();
        settle(&scheduler, &agent).unwrap();
        scheduler.run_until_parked();
    }
    drop(agent);
    assert_eq!(scheduler.block_on(watcher), [1, 2, 3]);
}
