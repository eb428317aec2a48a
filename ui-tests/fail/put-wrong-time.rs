use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({ put!(c, 1, 0.5) });
}
