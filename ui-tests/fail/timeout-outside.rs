use async_dsl::prelude::*;

async fn plain() {
    let _ = timeout!(1s, { 1 });
}

fn main() {
    let _ = plain;
}
