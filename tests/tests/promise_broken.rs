//! Broken promises: who is told, and why.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::promise::SharedResolver;
use async_dsl::task::TaskError;

// S31, X8
#[async_dsl::test]
async fn a_panicking_task_breaks_its_promise_with_its_message() {
    let (resolver, promise) = promise::<u32>();
    let task = go!({
        let _resolver = resolver;
        panic!("no more fuel");
    });
    let line = task.started_at();
    let broken = promise.await.unwrap_err();
    assert_eq!(broken.panic_message(), Some("no more fuel"));
    assert_eq!(broken.task(), Some(line));
    assert!(broken.to_string().contains("no more fuel"), "{broken}");
    assert!(broken.to_string().contains(&line.to_string()), "{broken}");
    let Err(TaskError::Panicked(panic)) = task.outcome().await else {
        panic!("the task did not panic")
    };
    assert_eq!(panic.message(), "no more fuel");
}

// X8
#[async_dsl::test]
async fn a_parked_awaiter_is_told_of_the_panic() {
    let (resolver, promise) = promise::<u32>();
    let waiter = go!({ promise.await });
    let task = go!({
        sleep!(1ms);
        await!(async { resolver }, async { panic!("mid-way") });
    });
    let broken = waiter.await.unwrap_err();
    assert_eq!(broken.panic_message(), Some("mid-way"));
    assert!(task.outcome().await.is_err());
}

#[test]
fn a_resolver_dropped_outside_tasks_breaks_its_promise() {
    let (resolver, promise) = promise::<u32>();
    let made_at = line!() - 1;
    drop(resolver);
    let broken = promise.wait_blocking().unwrap_err();
    assert_eq!(broken.made_at().line(), made_at);
    assert_eq!((broken.task(), broken.panic_message()), (None, None));
    assert!(broken.to_string().contains("promise_broken.rs"), "{broken}");
}

#[async_dsl::test]
async fn a_dropped_resolver_breaks_its_promise_and_its_task_is_named() {
    let (resolver, promise) = promise::<u32>();
    let task = go!({ drop(resolver) });
    let line = task.started_at();
    let broken = promise.await.unwrap_err();
    assert_eq!((broken.task(), broken.panic_message()), (Some(line), None));
    task.await;
}

#[async_dsl::test]
async fn a_cancelled_task_breaks_its_promise_unless_it_has_delivered() {
    let (steps, (resolver, promise)) = (chan(), promise::<u32>());
    let waiter = go!(|promise| { promise.await.is_ok() });
    let task = go!(|steps| {
        put!(steps, 1).unwrap();
        resolver.deliver(1);
    });
    let canceller = go!(|steps| {
        put!(steps, 2).unwrap();
        task.cancel().await.is_some()
    });
    let finished = canceller.await;
    assert_eq!(promise.await.is_ok(), finished);
    assert_eq!(waiter.await, finished);
}

#[test]
fn the_last_of_the_shared_resolvers_breaks_the_promise() {
    let (resolver, promise) = promise::<u32>();
    let resolver = resolver.share();
    let other = resolver.clone();
    let mut yours = promise.clone();
    drop(resolver);
    assert!(yours.wait_blocking_for(Duration::ZERO).is_none());
    drop(other);
    assert!(yours.wait_blocking_for(Duration::ZERO).unwrap().is_err());
    assert!(promise.wait_blocking().is_err());
    assert!(!yours.is_delivered());
}

#[async_dsl::test]
async fn a_promise_is_broken_when_all_have_given_up_and_not_before() {
    let (resolver, promise) = promise::<u32>();
    let resolver = resolver.share();
    let gone = Arc::new(AtomicUsize::new(0));
    let give_up = |how: &'static str| {
        let (resolver, gone): (SharedResolver<u32>, _) = (resolver.clone(), gone.clone());
        go!({
            yield_now!();
            gone.fetch_add(1, Ordering::Relaxed);
            let _held = resolver;
            assert!(how != "panic", "{how}");
        })
    };
    let tasks = ["end", "panic", "end"].map(give_up);
    drop(resolver);
    let broken = promise.await.unwrap_err();
    assert_eq!(gone.load(Ordering::Relaxed), 3);
    // The last one is named.
    let last = broken.panic_message();
    assert!(last.is_none_or(|message| message == "panic"), "{broken}");
    assert!(broken.task().is_some());
    for task in tasks {
        task.outcome().await.ok();
    }
}

// A11
#[async_dsl::test]
async fn without_a_delivery_none_is_served_for_ever() {
    let (resolver, promise) = promise::<u32>();
    let early: Vec<_> = (0..5).map(|_| go!(|promise| promise.await)).collect();
    sleep!(1ms);
    let racing: Vec<_> = (0..5).map(|_| go!(|promise| promise.await)).collect();
    yield_now!();
    drop(resolver);
    for task in early.into_iter().chain(racing) {
        assert!(task.await.is_err());
    }
    for _ in 0..10 {
        assert!(promise.clone().await.is_err());
    }
}
