use async_dsl::prelude::*;

fn main() {
    let (_resolver, promise) = promise::<i32>();
    go!({ promise.wait_blocking() });
}
