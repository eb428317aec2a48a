use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({ put!(c, None, 1s, 1) });
}
