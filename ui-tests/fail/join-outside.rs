use async_dsl::prelude::*;

async fn plain(one: Task<i32>, two: Task<i32>) {
    let _ = join!(one, two);
}

fn main() {
    let _ = plain;
}
