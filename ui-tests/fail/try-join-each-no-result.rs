use async_dsl::prelude::*;

fn main() {
    let tasks = vec![go!({ 1 }), go!({ 2 })];
    go!({ try_join!(each tasks) });
}
