use async_dsl::prelude::*;

async fn plain() {
    let _ = sleep!(std::time::Duration::ZERO);
}

fn main() {
    let _ = plain;
}
