//! Tokens that tell several tasks to end.

use async_dsl::prelude::*;
use async_dsl::task::join_each;

#[async_dsl::test]
async fn every_waiter_is_told_and_ends_in_its_own_way() {
    let token = CancelToken::new();
    let tasks: Vec<_> = (0..10)
        .map(|n| {
            go!(|token| {
                alt! {
                    () = await!(token.cancelled()) => n,
                    sleep!(1h) => unreachable!("it was cancelled long before"),
                }
            })
        })
        .collect();
    sleep!(1ms);
    token.cancel();
    let ended = join_each(tasks).await;
    assert_eq!(ended, (0..10).collect::<Vec<_>>());
}

#[async_dsl::test]
async fn a_cancellation_reaches_children_and_never_the_parent() {
    let root = CancelToken::new();
    let child = root.child();
    let grandchild = child.child();
    let other = root.child();
    child.cancel();
    assert!(grandchild.is_cancelled());
    assert!(!root.is_cancelled() && !other.is_cancelled());
    let waits = go!(|other| await!(other.cancelled()));
    sleep!(1ms);
    root.cancel();
    waits.await;
    assert!(root.child().is_cancelled());
}

/// What is between them is kept by the one below.
#[async_dsl::test]
async fn a_cancellation_passes_tokens_that_nobody_holds() {
    let root = CancelToken::new();
    let leaf = root.child().child().child();
    root.cancel();
    leaf.cancelled().await;
}

#[async_dsl::test]
async fn a_child_made_while_its_parent_is_cancelled_is_cancelled() {
    let root = CancelToken::new();
    let c = chan();
    let cancels = go!(|root, c| {
        put!(c, ()).unwrap();
        root.cancel();
    });
    put!(c, ()).unwrap();
    let child = root.child();
    put!(c, ()).unwrap();
    cancels.await;
    child.cancelled().await;
    assert!(child.is_cancelled());
}

#[async_dsl::test(threads = 2)]
async fn no_child_is_forgotten_by_a_cancellation_on_another_thread() {
    for _ in 0..1_000 {
        let root = CancelToken::new();
        let child = go!(|root| root.child());
        root.cancel();
        let child = child.await;
        child.cancelled().await;
    }
}

#[async_dsl::test]
async fn a_wait_that_loses_waits_again() {
    let token = CancelToken::new();
    let told = token.cancelled();
    for _ in 0..3 {
        alt! {
            () = await!(&told) => panic!("nobody has cancelled it"),
            sleep!(1ms) => {}
        }
    }
    token.cancel();
    told.await;
}

#[async_dsl::test]
async fn a_guard_cancels_when_a_task_panics() {
    let token = CancelToken::new();
    let outcome = go!(|token| {
        let _guard = token.guard();
        sleep!(1ms);
        assert!(token.is_cancelled(), "no luck");
    })
    .outcome();
    let told = go!(|token| await!(token.cancelled()));
    assert!(outcome.await.is_err());
    told.await;
    let kept = CancelToken::new();
    let _ = kept.guard().disarm();
    assert!(!kept.is_cancelled());
}

#[test]
fn a_token_forgets_the_children_that_are_dropped() {
    let root = CancelToken::new();
    for _ in 0..100_000 {
        drop(root.child());
    }
    let mut chain = root.child();
    for _ in 0..100_000 {
        chain = chain.child();
    }
    root.cancel();
    assert!(chain.is_cancelled());
    drop(chain); // not by recursion
    let mut chain = CancelToken::new();
    for _ in 0..100_000 {
        chain = chain.child();
    }
    drop(chain);
}
