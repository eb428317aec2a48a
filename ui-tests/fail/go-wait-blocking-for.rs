use async_dsl::prelude::*;

fn main() {
    let (_resolver, mut promise) = promise::<i32>();
    go!({ promise.wait_blocking_for(1s) });
}
