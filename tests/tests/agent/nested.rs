//! What actions send is held until they have succeeded.

use std::future::pending;
use std::sync::Arc;

use async_dsl::agent::{ErrorMode, agent};
use async_dsl::ops::yield_now::yield_now;
use async_dsl::promise::promise;
use async_dsl::scheduler::Scheduler;

use crate::{on, settle};

#[test]
fn what_an_action_sends_is_held_until_it_has_succeeded() {
    let scheduler = Scheduler::manual();
    let (log, outer) = (agent(Vec::new()), agent(0));
    let (resolver, promise) = promise();
    let (sink, again) = (log.clone(), outer.clone());
    on(&scheduler, || {
        outer.send(move |n| async move {
            for word in ["one", "two"] {
                let append = move |mut log: Vec<_>| async move {
                    log.push(word);
                    log
                };
                sink.send(append).unwrap();
            }
            again.send(|n| async move { n + 10 }).unwrap();
            promise.await.unwrap();
            n + 1
        })
    })
    .unwrap();
    scheduler.run_until_parked();
    assert!(log.is_idle());
    assert_eq!(log.get().unwrap(), Vec::<&str>::new());
    resolver.deliver(());
    settle(&scheduler, &outer).unwrap();
    scheduler.run_until_parked();
    assert_eq!(log.get().unwrap(), ["one", "two"]);
    assert_eq!(outer.get().unwrap(), 11);
}

#[test]
fn what_a_failed_action_sent_is_dropped() {
    let scheduler = Scheduler::manual();
    let (log, outer) = (agent(0).limit(1), agent(0).error_mode(ErrorMode::Continue));
    let counted = Arc::new(());
    for fails in ["error", "panic"] {
        let (sink, again, held) = (log.clone(), outer.clone(), Arc::clone(&counted));
        let action = move |_| async move {
            sink.send(move |n| async move { n + usize::from(Arc::strong_count(&held) > 0) })
                .unwrap();
            again.send(|n| async move { n + 1 }).unwrap();
            yield_now().await;
            assert!(fails != "panic", "on purpose");
            Err("on purpose")
        };
        on(&scheduler, || outer.send_as(action)).unwrap();
        settle(&scheduler, &outer).unwrap();
        scheduler.run_until_parked();
        assert_eq!((log.get().unwrap(), outer.get().unwrap()), (0, 0));
        assert_eq!(Arc::strong_count(&counted), 1);
    }
    // The place that was kept for it is free again.
    on(&scheduler, || log.send(|n| async move { n + 5 })).unwrap();
    settle(&scheduler, &log).unwrap();
    assert_eq!(log.get().unwrap(), 5);
}

#[test]
fn what_the_tasks_of_an_action_send_is_not_held() {
    let scheduler = Scheduler::manual();
    let (log, outer) = (agent(0), agent(0));
    let (inner, sink) = (scheduler.clone(), log.clone());
    let action = move |n| async move {
        let sender = async move { sink.send(|n| async move { n + 1 }).unwrap() };
        inner.spawn(sender).detach();
        pending::<()>().await;
        n
    };
    on(&scheduler, || outer.send(action)).unwrap();
    scheduler.run_until_parked();
    assert_eq!(log.get().unwrap(), 1);
    assert!(!outer.is_idle());
}
