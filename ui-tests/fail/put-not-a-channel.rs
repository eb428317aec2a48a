use async_dsl::prelude::*;

fn main() {
    let (resolver, _promise) = promise::<i32>();
    go!({ put!(resolver, 1) });
}
