//! Taking the states of an agent.

use async_dsl::prelude::*;

#[async_dsl::test]
async fn a_watcher_sees_the_latest_state() {
    let agent = agent(0);
    let (states, dropped) = (agent.watch(), agent.watch());
    let add = |n| send!(agent, |m| { m + n }).unwrap();
    assert!(states.try_take().is_err());
    add(1);
    agent.settled().await.unwrap();
    assert_eq!(states.try_take(), Ok(1));
    drop(dropped);
    add(1);
    add(1);
    agent.settled().await.unwrap();
    assert_eq!(
        (states.try_take(), states.try_take().is_err()),
        (Ok(3), true)
    );
    assert_eq!(states.discarded(), 1);

    send!(agent, |_| -> Result<i32, &'static str> { Err("no") }).unwrap();
    agent.settled().await.unwrap_err();
    assert!(states.try_take().is_err());
    assert!(!states.is_closed());
    assert!(agent.restart(42));
    assert_eq!(states.try_take(), Ok(42));
    drop(agent);
    assert_eq!(take!(states), None);
}

#[async_dsl::test]
async fn a_parked_watcher_is_woken_and_told_of_the_end() {
    let agent = agent(0);
    let states = agent.watch();
    let watcher = go!({
        let mut seen = Vec::new();
        while let Some(state) = take!(states) {
            seen.push(state);
        }
        seen
    });
    sleep!(1ms);
    for _ in 0..3 {
        send!(agent, |n| { n + 1 }).unwrap();
        sleep!(1ms);
    }
    drop(agent);
    assert_eq!(watcher.await, [1, 2, 3]);
}

#[async_dsl::test]
async fn a_watcher_misses_only_what_was_replaced_before_it_looked() {
    let (agent, steps) = (agent(0), chan());
    let watchers = [(); 2].map(|()| {
        let states = agent.watch();
        go!({
            let mut seen = Vec::new();
            while let Some(state) = take!(states) {
                seen.push(state);
            }
            (seen, states.discarded())
        })
    });
    // One that goes at any moment.
    let passing = agent.watch();
    go!(|steps| {
        put!(steps, 0).unwrap();
        drop((take!(passing, 0ms, 0), passing));
    });
    let senders = [1, 2].map(|sender| {
        go!(|agent, steps| {
            for _ in 0..2 {
                send!(agent, |n| { n + 1 }).unwrap();
                put!(steps, sender).unwrap();
            }
        })
    });
    drop(agent);
    for sender in senders {
        sender.await;
    }
    for watcher in watchers {
        let (seen, discarded) = watcher.await;
        assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
        assert_eq!(seen.last(), Some(&4));
        assert_eq!(seen.len() as u64 + discarded, 4, "{seen:?}");
    }
}
