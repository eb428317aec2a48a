use async_dsl::prelude::*;

async fn plain(_c: Chan<i32>) {
    let _ = take!(_c);
}

fn main() {
    let _ = plain;
}
