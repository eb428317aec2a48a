use async_dsl::prelude::*;

async fn plain(one: Task<Result<i32, ()>>, two: Task<Result<i32, ()>>) {
    let _ = try_join!(one, two);
}

fn main() {
    let _ = plain;
}
