use async_dsl::prelude::*;

#[linear]
fn next(c: &Chan<i32>) -> impl Future<Output = Option<i32>> {
    let first = take!(c);
    async move { first.or(take!(c)) }
}

fn main() {
    let _ = next(&chan());
}
