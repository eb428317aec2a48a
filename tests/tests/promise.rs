//! Promises: delivered once, awaited by anyone, broken with a reason.

use std::sync::Arc;
use std::time::Duration;

use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use async_dsl::time;

// S1: outside tasks
#[test]
fn an_undelivered_promise_gives_nothing_in_no_time() {
    let (_resolver, mut promise) = promise::<u32>();
    assert!(promise.wait_blocking_for(Duration::ZERO).is_none());
    assert!(!promise.is_delivered());
}

// S1: outside tasks
#[test]
fn a_delivered_promise_can_be_read_any_number_of_times() {
    let (resolver, promise) = promise();
    resolver.deliver(322);
    let mut yours = promise.clone();
    for _ in 0..3 {
        let read = yours.wait_blocking_for(Duration::ZERO);
        assert_eq!(read.unwrap().unwrap(), 322);
    }
    assert!(promise.is_delivered());
}

// S1
#[async_dsl::test]
async fn whoever_reads_before_or_after_the_delivery_reads_it_any_number_of_times() {
    let (resolver, promise) = promise();
    assert!(timeout!(0ms, { (&promise).await }).is_err());
    let readers = [(); 3].map(|()| {
        go!(|promise| {
            for _ in 0..3 {
                assert_eq!((&promise).await.unwrap(), 322);
            }
        })
    });
    go!({
        yield_now!();
        resolver.deliver(322);
    });
    for reader in readers {
        reader.await;
    }
    assert!(promise.is_delivered());
    let read = timeout!(0ms, { (&promise).await });
    assert_eq!(read.unwrap().unwrap(), 322);
}

// S2
#[test]
fn only_the_first_delivery_counts() {
    let (resolver, promise) = promise();
    let first = resolver.share();
    let second = first.clone();
    assert!(first.deliver(42));
    assert!(!second.deliver(1000));
    assert!(!first.deliver(1000));
    drop((first, second));
    assert_eq!(promise.wait_blocking().unwrap(), 42);
}

// S2
#[async_dsl::test(seeds = 500)]
async fn of_racing_deliveries_the_first_counts_and_everybody_gets_it() {
    let (resolver, promise) = promise();
    let resolver = resolver.share();
    let racers = [1, 2, 3].map(|value| {
        let resolver = resolver.clone();
        go!({
            yield_now!();
            resolver.deliver(value).then_some(value)
        })
    });
    let readers = [(); 3].map(|()| go!(|promise| { promise.await.unwrap() }));
    let mut winners = Vec::new();
    for racer in racers {
        winners.extend(racer.await);
    }
    assert_eq!(winners.len(), 1);
    for reader in readers {
        assert_eq!(reader.await, winners[0]);
    }
}

// S20: driven by hand, for the pass on which it goes on
#[test]
fn a_parked_awaiter_goes_on_on_the_pass_after_the_delivery() {
    let scheduler = Scheduler::manual();
    let (resolver, promise) = promise();
    let task = scheduler.spawn(async move { promise.await.unwrap() + 1 });
    scheduler.run_until_parked();
    assert!(!task.is_finished());
    resolver.deliver(41);
    scheduler.run_once();
    assert!(task.is_finished());
    assert_eq!(scheduler.block_on(task), 42);
}

// S20
#[async_dsl::test]
async fn a_parked_awaiter_goes_on_when_the_value_comes() {
    let (resolver, promise) = promise();
    let task = go!({ promise.await.unwrap() + 1 });
    sleep!(1ms);
    assert!(!task.is_finished());
    let before = time::now();
    go!({ resolver.deliver(41) });
    assert_eq!(task.await, 42);
    assert_eq!(time::now(), before);
}

// S21
#[async_dsl::test]
async fn a_time_limit_on_a_promise_leaves_it_as_it_was() {
    let (resolver, mut promise) = promise();
    let late = go!({
        sleep!(100ms);
        resolver.deliver(42);
    });
    let task = go!({
        let early = timeout!(10ms, { (&mut promise).await }).is_ok();
        sleep!(200ms);
        let value = timeout!(0ms, { (&mut promise).await });
        (early, value.unwrap().unwrap())
    });
    assert_eq!(task.await, (false, 42));
    late.await;
}

// S21: a value that is not cloned, at the very moment at which the limit ends
#[async_dsl::test]
async fn a_delivery_at_the_deadline_is_in_time_or_there_afterwards() {
    let counted = Arc::new(());
    let (resolver, mut promise) = promise();
    go!(|counted| {
        sleep!(10ms);
        resolver.deliver(counted);
    });
    let value = match timeout!(10ms, { (&mut promise).await }) {
        Ok(value) => value.unwrap(),
        Err(_) => promise.await.unwrap(),
    };
    assert!(Arc::ptr_eq(&value, &counted));
    drop(value);
    assert_eq!(Arc::strong_count(&counted), 1, "moved out once");
}

// S22
#[test]
fn outside_tasks_a_time_limit_and_then_no_limit() {
    let (resolver, mut promise) = promise();
    assert!(
        promise
            .wait_blocking_for(Duration::from_millis(10))
            .is_none()
    );
    let deliverer = std::thread::spawn(move || resolver.deliver(2000));
    assert_eq!(promise.wait_blocking().unwrap(), 2000);
    deliverer.join().unwrap();
}

// S23
#[async_dsl::test]
async fn several_promises_that_depend_on_each_other() {
    let (resolve_first, first) = promise();
    let (resolve_second, second) = promise();
    go!(|first| { resolve_second.deliver(first.await.unwrap() + 1) });
    go!({
        sleep!(10ms);
        resolve_first.deliver(30);
    });
    let both = async_block!({ await!(first, second) }).await;
    assert_eq!([both.0.unwrap(), both.1.unwrap()], [30, 31]);
}

// S32
#[async_dsl::test]
async fn a_promise_of_a_result_carries_errors() {
    let (resolver, promise) = promise::<Result<u32, String>>();
    let waiters = [(); 3].map(|()| go!(|promise| { promise.await.unwrap() }));
    resolver.deliver(Err("out of luck".to_string()));
    for waiter in waiters {
        assert_eq!(waiter.await.unwrap_err(), "out of luck");
    }
}

// S33
#[test]
fn an_error_after_the_value_changes_nothing() {
    let (resolver, promise) = promise::<Result<u32, String>>();
    let resolver = resolver.share();
    assert!(resolver.deliver(Ok(322)));
    assert!(!resolver.deliver(Err("too late".to_string())));
    drop(resolver);
    assert_eq!(promise.clone().wait_blocking().unwrap(), Ok(322));
    assert_eq!(promise.wait_blocking().unwrap(), Ok(322));
}

// A11, B1
#[async_dsl::test]
async fn one_delivery_serves_all_awaiters_for_ever() {
    let (resolver, promise) = promise();
    let early: Vec<_> = (0..5).map(|_| go!(|promise| promise.await)).collect();
    sleep!(1ms);
    let racing: Vec<_> = (0..5).map(|_| go!(|promise| promise.await)).collect();
    let resolver = resolver.share();
    yield_now!();
    assert!(resolver.deliver(1));
    assert!(!resolver.deliver(2));
    for task in early.into_iter().chain(racing) {
        assert_eq!(task.await.unwrap(), 1);
    }
    drop(resolver);
    for _ in 0..10 {
        assert_eq!(promise.clone().await.unwrap(), 1);
    }
}

// I14
#[async_dsl::test]
async fn a_promise_of_nothing_is_still_kept() {
    let (resolver, promise) = promise::<()>();
    go!({ resolver.deliver(()) });
    promise.await.unwrap();
}

// X10
#[async_dsl::test]
async fn promises_nest_and_follow_one_another() {
    let (resolve_outer, outer) = promise::<Promise<Option<u32>>>();
    let (resolve_inner, inner) = promise();
    go!({ resolve_outer.deliver(inner) });
    go!({ resolve_inner.deliver(None) });
    assert_eq!(outer.await.unwrap().await.unwrap(), None);
}

#[async_dsl::test]
async fn a_value_that_can_not_be_cloned_is_moved_out_once() {
    struct Token(Arc<()>);
    let counted = Arc::new(());
    let (resolver, mut promise) = promise();
    let made_at = line!() - 1;
    resolver.deliver(Token(Arc::clone(&counted)));
    let token = (&mut promise).await.unwrap();
    assert_eq!(Arc::strong_count(&token.0), 2);
    assert!(promise.is_delivered());
    let again = go!({ promise.await.is_ok() }).outcome().await;
    let message = again.unwrap_err().to_string();
    assert!(
        message.contains(&format!("promise.rs:{made_at}")),
        "{message}"
    );
}

// Driven by hand, for the one that is woken and then dropped before it is polled.
#[test]
fn dropping_awaiters_at_any_point_loses_nothing() {
    let scheduler = Scheduler::manual();
    let (resolver, mut promise) = promise();
    // Parked, then dropped.
    let task = scheduler.spawn(promise.clone());
    scheduler.run_until_parked();
    scheduler.block_on(task.cancel());
    // Woken, then dropped before it is polled.
    let task = scheduler.spawn(promise.clone());
    scheduler.run_until_parked();
    let waiter = scheduler.spawn(promise.clone());
    scheduler.run_until_parked();
    resolver.deliver(42);
    let cancelled = task.cancel();
    assert_eq!(scheduler.block_on(waiter).unwrap(), 42);
    drop(cancelled);
    assert_eq!(scheduler.block_on(&mut promise).unwrap(), 42);
}

#[async_dsl::test]
async fn awaiters_cancelled_at_any_moment_take_nothing_from_the_others() {
    let (steps, (resolver, promise)) = (chan(), promise());
    let awaiters = [(); 4].map(|()| go!(|promise| { promise.await.unwrap() }));
    go!(|steps| {
        put!(steps, 0).unwrap();
        resolver.deliver(42);
    });
    let [first, second, ..] = awaiters.each_ref().map(Task::canceller);
    go!(|steps| {
        for canceller in [first, second] {
            put!(steps, 1).unwrap();
            canceller.cancel();
        }
    });
    let mut outcomes = Vec::new();
    for awaiter in awaiters {
        outcomes.push(awaiter.outcome().await.ok());
    }
    assert!(outcomes[..2].iter().flatten().all(|value| *value == 42));
    assert_eq!(outcomes[2..], [Some(42); 2]);
    assert_eq!(promise.await.unwrap(), 42);
}

#[test]
fn many_threads_deliver_and_await() {
    let scheduler = Scheduler::global();
    let ends: Vec<_> = (0..1000).map(|_| promise::<usize>()).collect();
    let (resolvers, promises): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
    let readers: Vec<_> = promises
        .iter()
        .flat_map(|promise| [promise.clone(), promise.clone()])
        .map(|promise| scheduler.spawn(async move { promise.await.unwrap() }))
        .collect();
    for (value, resolver) in resolvers.into_iter().enumerate() {
        let resolver = resolver.share();
        for _ in 0..2 {
            let resolver = resolver.clone();
            scheduler
                .spawn(async move { resolver.deliver(value) })
                .detach();
        }
    }
    for (index, reader) in readers.into_iter().enumerate() {
        assert_eq!(async_dsl::block_on(reader), index / 2);
    }
}
