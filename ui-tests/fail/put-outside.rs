use async_dsl::prelude::*;

async fn plain(_c: Chan<i32>) {
    let _ = put!(_c, 1);
}

fn main() {
    let _ = plain;
}
