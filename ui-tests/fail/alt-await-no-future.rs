use async_dsl::prelude::*;

fn main() {
    let c = chan::<u8>();
    go!(|c| {
        alt! {
            n = take!(c) => n,
            n = await!(c) => n,
        }
    });
}
