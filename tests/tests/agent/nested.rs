//! What actions send is held until they have succeeded.

use std::future::pending;
use std::sync::Arc;

use async_dsl::agent::ErrorMode;
use async_dsl::prelude::*;

#[async_dsl::test]
async fn what_an_action_sends_is_held_until_it_has_succeeded() {
    let (log, outer) = (agent(Vec::new()), agent(0));
    let (resolver, promise) = promise();
    let (sink, again) = (log.clone(), outer.clone());
    send!(outer, |n| {
        for word in ["one", "two"] {
            send!(sink, |mut log: Vec<_>| {
                log.push(word);
                log
            })
            .unwrap();
        }
        send!(again, |n| { n + 10 }).unwrap();
        promise.await.unwrap();
        n + 1
    })
    .unwrap();
    sleep!(1ms);
    assert!(log.is_idle());
    assert_eq!(log.get().unwrap(), Vec::<&str>::new());
    resolver.deliver(());
    outer.settled().await.unwrap();
    sleep!(1ms);
    assert_eq!(log.get().unwrap(), ["one", "two"]);
    assert_eq!(outer.get().unwrap(), 11);
}

#[async_dsl::test]
async fn what_a_failed_action_sent_is_dropped() {
    let (log, outer) = (agent(0).limit(1), agent(0).error_mode(ErrorMode::Continue));
    let counted = Arc::new(());
    for fails in ["error", "panic"] {
        let (sink, again, held) = (log.clone(), outer.clone(), Arc::clone(&counted));
        send!(outer, |_| -> Result<i32, &'static str> {
            send!(sink, |n| { n + usize::from(Arc::strong_count(&held) > 0) }).unwrap();
            send!(again, |n| { n + 1 }).unwrap();
            yield_now!();
            assert!(fails != "panic", "on purpose");
            Err("on purpose")
        })
        .unwrap();
        outer.settled().await.unwrap();
        sleep!(1ms);
        assert_eq!((log.get().unwrap(), outer.get().unwrap()), (0, 0));
        assert_eq!(Arc::strong_count(&counted), 1);
    }
    // The place that was kept for it is free again.
    send!(log, |n| { n + 5 }).unwrap();
    log.settled().await.unwrap();
    assert_eq!(log.get().unwrap(), 5);
}

// Two agents that send each other things, and some of their actions fail.
#[async_dsl::test(seeds = 500)]
async fn who_is_sent_something_finds_the_state_of_the_action_that_sent_it() {
    let sums = [(); 2].map(|()| agent(Vec::new()).error_mode(ErrorMode::Continue));
    let told = agent(Vec::new());
    let senders = [0, 1].map(|side| {
        let (own, other, told) = (sums[side].clone(), sums[1 - side].clone(), told.clone());
        go!({
            for number in [1, 2, 3].map(|n| 10 * side + n) {
                let (source, other, told) = (own.clone(), other.clone(), told.clone());
                send!(own, |mut seen: Vec<usize>| -> Result<Vec<usize>, String> {
                    send!(other, |mut seen: Vec<usize>| {
                        yield_now!();
                        seen.push(number + 100);
                        seen
                    })
                    .unwrap();
                    yield_now!();
                    send!(told, |mut told: Vec<usize>| {
                        assert!(source.get().unwrap().contains(&number));
                        told.push(number);
                        told
                    })
                    .unwrap();
                    if number % 10 == 2 {
                        return Err(format!("{number} fails"));
                    }
                    seen.push(number);
                    Ok(seen)
                })
                .unwrap();
                yield_now!();
            }
        })
    });
    for sender in senders {
        sender.await;
    }
    sleep!(1ms);
    let told = told.get().unwrap();
    for (side, sum) in sums.iter().enumerate() {
        let (own, other) = (10 * side, 10 * (1 - side) + 100);
        let seen = sum.get().unwrap();
        let of = |all: &[usize], from: usize| -> Vec<usize> {
            let part = from..from + 10;
            all.iter().copied().filter(|n| part.contains(n)).collect()
        };
        assert_eq!(of(&seen, own), [own + 1, own + 3]);
        assert_eq!(of(&seen, other), [other + 1, other + 3], "in order");
        assert_eq!(of(&told, own), [own + 1, own + 3]);
    }
}

#[async_dsl::test]
async fn what_the_tasks_of_an_action_send_is_not_held() {
    let (log, outer) = (agent(0), agent(0));
    let sink = log.clone();
    send!(outer, |n| {
        go!({ send!(sink, |n| { n + 1 }).unwrap() });
        pending::<()>().await;
        n
    })
    .unwrap();
    sleep!(1ms);
    assert_eq!(log.get().unwrap(), 1);
    assert!(!outer.is_idle());
}
