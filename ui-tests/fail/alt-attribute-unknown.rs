use async_dsl::prelude::*;

fn main() {
    let c = chan::<u8>();
    go!({
        alt! {
            #[inline]
            n = take!(c) => n,
        };
    });
}
