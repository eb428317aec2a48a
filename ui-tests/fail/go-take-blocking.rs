use async_dsl::prelude::*;

fn main() {
    let c = chan::<i32>();
    go!({ c.take_blocking() });
}
