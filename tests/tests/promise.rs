//! Promises: delivered once, awaited by anyone, broken with a reason.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use async_dsl::ops::join::join;
use async_dsl::ops::timeout::timeout;
use async_dsl::promise::{Promise, promise};
use async_dsl::scheduler::Scheduler;
use async_dsl::task::TaskError;
use async_dsl::time::sleep;

const MS: Duration = Duration::from_millis(1);

// S1
#[test]
fn an_undelivered_promise_gives_nothing_in_no_time() {
    let (_resolver, mut promise) = promise::<u32>();
    assert!(promise.wait_blocking_for(Duration::ZERO).is_none());
    assert!(!promise.is_delivered());
}

// S1
#[test]
fn a_delivered_promise_can_be_read_any_number_of_times() {
    let (resolver, promise) = promise();
    resolver.deliver(322);
    let mut yours = promise.clone();
    for _ in 0..3 {
        assert_eq!(
            yours.wait_blocking_for(Duration::ZERO).unwrap().unwrap(),
            322
        );
    }
    Scheduler::manual().block_on(async {
        for _ in 0..3 {
            assert_eq!((&promise).await.unwrap(), 322);
        }
    });
    assert!(promise.is_delivered());
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

// S20
#[test]
fn a_parked_awaiter_goes_on_when_the_value_comes() {
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

// S21
#[test]
fn a_time_limit_on_a_promise_leaves_it_as_it_was() {
    let scheduler = Scheduler::virtual_time();
    let (resolver, mut promise) = promise();
    let late = scheduler.spawn(async move {
        sleep(100 * MS).await;
        resolver.deliver(42);
    });
    let task = scheduler.spawn(async move {
        let early = timeout(10 * MS, &mut promise).await.is_ok();
        sleep(200 * MS).await;
        let value = timeout(Duration::ZERO, &mut promise).await;
        (early, value.unwrap().unwrap())
    });
    assert_eq!(scheduler.block_on(task), (false, 42));
    scheduler.block_on(late);
}

// S22
#[test]
fn outside_tasks_a_time_limit_and_then_no_limit() {
    let (resolver, mut promise) = promise();
    assert!(promise.wait_blocking_for(10 * MS).is_none());
    let deliverer = std::thread::spawn(move || resolver.deliver(2000));
    assert_eq!(promise.wait_blocking().unwrap(), 2000);
    deliverer.join().unwrap();
}

// S23
#[test]
fn several_promises_that_depend_on_each_other() {
    let scheduler = Scheduler::virtual_time();
    let (resolve_first, first) = promise();
    let (resolve_second, second) = promise();
    let read = first.clone();
    scheduler
        .spawn(async move { resolve_second.deliver(read.await.unwrap() + 1) })
        .detach();
    scheduler
        .spawn(async move {
            sleep(10 * MS).await;
            resolve_first.deliver(30);
        })
        .detach();
    let (first, second) = scheduler.block_on(join((first, second)));
    assert_eq!([first.unwrap(), second.unwrap()], [30, 31]);
}

// S31, X8
#[test]
fn a_panicking_task_breaks_its_promise_with_its_message() {
    let scheduler = Scheduler::manual();
    let (resolver, promise) = promise::<u32>();
    let task = scheduler.spawn(async move {
        let _resolver = resolver;
        panic!("no more fuel");
    });
    let line = task.spawned_at();
    scheduler.run_until_parked();
    let broken = scheduler.block_on(promise).unwrap_err();
    assert_eq!(broken.panic_message(), Some("no more fuel"));
    assert_eq!(broken.task(), Some(line));
    assert!(broken.to_string().contains("no more fuel"), "{broken}");
    assert!(broken.to_string().contains(&line.to_string()), "{broken}");
    let Err(TaskError::Panicked(panic)) = scheduler.block_on(task.outcome()) else {
        panic!("the task did not panic")
    };
    assert_eq!(panic.message(), "no more fuel");
}

// X8
#[test]
fn a_parked_awaiter_is_told_of_the_panic() {
    let scheduler = Scheduler::virtual_time();
    let (resolver, promise) = promise::<u32>();
    let waiter = scheduler.spawn(promise);
    let task = scheduler.spawn(async move {
        sleep(MS).await;
        drop(join((async { resolver }, async { panic!("mid-way") })).await);
    });
    let broken = scheduler.block_on(waiter).unwrap_err();
    assert_eq!(broken.panic_message(), Some("mid-way"));
    assert!(scheduler.block_on(task.outcome()).is_err());
}

#[test]
fn a_dropped_resolver_breaks_its_promise() {
    let (resolver, promise) = promise::<u32>();
    let made_at = line!() - 1;
    drop(resolver);
    let broken = promise.wait_blocking().unwrap_err();
    assert_eq!(broken.made_at().line(), made_at);
    assert_eq!((broken.task(), broken.panic_message()), (None, None));
    assert!(broken.to_string().contains("promise.rs"), "{broken}");

    let scheduler = Scheduler::manual();
    let (resolver, promise) = async_dsl::promise::promise::<u32>();
    let task = scheduler.spawn(async move { drop(resolver) });
    let line = task.spawned_at();
    let broken = scheduler.block_on(promise).unwrap_err();
    assert_eq!((broken.task(), broken.panic_message()), (Some(line), None));
    scheduler.block_on(task);
}

#[test]
fn a_cancelled_task_breaks_its_promise() {
    let scheduler = Scheduler::manual();
    let (resolver, promise) = promise::<u32>();
    let task = scheduler.spawn(async move {
        std::future::pending::<()>().await;
        resolver.deliver(1);
    });
    scheduler.run_until_parked();
    assert!(scheduler.block_on(task.cancel()).is_none());
    assert!(scheduler.block_on(promise).is_err());
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

// S32
#[test]
fn a_promise_of_a_result_carries_errors() {
    let scheduler = Scheduler::manual();
    let (resolver, promise) = promise::<Result<u32, String>>();
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let promise = promise.clone();
            scheduler.spawn(async move { promise.await.unwrap() })
        })
        .collect();
    scheduler.run_until_parked();
    resolver.deliver(Err("out of luck".to_string()));
    for waiter in waiters {
        assert_eq!(scheduler.block_on(waiter).unwrap_err(), "out of luck");
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
#[test]
fn one_delivery_serves_all_awaiters_for_ever() {
    let scheduler = Scheduler::manual();
    let (resolver, promise) = promise();
    let parked: Vec<_> = (0..10).map(|_| scheduler.spawn(promise.clone())).collect();
    scheduler.run_until_parked();
    let resolver = resolver.share();
    assert!(resolver.deliver(1));
    assert!(!resolver.deliver(2));
    for task in parked {
        assert_eq!(scheduler.block_on(task).unwrap(), 1);
    }
    drop(resolver);
    for _ in 0..10 {
        assert_eq!(scheduler.block_on(promise.clone()).unwrap(), 1);
    }
}

// A11
#[test]
fn without_a_delivery_none_is_served_for_ever() {
    let scheduler = Scheduler::manual();
    let (resolver, promise) = promise::<u32>();
    let parked: Vec<_> = (0..10).map(|_| scheduler.spawn(promise.clone())).collect();
    scheduler.run_until_parked();
    drop(resolver);
    for task in parked {
        assert!(scheduler.block_on(task).is_err());
    }
    for _ in 0..10 {
        assert!(scheduler.block_on(promise.clone()).is_err());
    }
}

// I14
#[test]
fn a_promise_of_nothing_is_still_kept() {
    let scheduler = Scheduler::manual();
    let (resolver, promise) = promise::<()>();
    scheduler
        .spawn(async move { resolver.deliver(()) })
        .detach();
    scheduler.block_on(promise).unwrap();
}

// X10
#[test]
fn promises_nest_and_follow_one_another() {
    let scheduler = Scheduler::manual();
    let (resolve_outer, outer) = promise::<Promise<Option<u32>>>();
    let (resolve_inner, inner) = promise();
    resolve_outer.deliver(inner);
    resolve_inner.deliver(None);
    let value = scheduler.block_on(async { outer.await.unwrap().await.unwrap() });
    assert_eq!(value, None);
}

#[test]
fn a_value_that_can_not_be_cloned_is_moved_out_once() {
    struct Token(Arc<()>);
    let counted = Arc::new(());
    let (resolver, mut promise) = promise();
    let made_at = line!() - 1;
    resolver.deliver(Token(Arc::clone(&counted)));
    let scheduler = Scheduler::manual();
    let token = scheduler.block_on(&mut promise).unwrap();
    assert_eq!(Arc::strong_count(&token.0), 2);
    assert!(promise.is_delivered());
    let again = catch_unwind(AssertUnwindSafe(|| {
        scheduler.block_on(&mut promise).is_ok()
    }));
    let message = *again.unwrap_err().downcast::<String>().unwrap();
    assert!(
        message.contains(&format!("promise.rs:{made_at}")),
        "{message}"
    );
}

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

#[test]
fn blocking_inside_a_task_is_a_panic_that_names_both_lines() {
    let scheduler = Scheduler::manual();
    let (_resolver, promise) = promise::<u32>();
    let task = scheduler.spawn(async move { promise.wait_blocking() });
    let started = task.spawned_at().to_string();
    let error = scheduler.block_on(task.outcome()).unwrap_err().to_string();
    assert!(error.contains(&started), "{error}");
    assert!(error.contains("Promise::wait_blocking"), "{error}");
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
