//! A panic that nobody awaits fails a simulated test, unless that says that it expects it.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::prelude::*;
use async_dsl::sim::{self, Cause, Config};
use async_dsl::task::on_unobserved_panic;

/// Starts a task that panics, and lets it.
#[linear]
async fn let_one_panic() {
    go!({ panic!("as expected") });
    sleep!(1ms);
}

#[async_dsl::test]
#[should_panic(expected = "unawaited_panics.rs:12:5, which nobody awaited")]
async fn it_fails_the_test_and_names_the_line_of_the_task() {
    let_one_panic().await;
}

#[async_dsl::test(unawaited_panics = fail, seeds = 20)]
#[should_panic(expected = "as expected")]
async fn it_may_be_said_that_it_fails_the_test() {
    let_one_panic().await;
}

#[async_dsl::test(unawaited_panics = allow)]
async fn it_may_be_allowed() {
    let_one_panic().await;
}

#[async_dsl::test(seeds = 20, unawaited_panics = "allow")]
async fn it_may_be_allowed_under_every_schedule() {
    let_one_panic().await;
}

#[async_dsl::test(unawaited_panics = allow)]
#[should_panic(expected = "of the body")]
async fn a_panic_of_the_body_is_never_allowed() {
    let_one_panic().await;
    panic!("of the body");
}

#[async_dsl::test(unawaited_panics = allow)]
#[should_panic(expected = "of an awaited task")]
async fn a_panic_that_is_awaited_is_never_allowed() {
    go!({ panic!("of an awaited task") }).await;
}

#[async_dsl::test(unawaited_panics = allow)]
#[should_panic(expected = "deadlock")]
async fn a_deadlock_is_never_allowed() {
    let_one_panic().await;
    let never = chan::fixed::<()>(1);
    take!(never);
}

#[async_dsl::test(threads = 2)]
async fn on_real_threads_it_fails_nothing() {
    let (ended, told) = promise::<()>();
    go!({
        let _ended = ended;
        panic!("as expected");
    });
    assert!(told.await.is_err());
}

#[test]
fn the_hook_is_told_of_what_is_allowed() {
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    on_unobserved_panic(|panic| {
        if panic.message() == "told" {
            TOLD.fetch_add(1, Ordering::Relaxed);
        }
    });
    let program = || {
        async_block!({
            go!({ panic!("told") });
            sleep!(1ms);
        })
    };
    let config = Config::new().seeds(10).allow_unawaited_panics(true);
    assert_eq!(sim::check(&config, program).unwrap().schedules, 10);
    assert_eq!(TOLD.load(Ordering::Relaxed), 10);
    let failure = sim::check(&config.allow_unawaited_panics(false), program).unwrap_err();
    assert!(matches!(
        failure.cause(),
        Cause::Panic {
            unobserved: Some(_),
            ..
        }
    ));
}
