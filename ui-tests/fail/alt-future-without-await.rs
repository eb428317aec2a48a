use async_dsl::prelude::*;

async fn answer() -> Option<u8> {
    Some(42)
}

fn main() {
    let c = chan::<u8>();
    go!(|c| {
        alt! {
            n = take!(c) => n,
            n = answer().await => n,
        }
    });
}
