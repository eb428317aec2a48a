use async_dsl::prelude::*;

async fn plain() {
    let _ = yield_now!();
}

fn main() {
    let _ = plain;
}
