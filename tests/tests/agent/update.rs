//! `update!`: the state changes in place.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::agent::{AgentError, ErrorMode};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// Counts how often it was cloned.
#[derive(Debug, Default)]
struct Counted {
    clones: Arc<AtomicUsize>,
    values: Vec<u32>,
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.clones.fetch_add(1, Ordering::Relaxed);
        Self {
            clones: Arc::clone(&self.clones),
            values: self.values.clone(),
        }
    }
}

#[async_dsl::test]
async fn it_changes_the_state_in_place_without_a_clone() {
    let state = Counted::default();
    let clones = Arc::clone(&state.clones);
    let list = agent(state);
    for n in 0..100 {
        update!(list, |list| { list.values.push(n) }).unwrap();
    }
    list.settled().await.unwrap();
    assert_eq!(clones.load(Ordering::Relaxed), 0);
    let values = list.with(|list| list.values.clone()).unwrap();
    assert_eq!(values, (0..100).collect::<Vec<_>>());
}

#[async_dsl::test]
async fn it_parks_and_keeps_its_turn_between_sends() {
    let words = agent(HashMap::<&str, u32>::new());
    let (goes_on, go_on) = chan::fixed::<u32>(1).split();
    send!(words, |mut words| {
        words.insert("sent", 1);
        words
    })
    .unwrap();
    update!(words, |words| {
        words.insert("before", words["sent"]);
        if let Some(n) = take!(go_on) {
            words.insert("after", n);
        }
    })
    .unwrap();
    let seen = words.watch();
    send!(words, |mut words| {
        words.insert("last", 3);
        words
    })
    .unwrap();
    let waits = go!(|words| words.settled().await);
    sleep!(1ms);
    // It has the state in its hands.
    let sent_at = match words.get() {
        Err(AgentError::Updating { sent_at }) => sent_at,
        other => panic!("{other:?}"),
    };
    assert!(sent_at.file().ends_with("update.rs"));
    assert!(words.error().is_none());
    let text = words.with(HashMap::len).unwrap_err().to_string();
    assert!(text.contains("wait until the agent has settled"), "{text}");
    put!(goes_on, 2).unwrap();
    waits.await.unwrap();
    let words = words.get().unwrap();
    assert_eq!((words["before"], words["after"], words["last"]), (1, 2, 3));
    assert!(take!(seen).is_some());
}

#[async_dsl::test]
async fn who_looks_at_the_state_keeps_what_it_sees() {
    let list = agent(vec![1]);
    let before = list.get().unwrap();
    list.with(|seen| {
        update!(list, |list| { list.push(2) }).unwrap();
        assert_eq!(*seen, [1]);
    })
    .unwrap();
    list.settled().await.unwrap();
    assert_eq!((before, list.get().unwrap()), (vec![1], vec![1, 2]));
}

#[async_dsl::test]
async fn a_panic_stops_the_agent_with_the_state_as_it_is() {
    for mode in [ErrorMode::Fail, ErrorMode::Continue] {
        let list = agent(vec![1]).error_mode(mode);
        update!(list, |list| {
            list.push(2);
            sleep!(1ms);
            assert!(list.is_empty(), "half of something");
        })
        .unwrap();
        send!(list, |mut list| {
            list.push(3);
            list
        })
        .unwrap();
        let error = list.settled().await.unwrap_err();
        assert!(error.to_string().contains("half of something"), "{error}");
        assert!(matches!(list.get(), Err(AgentError::Panicked { .. })));
        assert_eq!(list.last_good(), [1, 2]);
        assert_eq!(list.queued(), 1);
        assert!(list.restart(vec![0]));
        list.settled().await.unwrap();
        assert_eq!(list.get().unwrap(), [0, 3]);
    }
}

#[async_dsl::test]
async fn an_error_is_treated_as_the_mode_says_and_the_state_stays_as_it_was_left() {
    let list = agent(vec![1]).error_mode(ErrorMode::Continue);
    update!(list, |list| -> Result<(), &'static str> {
        list.push(2);
        Err("no more")
    })
    .unwrap();
    update!(list, |list| { list.push(3) }).unwrap();
    list.settled().await.unwrap();
    assert_eq!(list.get().unwrap(), [1, 2, 3]);

    let list = agent(vec![1]);
    update!(list, |list| -> Result<(), &'static str> {
        list.push(2);
        Err("no more")
    })
    .unwrap();
    assert!(matches!(
        list.settled().await,
        Err(AgentError::Failed { .. })
    ));
    assert_eq!(list.last_good(), [1, 2]);
}

#[test]
fn a_shutdown_half_way_stops_the_agent_with_the_state_as_it_is() {
    let scheduler = Scheduler::manual();
    let list = agent(vec![1]);
    scheduler.enter(|| {
        update!(list, |list| {
            list.push(2);
            std::future::pending::<()>().await;
            list.push(3);
        })
        .unwrap();
    });
    scheduler.run_until_parked();
    assert!(matches!(list.get(), Err(AgentError::Updating { .. })));
    drop(scheduler);
    assert!(matches!(list.get(), Err(AgentError::Stopped)));
    assert_eq!(list.last_good(), [1, 2]);
}

#[test]
fn a_shutdown_before_it_has_begun_loses_no_state() {
    let scheduler = Scheduler::manual();
    let list = agent(vec![1]);
    scheduler.enter(|| update!(list, |list| { list.push(2) }).unwrap());
    drop(scheduler);
    assert!(matches!(list.get(), Err(AgentError::Stopped)));
    assert_eq!(list.last_good(), [1]);
}

#[async_dsl::test]
async fn what_it_sends_is_held_until_it_has_succeeded() {
    let (from, to) = (agent(vec![1, 2]), agent(Vec::new()));
    let other = to.clone();
    update!(from, |from| {
        let moved = from.pop();
        update!(other, |to| { to.extend(moved) }).unwrap();
        sleep!(1ms);
        assert!(other.is_idle());
    })
    .unwrap();
    from.settled().await.unwrap();
    to.settled().await.unwrap();
    assert_eq!((from.get().unwrap(), to.get().unwrap()), (vec![1], vec![2]));
}
