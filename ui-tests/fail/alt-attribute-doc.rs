use async_dsl::prelude::*;

fn main() {
    let c = chan::<u8>();
    go!({
        alt! {
            /// The next number,
            /// if there is one.
            n = take!(c) => n,
        };
    });
}
