//! Blocking calls that hide from the macros in a plain function are found when they are made.

use async_dsl::prelude::*;
use async_dsl::task::TaskError;

fn hidden_take(c: &Chan<i32>) -> Option<i32> {
    c.take_blocking()
}

fn hidden_put(c: &Chan<i32>) {
    c.put_blocking(1).ok();
}

fn hidden_wait(promise: Promise<i32>) -> Option<i32> {
    promise.wait_blocking().ok()
}

fn hidden_block_on() {
    async_dsl::block_on(async {});
}

/// The message of the task's panic; it must name the task's line and another one of this file.
async fn message(task: Task<()>) -> String {
    let started = task.started_at().to_string();
    match task.outcome().await {
        Err(TaskError::Panicked(panic)) => {
            let message = panic.message().to_owned();
            assert!(message.contains(&started), "{message}");
            let lines = message.matches(file!()).count();
            assert_eq!(lines, 2, "both lines are named: {message}");
            message
        }
        other => panic!("it should have panicked: {other:?}"),
    }
}

// N12
#[async_dsl::test]
async fn a_blocking_take_in_a_task_panics_and_names_both_lines() {
    let c = chan::fixed(1);
    c.put(1).await.unwrap(); // even if it would not have blocked
    let task = go!(|c| {
        let _ = hidden_take(&c);
    });
    assert!(message(task).await.contains("`take_blocking`"));
}

// N12
#[async_dsl::test]
async fn a_blocking_put_in_a_task_panics_and_names_both_lines() {
    let c = chan::fixed(1);
    let task = go!(|c| { hidden_put(&c) });
    assert!(message(task).await.contains("`put_blocking`"));
    assert!(c.is_empty(), "nothing was put");
}

// N12
#[async_dsl::test]
async fn a_blocking_wait_in_a_task_panics_and_names_both_lines() {
    let (_resolver, promise) = promise();
    let task = go!({
        let _ = hidden_wait(promise);
    });
    assert!(message(task).await.contains("`Promise::wait_blocking`"));
}

// N12
#[async_dsl::test]
async fn block_on_in_a_task_panics_and_names_both_lines() {
    let task = go!({ hidden_block_on() });
    assert!(message(task).await.contains("`block_on`"));
}

// A13
#[async_dsl::test(threads = 2)]
async fn threads_may_block_on_channels_in_a_chain() {
    let (first, second) = (chan::fixed(0), chan::fixed(0));
    thread!(|first, second| {
        let word: &str = first.take_blocking().unwrap();
        second
            .put_blocking(word.to_uppercase().chars().rev().collect::<String>())
            .unwrap();
    });
    let last = thread!(|second| { second.take_blocking() });
    put!(first, "loop").unwrap();
    assert_eq!(last.await.as_deref(), Some("POOL"));
}
