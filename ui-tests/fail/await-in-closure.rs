use async_dsl::prelude::*;

fn main() {
    let tasks = vec![go!({ 1 })];
    go!({
        let sum: i32 = tasks.into_iter().map(|task| await!(task)).sum();
        sum
    });
}
