use async_dsl::prelude::*;

async fn plain(_c: Chan<i32>) {
    let _ = alt! { n = take!(_c) => n };
}

fn main() {
    let _ = plain;
}
