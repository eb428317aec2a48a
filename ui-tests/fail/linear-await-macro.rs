use async_dsl::prelude::*;

#[linear]
async fn next(task: Task<i32>) -> i32 {
    await!(task)
}

fn main() {
    drop(next(go!({ 1 })));
}
