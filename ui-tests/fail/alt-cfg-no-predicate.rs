use async_dsl::prelude::*;

fn main() {
    let c = chan::<u8>();
    go!({
        alt! {
            #[cfg(unix, windows)]
            n = take!(c) => n,
            sleep!(1s) => None,
        };
    });
}
