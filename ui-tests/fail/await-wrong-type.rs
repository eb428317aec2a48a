use async_dsl::prelude::*;

async fn fetch(id: u32) -> u32 {
    id
}

#[linear]
async fn named() -> String {
    fetch(1).await
}

fn main() {
    go!({
        let text: String = fetch(1).await;
        drop(text);
    });
    go!({ fetch("a").await });
}
