use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({ take!(c, 100, 1) });
}
