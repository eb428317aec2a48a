use async_dsl::prelude::*;

fn main() {
    let c = chan::<u8>();
    go!({
        alt! {
            #[cfg(unix)]
            biased;
            n = take!(c) => n,
        };
    });
}
