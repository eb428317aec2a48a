//! `#[async_dsl::main(tokio)]`: one for each process.

use std::time::Duration;

use async_dsl::prelude::*;

#[async_dsl::main(tokio, workers = 2)]
async fn program() -> u32 {
    tokio::time::sleep(Duration::from_millis(1)).await;
    let task = go!({
        let theirs = tokio::spawn(async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            42
        });
        theirs.await.unwrap()
    });
    task.await
}

#[test]
fn main_and_its_tasks_have_a_runtime() {
    assert_eq!(program(), 42);
}
