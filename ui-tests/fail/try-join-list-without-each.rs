use async_dsl::prelude::*;

fn main() {
    let tasks = vec![go!({ Ok::<i32, ()>(1) })];
    go!({ try_join!(tasks) });
}
