use async_dsl::prelude::*;

fn main() {
    let c = chan::<u8>();
    go!({
        alt! {
            n = take!(c) => n,
            #[cfg(all())]
            default => None,
            #[cfg(not(any()))]
            default => None,
        };
    });
}
