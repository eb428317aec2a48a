use async_dsl::prelude::*;

async fn plain(task: Task<i32>) -> i32 {
    await!(task)
}

fn main() {
    let _ = plain;
}
