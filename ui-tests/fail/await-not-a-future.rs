use async_dsl::prelude::*;

struct Order;

async fn fetch(id: u32) -> u32 {
    id
}

fn main() {
    go!({ Order.await });
    go!({ fetch(1).await.await });
    go!({ fetch.await });
}
