use async_dsl::prelude::*;

fn main() {
    let tasks = vec![go!({ 1 })];
    go!({ race!(tasks) });
}
