use async_dsl::prelude::*;

#[linear(workers = 2)]
async fn next() {}

fn main() {
    drop(next());
}
