use async_dsl::prelude::*;

#[linear]
fn next(c: &Chan<i32>) -> Option<i32> {
    take!(c)
}

fn main() {
    let _ = next(&chan());
}
