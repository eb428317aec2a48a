use async_dsl::prelude::*;

fn main() {
    let c = chan::<u8>();
    go!(|c| {
        let answer = async { 42_u8 };
        alt! {
            n = take!(c) => n,
            n = await!(answer) => Some(n),
        }
    });
}
