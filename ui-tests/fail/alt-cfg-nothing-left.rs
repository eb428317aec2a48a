use async_dsl::prelude::*;

fn main() {
    let c = chan::<u8>();
    go!({
        alt! {
            #[cfg(any())]
            n = take!(c) => n,
        };
    });
}
