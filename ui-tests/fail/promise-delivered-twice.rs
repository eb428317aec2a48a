use async_dsl::prelude::*;

fn main() {
    let (resolver, _promise) = promise::<i32>();
    resolver.deliver(1);
    resolver.deliver(2);
}
